"""A look at an org before anything is pulled."""

import pytest

from connectors.check import Finding, Level, Report
from connectors.salesforce.check import check_salesforce
from tests.connectors.salesforce.loaded import SECRETS, Loaded
from tests.connectors.salesforce.org_server import SmallOrg


@pytest.fixture
def check(org: SmallOrg, loaded: Loaded) -> "Look":
    return Look(loaded)


class Look:
    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def __call__(self) -> Report:
        return check_salesforce(self._loaded.connector().source, SECRETS)


def _of(report: Report, stream: str | None) -> list[Finding]:
    return [finding for finding in report.findings if finding.stream == stream]


def test_it_counts_what_a_first_sync_will_pull(org: SmallOrg, check: Look) -> None:
    for _ in range(30):
        org.add("Lead")
    report = check()
    assert report.is_ready
    [forecast] = [forecast for forecast in report.forecasts if forecast.stream == "leads"]
    assert forecast.records == 30


def test_it_names_objects_and_fields_that_are_missing(org: SmallOrg, check: Look) -> None:
    del org.tables["Campaign"], org.tables["CurrencyType"]
    del org.tables["Opportunity"].fields["Amount"]
    report = check()
    assert not report.is_ready
    [campaigns] = _of(report, "campaigns")
    assert (campaigns.level, "leave_out" in campaigns.fix) == (Level.PROBLEM, True)
    assert "Amount" in _of(report, "opportunities")[1].what
    assert [finding.level for finding in _of(report, "currency_types")] == [Level.OK]


def test_it_tells_when_the_requests_of_a_day_do_not_suffice(org: SmallOrg, check: Look) -> None:
    org.allowed = 100
    [finding] = _of(check(), None)
    assert finding.level is Level.WARNING
    assert "of the org's 100 requests" in finding.what


def test_it_changes_nothing(org: SmallOrg, check: Look, loaded: Loaded) -> None:
    check()
    assert {asked.method for asked in org.asked} == {"GET"}
    assert not (loaded.folder / "lake").exists()
