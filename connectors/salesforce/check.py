"""A look at an org: what a first sync would pull, and what it would miss. It changes nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.check import Finding, Forecast, Level, Report
from connectors.errors import ConnectorError
from connectors.http import Refused
from connectors.salesforce import soql
from connectors.salesforce.config import SalesforceSource
from connectors.salesforce.connector import org_of
from connectors.salesforce.errors import MISSING
from connectors.salesforce.fields import reading_of
from connectors.salesforce.org import RECORDS_A_PAGE, Org
from connectors.salesforce.soql import Condition
from connectors.salesforce.stream import ABSENT_IN_MANY_ORGS, MISSING_FIX
from connectors.salesforce.streams import SalesforceStream

# What an org of middling speed takes; it is an order of magnitude, not a promise.
_SECONDS_A_PAGE: Final = 1.5
_SECONDS_A_JOB: Final = 30.0
_BULK_RECORDS_A_SECOND: Final = 5_000
_BULK_RECORDS_A_PAGE: Final = 10_000
_POLLS: Final = 10
# Beside the records themselves: fields, counts, and the comparison at the end.
_OTHER_REQUESTS: Final = 3


@dataclass(frozen=True)
class _Looked:
    findings: list[Finding]
    forecast: Forecast | None


def check_salesforce(source: SalesforceSource, environment: Mapping[str, str]) -> Report:
    """What a load of an org would find. Two requests a stream.

    Raises ConnectorError where nobody can log in.
    """
    org = org_of(source.located(environment), environment)
    streams = [stream for stream in source.streams if isinstance(stream, SalesforceStream)]
    looked = [_look(org, stream, source.bulk_from) for stream in streams]
    forecasts = [look.forecast for look in looked if look.forecast]
    findings = [finding for look in looked for finding in look.findings]
    return Report([*findings, *_of_quota(org, source.quota_share, forecasts)], forecasts)


def _look(org: Org, stream: SalesforceStream, bulk_from: int) -> _Looked:
    try:
        sobject, _ = org.describe(stream.sobject)
        records = org.count(soql.count(stream.sobject, Condition()))
    except Refused as error:
        return _Looked([_refusal(stream, error)], None)
    except ConnectorError as error:
        problem = Finding(Level.PROBLEM, stream.name, f"{error.where}: {error.what}", error.fix)
        return _Looked([problem], None)
    reading = reading_of(stream, sobject)
    found = f"{records:,} records of {stream.sobject}, {len(reading.names)} fields"
    findings = [Finding(Level.OK, stream.name, found)]
    if reading.absent:
        what = f"the user can't see {', '.join(reading.absent)}: null in what is built"
        fix = "Give the user the right to read them, where the org has them"
        findings.append(Finding(Level.WARNING, stream.name, what, fix))
    return _Looked(findings, _forecast(stream, records, bulk_from))


def _refusal(stream: SalesforceStream, error: Refused) -> Finding:
    if error.code not in MISSING:
        return Finding(Level.PROBLEM, stream.name, error.what, error.fix)
    if stream.sobject in ABSENT_IN_MANY_ORGS:
        return Finding(Level.OK, stream.name, "none: the org has one currency")
    what = f"the org has no {stream.sobject}, or the user may not see it"
    return Finding(Level.PROBLEM, stream.name, what, MISSING_FIX)


def _forecast(stream: SalesforceStream, records: int, bulk_from: int) -> Forecast:
    if records >= bulk_from:
        pages = math.ceil(records / _BULK_RECORDS_A_PAGE)
        seconds = _SECONDS_A_JOB + records / _BULK_RECORDS_A_SECOND
        return Forecast(stream.name, records, pages + _POLLS + _OTHER_REQUESTS, seconds)
    pages = max(1, math.ceil(records / RECORDS_A_PAGE))
    return Forecast(stream.name, records, pages + _OTHER_REQUESTS, pages * _SECONDS_A_PAGE)


def _of_quota(org: Org, share: float, forecasts: list[Forecast]) -> list[Finding]:
    usage = org.usage()
    if usage is None:
        return []
    needed = sum(forecast.requests or 0 for forecast in forecasts)
    told = (
        f"{usage.used:,} of the org's {usage.allowed:,} requests of 24 hours are used; a first "
        f"sync makes about {needed:,}, and `quota_share` lets it go on up to "
        f"{int(usage.allowed * share):,}"
    )
    if usage.used + needed <= usage.allowed * share:
        return [Finding(Level.OK, None, told)]
    fix = "It stops there and goes on in the nights after; or raise `quota_share` in sources.yml"
    return [Finding(Level.WARNING, None, told, fix)]
