"""A HubSpot portal as a source: its streams, over one session."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from connectors.api_stream import ApiStream
from connectors.base import Stream
from connectors.http import Api, Limit, Timing
from connectors.hubspot import associations, collections, history, logs
from connectors.hubspot.associations import AssociationStream
from connectors.hubspot.auth import hubspot_auth
from connectors.hubspot.collections import CollectionStream
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.explain import explain
from connectors.hubspot.history import HistoryStream
from connectors.hubspot.kept import Kept
from connectors.hubspot.logs import LogStream
from connectors.hubspot.objects import ObjectStream
from connectors.hubspot.session import Session
from connectors.lake import Lake

_sessions: Final[dict[str, Session]] = {}
_lock: Final = Lock()


@dataclass(frozen=True)
class HubSpotConnector:
    """A source of kind `hubspot`."""

    source: HubSpotSource
    lake: Lake
    session: Session

    @property
    def name(self) -> str:
        """The source's name in sources.yml."""
        return self.source.name

    def streams(self) -> Sequence[Stream]:
        """Its streams, but for those left out."""
        kept = Kept(self.lake, self.name)
        return [_stream(self.session, declared, kept) for declared in self.source.streams]


def hubspot_connector(
    source: HubSpotSource, lake: Lake, environment: Mapping[str, str] = os.environ
) -> HubSpotConnector:
    """The connector of a source; the same session serves all that ask for it in this process.

    Raises PermanentError where the environment lacks a secret or an address.
    """
    return HubSpotConnector(source, lake, shared_session(source.located(environment), environment))


def shared_session(source: HubSpotSource, environment: Mapping[str, str]) -> Session:
    """The one session of a source, whose address is known, and of its secrets as they are now."""
    told = source.model_dump_json()
    told += repr(sorted((n, v) for n, v in environment.items() if _is_named(n, told)))
    key = hashlib.sha256(told.encode()).hexdigest()
    with _lock:
        if key not in _sessions:
            _sessions[key] = session_of(source, environment)
        return _sessions[key]


def session_of(
    source: HubSpotSource, environment: Mapping[str, str], timing: Timing | None = None
) -> Session:
    """A session of its own. `source` is located already."""
    requests = Limit(source.requests_per_10_seconds, 10, name="requests of 10 seconds")
    searches = Limit(source.searches_per_second, 1, name="searches of a second")
    api = Api(
        source.url,
        hubspot_auth(source, environment, timing=timing),
        limits=[requests],
        explain=explain,
        timing=timing,
    )
    return Session(api, [requests, searches])


def _stream(session: Session, declared: ApiStream, kept: Kept) -> Stream:
    if declared.name in history.OF:
        return HistoryStream(session, declared, kept)
    if declared.name in associations.OF:
        return AssociationStream(session, declared, kept)
    if declared.name in collections.TOLD:
        return CollectionStream(session, declared, kept)
    if declared.name in logs.LOGS:
        return LogStream(session, declared, kept)
    return ObjectStream(session, declared, kept)


def _is_named(variable: str, told: str) -> bool:
    """Whether a source names the variable, or the one whose file it tells of."""
    return f'"{variable.removesuffix("_FILE")}"' in told
