"""What is gone: in the bin, out of it again, removed for good, merged, or hidden all the while."""

from datetime import timedelta

import pytest

from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.org_server import SmallOrg


def test_a_record_in_the_bin_is_deleted_and_keeps_its_values(org: SmallOrg, loaded: Loaded) -> None:
    id_ = org.add("Opportunity", Name="Big deal")
    loaded.load("opportunities")
    org.pass_time(days=1)
    org.delete("Opportunity", id_)
    org.pass_time(minutes=1)
    loaded.load("opportunities")
    row = loaded.newest("opportunities")[id_]
    assert (row["_deleted"], row["name"]) == (True, "Big deal")


def test_a_record_that_comes_out_of_the_bin_lives_again(org: SmallOrg, loaded: Loaded) -> None:
    id_ = org.add("Opportunity", Name="Big deal")
    org.delete("Opportunity", id_)
    loaded.load("opportunities")
    org.pass_time(days=1)
    org.change("Opportunity", id_, IsDeleted=False)
    org.pass_time(minutes=1)
    loaded.load("opportunities")
    assert loaded.live("opportunities") == {id_}


@pytest.mark.parametrize("bulk_from", [20, 20_000])
def test_a_campaign_member_that_is_removed_for_good_is_found_gone(
    org: SmallOrg, loaded: Loaded, bulk_from: int
) -> None:
    loaded.options = {"bulk_from": bulk_from}
    ids = [org.add("CampaignMember") for _ in range(30)]
    org.pass_time(days=1)
    loaded.load("campaign_members")
    org.remove("CampaignMember", ids[7])
    org.pass_time(days=1)
    assert loaded.load("campaign_members").deleted == 1
    assert loaded.live("campaign_members") == set(ids) - {ids[7]}
    org.pass_time(days=1)
    assert loaded.load("campaign_members").rows == 0


def test_as_many_new_records_as_removed_ones_hide_none(org: SmallOrg, loaded: Loaded) -> None:
    ids = [org.add("CampaignMember") for _ in range(30)]
    org.pass_time(days=1)
    loaded.load("campaign_members")
    org.pass_time(hours=12)
    org.remove("CampaignMember", ids[7])
    ids.append(org.add("CampaignMember"))
    org.pass_time(hours=12)
    loaded.load("campaign_members")
    assert loaded.live("campaign_members") == set(ids) - {ids[7]}


def test_a_merge_leaves_the_loser_deleted_with_its_winners_id(
    org: SmallOrg, loaded: Loaded
) -> None:
    a, b, c = (org.add("Contact", Email=f"{name}@example.com") for name in "abc")
    loaded.load("contacts")
    org.pass_time(days=1)
    org.change("Contact", a, IsDeleted=True, MasterRecordId=b)
    org.pass_time(days=1)
    loaded.load("contacts")
    org.change("Contact", b, IsDeleted=True, MasterRecordId=c)
    org.pass_time(days=1)
    loaded.load("contacts")
    newest = loaded.newest("contacts")
    chain = {i: (row["master_record_id"], row["_deleted"]) for i, row in newest.items()}
    assert chain == {a: (b, True), b: (c, True), c: (None, False)}
    assert newest[a]["email"] == "a@example.com"


def test_a_bin_that_is_emptied_changes_nothing_more(org: SmallOrg, loaded: Loaded) -> None:
    id_ = org.add("Lead", LastName="Gone")
    org.add("Lead")
    org.delete("Lead", id_)
    org.pass_time(days=1)
    loaded.load("leads")
    org.remove("Lead", id_)
    org.pass_time(days=1)
    assert loaded.load("leads").rows == 0
    assert loaded.newest("leads")[id_]["_deleted"] is True


def test_records_that_a_user_may_see_only_later_land_though_nobody_touched_them(
    org: SmallOrg, loaded: Loaded
) -> None:
    ids = [org.add("Lead", LastName=f"Lead {n}") for n in range(30)]
    hidden = {id_: org.tables["Lead"].records.pop(id_) for id_ in ids[:12]}
    org.pass_time(days=1)
    loaded.load("leads")
    org.pass_time(days=1)
    org.tables["Lead"].records.update(hidden)
    assert loaded.load("leads").rows == 12
    assert loaded.live("leads") == set(ids)


def test_history_that_the_org_drops_for_its_age_is_kept(org: SmallOrg, loaded: Loaded) -> None:
    old = org.now - timedelta(days=600)
    ids = [org.add("LeadHistory", CreatedDate=old) for _ in range(5)]
    ids += [org.add("LeadHistory") for _ in range(5)]
    org.pass_time(days=1)
    loaded.load("lead_history")
    for id_ in ids[:5]:
        org.remove("LeadHistory", id_)
    org.remove("LeadHistory", ids[9])
    org.pass_time(days=1)
    loaded.load("lead_history")
    assert loaded.live("lead_history") == set(ids[:9])
