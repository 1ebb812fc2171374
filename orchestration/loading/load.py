"""Load one stream of a company, whatever kind its source is of."""

from datetime import timedelta
from typing import Final

from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.file_source import FilesSource
from connectors.files import files_connector
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.connector import hubspot_connector
from connectors.load import LoadResult, Progress, load_stream
from connectors.salesforce.config import SalesforceSource
from connectors.salesforce.connector import salesforce_connector
from connectors.sift import Sifter
from connectors.sources import Source
from connectors.suppression import CurrentSuppression
from connectors.ties import ties_of
from orchestration.company import Company
from orchestration.loading.attempts import Attempt, AttemptState, hold_stream, now, remember

_FIRST_WAIT: Final = timedelta(seconds=10)
MAX_RETRIES: Final = 3
"""How often a load is tried again after an error that may pass."""


def wait_before_retry(retry: int) -> timedelta:
    """How long to wait before the retry of that number, from 0: each wait is four of the last."""
    return _FIRST_WAIT * int(4**retry)


def load(
    company: Company, source_name: str, stream_name: str, run_id: str, progress: Progress
) -> LoadResult:
    """Load what is new in a stream; how it ends is remembered for the build.

    What is of people who were forgotten does not land. Raises what the connector and the lake
    raise: TransientError where a retry may help, as where another run is loading the stream;
    PermanentError also where the key to the list of those people is lost.
    """
    with hold_stream(company, source_name, stream_name):
        return _load(company, source_name, stream_name, run_id, progress)


def _load(
    company: Company, source_name: str, stream_name: str, run_id: str, progress: Progress
) -> LoadResult:
    source = next(s for s in company.sources.sources if s.name == source_name)
    stream = next(s for s in connector_of(company, source).streams() if s.name == stream_name)
    attempt = Attempt(source_name, stream_name, AttemptState.LOADING, run_id, now())
    remember(company, attempt)
    try:
        # Before anything is pulled, so that a key that is lost is told at once.
        forgotten = CurrentSuppression(company.suppression)
        forgotten()
        sifter = sifter_of(source, stream_name)
        result = load_stream(
            company.lake,
            source_name,
            stream,
            run_id,
            progress=progress,
            sift=lambda rows: sifter.sift(rows, forgotten()),
        )
    except Exception as error:
        remember(company, _failed(attempt, error))
        raise
    remember(company, _loaded(attempt, result))
    return result


def sifter_of(source: Source, stream_name: str) -> Sifter:
    """What leaves people who were forgotten out of the rows of a stream."""
    stream = next(s for s in source.streams if s.name == stream_name)
    return Sifter(source.name, stream.name, stream.key, ties_of(source.kind, stream))


def connector_of(company: Company, source: Source) -> Connector:
    """The connector of a source, by its kind."""
    match source:
        case FilesSource():
            return files_connector(source, company.source_data)
        case SalesforceSource():
            return salesforce_connector(source, company.lake)
        case HubSpotSource():
            return hubspot_connector(source, company.lake)


def _failed(attempt: Attempt, error: Exception) -> Attempt:
    told = str(error) if isinstance(error, ConnectorError) else f"{type(error).__name__}: {error}"
    return Attempt(
        attempt.source, attempt.stream, AttemptState.FAILED, attempt.run_id, now(), problem=told
    )


def _loaded(attempt: Attempt, result: LoadResult) -> Attempt:
    return Attempt(
        attempt.source,
        attempt.stream,
        AttemptState.LOADED,
        attempt.run_id,
        now(),
        rows=result.rows,
        rejected=result.rejected,
        suppressed=result.suppressed,
        seconds=result.seconds,
    )
