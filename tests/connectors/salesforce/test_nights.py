"""Night after night: what changed lands, once, however it changed and whenever it showed itself."""

from datetime import timedelta

import pytest

from connectors.sandbox.serving import Request, Response
from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.org_server import SmallOrg, error, reset


def test_only_what_changed_lands(org: SmallOrg, loaded: Loaded) -> None:
    ids = [org.add("Lead", Status="New") for _ in range(30)]
    loaded.load("leads")
    org.pass_time(days=1)
    org.change("Lead", ids[3], Status="MQL")
    new = org.add("Lead", Status="New")
    org.pass_time(minutes=1)
    assert loaded.load("leads").rows == 2
    assert loaded.newest("leads")[ids[3]]["status"] == "MQL"
    assert new in loaded.live("leads")


def test_a_quiet_night_lands_nothing_and_asks_a_handful(org: SmallOrg, loaded: Loaded) -> None:
    for _ in range(3_000):
        org.add("Lead")
    loaded.load("leads")
    org.pass_time(days=1)
    loaded.load("leads")
    org.pass_time(hours=20)
    for _ in range(3):
        org.pass_time(minutes=15)
        before, rows = len(org.asked), len(loaded.rows("leads"))
        loaded.load("leads")
        assert len(loaded.rows("leads")) == rows
        assert len(org.asked) - before <= 5


def test_a_row_that_shows_itself_late_lands(org: SmallOrg, loaded: Loaded) -> None:
    org.add("Lead")
    org.pass_time(days=1)
    org.add("Lead")
    loaded.load("leads")
    late = org.now - timedelta(minutes=6)
    id_ = org.add("Lead", SystemModstamp=late, CreatedDate=late)
    org.pass_time(days=1)
    assert loaded.load("leads").rows == 1
    assert id_ in loaded.live("leads")


def test_two_changes_within_one_second_both_land(org: SmallOrg, loaded: Loaded) -> None:
    id_ = org.add("Lead", Status="New")
    org.change("Lead", id_, Status="MQL")
    loaded.load("leads")
    org.change("Lead", id_, Status="Lost")
    org.pass_time(days=1)
    loaded.load("leads")
    assert [row["status"] for row in loaded.rows("leads")] == ["MQL", "Lost"]


def test_a_change_during_the_sync_lands_by_the_next_night(org: SmallOrg, loaded: Loaded) -> None:
    ids = [org.add("Lead", Status="New") for _ in range(30)]
    org.page = 10
    changed: list[str] = []

    def change() -> None:
        if not changed:
            org.pass_time(seconds=30)
            changed.append(ids[2])
            org.change("Lead", ids[2], Status="MQL")
            org.change("Lead", ids[29], Status="MQL")

    org.before_page = change
    loaded.load("leads")
    org.pass_time(days=1)
    loaded.load("leads")
    newest = loaded.newest("leads")
    assert (newest[ids[2]]["status"], newest[ids[29]]["status"]) == ("MQL", "MQL")
    assert len(newest) == 30


def test_a_block_of_ties_larger_than_a_page_is_complete(org: SmallOrg, loaded: Loaded) -> None:
    org.page = 100
    ids = [org.add("Lead", Status="New") for _ in range(1_000)]
    loaded.load("leads")
    org.pass_time(days=1)
    for id_ in ids[:950]:
        org.change("Lead", id_, Status="MQL")
    org.pass_time(days=1)
    assert loaded.load("leads").rows == 950


def test_many_changes_at_once_come_by_bulk(org: SmallOrg, loaded: Loaded) -> None:
    loaded.options = {"bulk_from": 500}
    org.page = 100
    ids = [org.add("Lead", Status="New") for _ in range(400)]
    loaded.load("leads")
    ids += [org.add("Lead", Status="New") for _ in range(300)]
    org.pass_time(days=1)
    for id_ in ids[:600]:
        org.change("Lead", id_, Status="MQL")
    org.pass_time(days=1)
    loaded.load("leads")
    [asked] = [a.json()["query"] for a in org.asked if a.method == "POST" and "jobs" in a.path]
    assert "SystemModstamp >= " in asked
    newest = loaded.newest("leads")
    assert sum(row["status"] == "MQL" for row in newest.values()) == 600
    assert len(newest) == 700


