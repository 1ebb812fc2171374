"""A Salesforce org as a source: its streams, over one session."""

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from connectors.base import Stream
from connectors.http import Api, Quota, Timing
from connectors.lake import Lake
from connectors.salesforce.auth import salesforce_auth
from connectors.salesforce.bulk import Wait
from connectors.salesforce.compare import Kept
from connectors.salesforce.config import SalesforceSource
from connectors.salesforce.definitions import DefinitionsStream
from connectors.salesforce.explain import AGAIN, daily_usage, explain
from connectors.salesforce.org import Org
from connectors.salesforce.stream import ObjectStream
from connectors.salesforce.streams import SalesforceStream

_orgs: Final[dict[str, Org]] = {}
_lock: Final = Lock()


@dataclass(frozen=True)
class SalesforceConnector:
    """A source of kind `salesforce`. `wait` lets so many seconds pass, while a Bulk job runs."""

    source: SalesforceSource
    lake: Lake
    org: Org
    wait: Wait = time.sleep

    @property
    def name(self) -> str:
        """The source's name in sources.yml."""
        return self.source.name

    def streams(self) -> Sequence[Stream]:
        """Its streams, but for those left out."""
        declared = self.source.streams
        sobjects = [s.sobject for s in declared if isinstance(s, SalesforceStream)]
        streams: list[Stream] = []
        for stream in declared:
            kept = Kept(self.lake, self.name, stream.name)
            if isinstance(stream, SalesforceStream):
                bulk_from = self.source.bulk_from
                streams.append(ObjectStream(self.org, stream, kept, bulk_from, self.wait))
            else:
                streams.append(DefinitionsStream(self.org, stream, kept, sobjects))
        return streams


def salesforce_connector(
    source: SalesforceSource, lake: Lake, environment: Mapping[str, str] = os.environ
) -> SalesforceConnector:
    """The connector of a source; the same session serves all that ask for it in this process.

    Raises PermanentError where the environment lacks a secret or an address.
    """
    return SalesforceConnector(source, lake, shared_org(source.located(environment), environment))


def shared_org(source: SalesforceSource, environment: Mapping[str, str]) -> Org:
    """The one session of a source, whose address is known, and of its secrets as they are now."""
    told = source.model_dump_json()
    told += repr(sorted((n, v) for n, v in environment.items() if _is_named(n, told)))
    key = hashlib.sha256(told.encode()).hexdigest()
    with _lock:
        if key not in _orgs:
            _orgs[key] = org_of(source, environment)
        return _orgs[key]


def org_of(
    source: SalesforceSource, environment: Mapping[str, str], timing: Timing | None = None
) -> Org:
    """A session of its own. `source` is located already."""
    quota = Quota(source.quota_share, daily_usage, again=AGAIN)
    api = Api(
        source.login_url,
        salesforce_auth(source, environment, timing=timing),
        quota=quota,
        explain=explain,
        timing=timing,
    )
    return Org(api, api_version=source.api_version, quota=quota)


def _is_named(variable: str, told: str) -> bool:
    """Whether a source names the variable, or the one whose file it tells of."""
    return f'"{variable.removesuffix("_FILE")}"' in told
