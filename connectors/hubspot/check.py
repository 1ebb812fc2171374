"""A look at a portal: what a first sync would pull, and what it would miss. It changes nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.api_stream import ApiStream
from connectors.check import Finding, Forecast, Level, Report
from connectors.errors import ConnectorError
from connectors.hubspot import associations, history
from connectors.hubspot.changes import count
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.connector import session_of
from connectors.hubspot.properties import MODIFIED, reading_of
from connectors.hubspot.session import (
    HISTORIES_A_PAGE,
    RECORDS_A_PAGE,
    SUBJECTS_A_REQUEST,
    Session,
)

_PATHS: Final[Mapping[str, str]] = {
    "owners": "/crm/v3/owners",
    "pipelines": "/crm/v3/pipelines/deals",
    "pipeline_stages": "/crm/v3/pipelines/deals",
    "properties": "/crm/v3/properties/contacts",
    "campaigns": "/marketing/v3/campaigns",
    "campaign_spend": "/marketing/v3/campaigns",
    "campaign_assets": "/marketing/v3/campaigns",
    "marketing_emails": "/marketing/v3/emails",
    "forms": "/marketing/v3/forms",
    "form_submissions": "/marketing/v3/forms",
    "marketing_events": "/marketing/v3/marketing-events",
    "marketing_event_participations": "/marketing/v3/marketing-events",
    "email_events": "/email/public/v1/events",
}
"""What tells whether a stream whose records are not counted may be read."""

_SPAN: Final = 10


@dataclass(frozen=True)
class _Looked:
    findings: list[Finding]
    records: int | None = None
    requests: int | None = None


def check_hubspot(source: HubSpotSource, environment: Mapping[str, str]) -> Report:
    """What a load of a portal would find. A few requests a stream.

    Raises ConnectorError where the environment lacks a secret or an address.
    """
    session = session_of(source.located(environment), environment)
    findings: list[Finding] = []
    forecasts: list[Forecast] = []
    for stream in source.streams:
        looked = _look(session, stream)
        findings += looked.findings
        if looked.requests is not None:
            seconds = looked.requests / source.requests_per_10_seconds * _SPAN
            forecasts.append(Forecast(stream.name, looked.records, looked.requests, seconds))
    return Report(findings, forecasts)


def _look(session: Session, stream: ApiStream) -> _Looked:
    try:
        if stream.name in _PATHS:
            session.get(_PATHS[stream.name], {"limit": "1"})
            return _Looked([Finding(Level.OK, stream.name, "it may be read")])
        return _look_at_records(session, stream)
    except ConnectorError as error:
        problem = Finding(Level.PROBLEM, stream.name, f"{error.where}: {error.what}", error.fix)
        return _Looked([problem])


def _look_at_records(session: Session, stream: ApiStream) -> _Looked:
    if stream.name in history.OF:
        kind, _ = history.OF[stream.name]
        records = _count(session, kind)
        found = Finding(Level.OK, stream.name, f"the histories of {records:,} {kind}")
        return _Looked([found], records, math.ceil(records / HISTORIES_A_PAGE))
    if stream.name in associations.OF:
        kind, others = associations.OF[stream.name]
        records = _count(session, kind)
        found = Finding(Level.OK, stream.name, f"the associations of {records:,} {kind}")
        requests = math.ceil(records / SUBJECTS_A_REQUEST) * len(others)
        return _Looked([found], records, requests)
    reading = reading_of(session, stream)
    defined = {str(told["name"]) for told in session.definitions(stream.name)}
    records = _count(session, stream.name)
    told = f"{records:,} {stream.name}, {len(reading.names)} properties"
    findings = [Finding(Level.OK, stream.name, told)]
    absent = [name for name in reading.columns.values() if name not in defined]
    if absent:
        what = f"the portal has no {', '.join(absent)}: null in what is built"
        findings.append(Finding(Level.WARNING, stream.name, what))
    return _Looked(findings, records, math.ceil(records / RECORDS_A_PAGE))


def _count(session: Session, kind: str) -> int:
    return count(session, kind, MODIFIED.get(kind, "hs_lastmodifieddate"))
