"""A look at every source of a company before anything is pulled; it changes nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.check import Finding, Forecast, Level, Report
from connectors.errors import ConnectorError
from connectors.file_source import FilesSource
from connectors.files.check import check_files
from connectors.hubspot.check import check_hubspot
from connectors.hubspot.config import HubSpotSource
from connectors.salesforce.check import check_salesforce
from connectors.salesforce.config import SalesforceSource
from connectors.sources import Source
from orchestration.company import Company


@dataclass(frozen=True)
class Checked:
    """A source, and what was found of it."""

    source: Source
    report: Report


def check_sources(
    company: Company, environment: Mapping[str, str] = os.environ
) -> Iterator[Checked]:
    """What a first load of each source would find, one source after the other."""
    for source in company.sources.sources:
        try:
            report = _check(company, source, environment)
        except ConnectorError as error:
            finding = Finding(Level.PROBLEM, None, f"{error.where}: {error.what}", error.fix)
            report = Report([finding], forecasts=[])
        yield Checked(source, report)


def told(checked: Checked) -> Iterator[str]:
    """What was found of a source, in lines for people; the worst first."""
    source, report = checked.source, checked.report
    required = "required" if source.required else "optional"
    state = "ready" if report.is_ready else "NOT READY"
    yield f"{source.name} ({source.kind}, {required}) at {source.place}: {state}"
    worst_first = sorted(report.findings, key=lambda finding: _BADNESS[finding.level])
    for finding in worst_first:
        yield from _told_finding(finding)
    yield from _told_forecasts(report.forecasts)


_BADNESS: Final = {Level.PROBLEM: 0, Level.WARNING: 1, Level.OK: 2}


def _told_finding(finding: Finding) -> Iterator[str]:
    of = f"{finding.stream}: " if finding.stream else ""
    yield f"  {finding.level:<8} {of}{finding.what}"
    if finding.fix:
        yield f"           {finding.fix}"


def _told_forecasts(forecasts: Sequence[Forecast]) -> Iterator[str]:
    if not forecasts:
        return
    yield "  A first sync will pull:"
    for forecast in forecasts:
        yield f"    {forecast.stream:<32} {_count(forecast.records):>12} records"
    requests = sum(forecast.requests or 0 for forecast in forecasts)
    minutes = sum(forecast.seconds or 0 for forecast in forecasts) / 60
    took = "less than a minute" if minutes < 1 else f"about {minutes:,.0f} minutes"
    yield f"  That is about {requests:,} requests; within the limits, {took}."


def _count(records: int | None) -> str:
    return "?" if records is None else f"{records:,}"


def _check(company: Company, source: Source, environment: Mapping[str, str]) -> Report:
    match source:
        case FilesSource():
            return check_files(source, company.source_data)
        case SalesforceSource():
            return check_salesforce(source, environment)
        case HubSpotSource():
            return check_hubspot(source, environment)
