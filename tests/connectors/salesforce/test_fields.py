"""Fields of the org's own: they appear, vanish, change their type, or are made by formulas."""

import json
from typing import Any

import pytest

from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.org_server import SmallOrg


def _extra(loaded: Loaded, stream: str, id_: str) -> dict[str, Any]:
    found = loaded.newest(stream)[id_]["_extra"]
    return json.loads(found) if found else {}


def test_fields_of_the_orgs_own_land_with_the_record(org: SmallOrg, loaded: Loaded) -> None:
    org.add_field("Lead", "Score__c", "double")
    org.add_field("Lead", "Tier__c")
    id_ = org.add("Lead", Score__c=12.5, Tier__c="Gold")
    bare = org.add("Lead")
    loaded.load("leads")
    assert _extra(loaded, "leads", id_) == {"Score__c": 12.5, "Tier__c": "Gold"}
    assert loaded.newest("leads")[bare]["_extra"] is None


@pytest.mark.parametrize("loaded", [{"disqualification_reason": "Why__c"}], indirect=True)
def test_the_field_that_the_settings_name_is_the_reason(org: SmallOrg, loaded: Loaded) -> None:
    org.add_field("Lead", "Why__c")
    org.add_field("Lead", "Reason__c")
    id_ = org.add("Lead", Why__c="No fit", Reason__c="Other")
    loaded.load("leads")
    assert loaded.newest("leads")[id_]["disqualification_reason"] == "No fit"
    assert _extra(loaded, "leads", id_) == {"Reason__c": "Other"}


def test_an_org_without_the_field_of_the_reason_has_none(org: SmallOrg, loaded: Loaded) -> None:
    id_ = org.add("Opportunity", StageName="Closed Lost")
    loaded.load("opportunities")
    assert loaded.newest("opportunities")[id_]["close_reason"] is None


def test_a_field_that_appears_lands_for_records_that_nobody_touched(
    org: SmallOrg, loaded: Loaded
) -> None:
    ids = [org.add("Lead") for _ in range(20)]
    loaded.load("leads")
    org.pass_time(days=1)
    org.add_field("Lead", "Score__c", "double")
    for id_ in ids[:5]:
        org.tables["Lead"].records[id_]["Score__c"] = 3.0
    assert loaded.load("leads").rows == 5
    assert _extra(loaded, "leads", ids[0]) == {"Score__c": 3}


def test_a_field_that_vanishes_breaks_nothing_and_its_old_values_stay(
    org: SmallOrg, loaded: Loaded
) -> None:
    org.add_field("Lead", "Tier__c")
    id_ = org.add("Lead", Tier__c="Gold")
    loaded.load("leads")
    org.pass_time(days=1)
    del org.tables["Lead"].fields["Tier__c"]
    loaded.load("leads")
    assert [row["_extra"] for row in loaded.rows("leads")] == ['{"Tier__c":"Gold"}', None]
    assert loaded.live("leads") == {id_}


def test_a_field_that_changes_its_type_lands_in_its_new_one(org: SmallOrg, loaded: Loaded) -> None:
    org.add_field("Lead", "Score__c")
    id_ = org.add("Lead", Score__c="12")
    loaded.load("leads")
    org.pass_time(days=1)
    org.tables["Lead"].fields["Score__c"]["type"] = "double"
    org.tables["Lead"].records[id_]["Score__c"] = 12.0
    result = loaded.load("leads")
    told = [state.columns or {} for state in (result.before, result.after)]
    assert [columns["Score__c"] for columns in told] == ["string", "double"]
    assert all("email" in columns for columns in told)
    assert [json.loads(row["_extra"]) for row in loaded.rows("leads")] == [
        {"Score__c": "12"},
        {"Score__c": 12},
    ]


def test_a_known_field_whose_type_changed_rejects_what_does_not_fit(
    org: SmallOrg, loaded: Loaded
) -> None:
    org.tables["Account"].fields["NumberOfEmployees"]["type"] = "string"
    many, three = (
        org.add("Account", NumberOfEmployees="many"),
        org.add("Account", NumberOfEmployees="3"),
    )
    result = loaded.load("accounts")
    assert (result.rows, result.reasons) == (1, {"unparseable": 1})
    newest = loaded.newest("accounts")
    assert newest[three]["number_of_employees"] == 3
    assert '"number_of_employees": "many"' in newest[many]["_extra"]
    org.pass_time(days=1)
    assert loaded.load("accounts").rejected == 0, "a reject that has landed lands no second time"


def test_a_known_field_that_the_user_may_not_see_is_null_and_said_once(
    org: SmallOrg, loaded: Loaded, caplog: pytest.LogCaptureFixture
) -> None:
    del org.tables["Opportunity"].fields["Amount"]
    id_ = org.add("Opportunity", Name="Deal")
    loaded.load("opportunities")
    assert loaded.newest("opportunities")[id_]["amount"] is None
    told = [record for record in caplog.records if "Amount" in record.getMessage()]
    assert len(told) == 1


def test_a_formula_that_changes_without_a_trace_lands_within_a_week(
    org: SmallOrg, loaded: Loaded
) -> None:
    org.add_field("Lead", "Rank__c", "double", calculated=True)
    ids = [org.add("Lead", Rank__c=1.0) for _ in range(10)]
    loaded.load("leads")
    org.tables["Lead"].records[ids[4]]["Rank__c"] = 2.0
    for _ in range(7):
        org.pass_time(days=1)
        loaded.load("leads")
    assert len(loaded.rows("leads")) == 11
    assert _extra(loaded, "leads", ids[4]) == {"Rank__c": 2}


def test_nine_hundred_fields_come_in_several_queries_and_are_one_record(
    org: SmallOrg, loaded: Loaded
) -> None:
    names = [f"A_rather_long_name_{number:03d}__c" for number in range(900)]
    for name in names:
        org.add_field("Lead", name)
    org.page = 10
    ids = [org.add("Lead", **{name: f"{n} {name}" for name in names}) for n in range(25)]
    loaded.load("leads")
    for number, id_ in enumerate(ids):
        assert _extra(loaded, "leads", id_) == {name: f"{number} {name}" for name in names}
    assert max(len(asked.query["q"][0]) for asked in org.asked if "q" in asked.query) > 5_000


def test_compound_fields_and_files_are_left_out(org: SmallOrg, loaded: Loaded) -> None:
    for type_ in ("address", "location", "base64"):
        org.add_field("Account", f"X_{type_}", type_)
    org.add("Account")
    loaded.load("accounts")
    assert not any("X_" in str(asked.query.get("q")) for asked in org.asked)


def test_what_fields_there_are_lands_with_their_labels_and_options(
    org: SmallOrg, loaded: Loaded
) -> None:
    org.add_field(
        "Lead",
        "Tier__c",
        "picklist",
        label="Tier",
        picklistValues=[{"value": "G", "label": "Gold", "active": True}],
    )
    loaded.load("field_definitions")
    found = loaded.newest("field_definitions")["Lead|Tier__c"]
    assert (found["label"], found["type"], found["custom"]) == ("Tier", "picklist", True)
    assert json.loads(found["options"]) == [{"value": "G", "label": "Gold", "active": True}]
    org.pass_time(days=1)
    assert loaded.load("field_definitions").rows == 0
    del org.tables["Lead"].fields["Tier__c"]
    assert loaded.load("field_definitions").deleted == 1