def test_a_cut_night_goes_on_from_what_has_landed(
    org: SmallOrg, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.salesforce.walk._LANDED_AT_ONCE", 10)
    org.page = 10
    ids = [org.add("Lead", Status="New") for _ in range(50)]
    loaded.load("leads")
    org.pass_time(days=1)
    for id_ in ids:
        org.change("Lead", id_, Status="MQL")
    pages = iter(range(100))
    org.fault = lambda asked: (
        error(403, "INSUFFICIENT_ACCESS", "no")
        if "/query/0" in asked.path and next(pages) >= 3
        else None
    )
    with pytest.raises(Exception, match="INSUFFICIENT_ACCESS"):
        loaded.load("leads")
    org.fault = lambda _: None
    loaded.load("leads")
    assert sorted(row["id"] for row in loaded.rows("leads")) == sorted([*ids, *ids])


def test_what_changed_since_a_run_was_cut_lands_with_the_one_that_goes_on(
    org: SmallOrg, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.salesforce.walk._LANDED_AT_ONCE", 10)
    org.page = 10
    ids = [org.add("Lead", Status="New") for _ in range(50)]
    pages = iter(range(100))
    org.fault = lambda asked: (
        error(403, "INSUFFICIENT_ACCESS", "no")
        if "/query/0" in asked.path and next(pages) >= 2
        else None
    )
    with pytest.raises(Exception, match="INSUFFICIENT_ACCESS"):
        loaded.load("leads")
    landed = loaded.live("leads")
    assert ids[3] in landed
    assert ids[49] not in landed
    org.fault = lambda _: None
    org.pass_time(days=2)
    org.change("Lead", ids[3], Status="MQL")
    org.change("Lead", ids[49], Status="MQL")
    org.pass_time(hours=1)
    assert loaded.load("leads").rows == 50 - len(landed) + 1
    newest = loaded.newest("leads")
    assert (newest[ids[3]]["status"], newest[ids[49]]["status"]) == ("MQL", "MQL")


@pytest.mark.parametrize(
    ("stream", "sobject"),
    [
        ("lead_history", "LeadHistory"),
        ("opportunity_history", "OpportunityHistory"),
        ("opportunity_field_history", "OpportunityFieldHistory"),
    ],
)
def test_history_is_appended_to_by_when_it_was_written(
    org: SmallOrg, loaded: Loaded, stream: str, sobject: str
) -> None:
    for _ in range(20):
        org.add(sobject)
    loaded.load(stream)
    org.pass_time(days=1)
    new = org.add(sobject)
    org.pass_time(minutes=1)
    assert loaded.load(stream).rows == 1
    assert [row["id"] for row in loaded.rows(stream)][-1] == new
    assert any("CreatedDate >= " in str(asked.query.get("q")) for asked in org.asked)


@pytest.mark.parametrize("nights", [8, pytest.param(30, marks=pytest.mark.slow)])
def test_nights_with_faults_end_each_with_the_orgs_truth(
    org: SmallOrg, loaded: Loaded, nights: int
) -> None:
    org.page = 7
    loaded.options = {"bulk_from": 60}
    ids = [org.add("CampaignMember", Status="Sent") for _ in range(40)]
    calls = iter(range(10**6))

    def now_and_then(_: Request) -> Response | None:
        call = next(calls)
        if call % 11 == 5:
            return error(503, "SERVER_UNAVAILABLE", "busy")
        return reset() if call % 17 == 3 else None

    org.fault = now_and_then
    for night in range(nights):
        org.pass_time(hours=20)
        for id_ in list(org.tables["CampaignMember"].records)[night % 5 :: 9]:
            org.change("CampaignMember", id_, Status=f"of night {night}")
        ids += [org.add("CampaignMember", Status="Sent") for _ in range(3)]
        org.remove("CampaignMember", ids.pop(night % len(ids)))
        org.pass_time(hours=4)
        loaded.load("campaign_members")
        truth = {i: r["Status"] for i, r in org.tables["CampaignMember"].records.items()}
        newest = loaded.newest("campaign_members")
        held = {i: row["status"] for i, row in newest.items() if not row["_deleted"]}
        assert held == truth, f"night {night}"
