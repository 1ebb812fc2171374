"""What sources.yml may say of sources that are read through an API."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.hubspot.config import HubSpotSource
from connectors.salesforce.config import SalesforceSource
from connectors.sources import API_STREAMS, Sources, load_sources
from connectors.typed_yaml import ConfigurationError

BOTH = """\
company: acme
sources:
  - name: hubspot
    kind: hubspot
    token_env: HUBSPOT_TOKEN
    leave_out: [campaigns, campaign_spend]
  - name: salesforce
    kind: salesforce
    client_credentials: {client_id_env: SF_ID, client_secret_env: SF_SECRET}
    quota_share: 30 %
"""


def _load(folder: Path, text: str) -> Sources:
    (folder / "sources.yml").write_text(text, encoding="utf-8")
    return load_sources(folder / "sources.yml")


def test_a_portal_and_an_org_need_little_more_than_the_names_of_their_secrets(
    tmp_path: Path,
) -> None:
    hubspot, salesforce = _load(tmp_path, BOTH).sources
    assert isinstance(hubspot, HubSpotSource)
    assert isinstance(salesforce, SalesforceSource)
    assert (hubspot.token_env, hubspot.url) == ("HUBSPOT_TOKEN", "https://api.hubapi.com")
    assert salesforce.quota_share == pytest.approx(0.3)


def test_streams_that_are_left_out_are_not_read(tmp_path: Path) -> None:
    hubspot, _ = _load(tmp_path, BOTH).sources
    names = {stream.name for stream in hubspot.streams}
    assert names == {stream.name for stream in API_STREAMS["hubspot"]} - {
        "campaigns",
        "campaign_spend",
    }


def test_the_agreement_may_name_the_words_of_their_stages_and_teams(tmp_path: Path) -> None:
    assert _load(tmp_path, BOTH).vocabularies() == {
        "hubspot.contacts.lifecyclestage",
        "hubspot.contacts.hs_lead_status",
        "hubspot.deals.dealstage",
        "hubspot.owners.team",
        "salesforce.leads.status",
        "salesforce.opportunities.stage_name",
        "salesforce.users.role",
    }


@pytest.mark.parametrize(
    ("change", "line", "field", "says"),
    [
        ({"token_env: HUBSPOT_TOKEN": "token_env: pat-na1-4711"}, 5, "sources.0.token_env", "name"),
        ({"    token_env: HUBSPOT_TOKEN\n": ""}, 3, "sources.0.token_env", "either `token_env`"),
        ({"[campaigns,": "[campains,"}, 6, "sources.0.leave_out", "not campains"),
        ({"kind: hubspot": "kind: hubspott"}, 4, "sources.0.kind", "files, hubspot, salesforce"),
        ({"quota_share: 30 %": "quota_share: 30"}, 10, "sources.1.quota_share", "less than"),
        (
            {"quota_share: 30 %": "login_url: http://login.example.com"},
            10,
            "sources.1.login_url",
            "https",
        ),
        (
            {"leave_out: [campaigns, campaign_spend]": "disqualification_reason: Why not?"},
            6,
            "sources.0.disqualification_reason",
            "internal name",
        ),
        (
            {"quota_share: 30 %": "close_reason: Loss Reason"},
            10,
            "sources.1.close_reason",
            "API name",
        ),
        ({"leave_out": "leaveout"}, 6, "sources.0.leaveout", "did you mean `leave_out`?"),
    ],
)
def test_a_fault_names_its_line_its_field_and_what_was_expected(
    tmp_path: Path, change: Mapping[str, str], line: int, field: str, says: str
) -> None:
    text = BOTH
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, text)
    [fault] = caught.value.faults
    assert (fault.line, fault.field) == (line, field)
    assert says in fault.message


def test_a_token_in_the_place_of_its_variable_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, BOTH.replace("HUBSPOT_TOKEN", "pat-na1-4711", 1))
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(API_STREAMS))
def test_every_stream_declares_its_key_and_what_it_tells_of(kind: str) -> None:
    for stream in API_STREAMS[kind]:
        assert set(stream.key) <= set(stream.columns), stream.name
        assert stream.watermark is None or stream.watermark in stream.columns, stream.name
        assert len({s.name for s in API_STREAMS[kind]}) == len(API_STREAMS[kind])
