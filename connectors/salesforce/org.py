"""An org's API in the few words that a sync needs: describe, count, query, and Bulk jobs.

All streams of a source in one process share one `Org`, and with it connections, the session and
limits.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from connectors.errors import TransientError
from connectors.http import Answer, Api, Call, Quota, Usage, delete, get, post
from connectors.salesforce.fields import Described, described
from connectors.salesforce.records import parse_json_exactly

RECORDS_A_PAGE: Final = 2_000
"""The most records that one page of a query has."""

_NO_LOCATOR: Final = "null"


@dataclass(frozen=True)
class Page:
    """One page of a query: its records, and how many the whole query has."""

    total: int
    records: list[dict[str, Any]]
    body: bytes

    def exact_records(self) -> list[dict[str, Any]]:
        """Its records with every digit of numbers that floats can't hold."""
        found: list[dict[str, Any]] = parse_json_exactly(self.body)["records"]
        return found


Pages = Generator[Page, None, None]
"""The pages of a query; closed, nothing goes on behind."""


@dataclass(frozen=True)
class JobState:
    """A Bulk job: its state in the server's word, the records that it has, and why it failed."""

    state: str
    records: int | None
    problem: str


@dataclass(frozen=True)
class JobPage:
    """One page of a job's results: CSV, how many records it has, and the next page's mark."""

    body: bytes
    records: int
    locator: str | None
    where: str


class Org:
    """An org's API, of one version. `quota` is the one that the API's requests are counted in."""

    def __init__(self, api: Api, *, api_version: str, quota: Quota | None = None) -> None:
        self._api = api
        self._quota = quota
        self._base = f"/services/data/v{api_version}"
        self._options = {"Sforce-Query-Options": f"batchSize={RECORDS_A_PAGE}"}

    def usage(self) -> Usage | None:
        """How many of the org's requests of 24 hours are used, as the last answer told it."""
        return self._quota.usage if self._quota else None

    def describe(self, sobject: str) -> tuple[Described, datetime]:
        """The object as the user sees it now, and the time by the server's clock.

        It is asked for whole each time: whether it has changed since some time, as the API could
        say, does not tell that the user may see more of it now.
        """
        answer = self._api.send(get(f"{self._base}/sobjects/{sobject}/describe"))
        return described(answer.json()), _server_time(answer)

    def count(self, soql: str) -> int:
        """How many records a `SELECT COUNT()` counts, those in the bin included."""
        return _page(self._api.send(self._query(soql))).total

    def query(self, soql: str) -> Pages:
        """The pages of a query over all records, those in the bin included.

        The next page is under way while one is looked at.
        """
        for answer in self._api.pages(self._query(soql), self._following):
            yield _page(answer)

    def create_job(self, soql: str) -> str:
        """Start a Bulk job over all records, those in the bin included; its id."""
        asked = {"operation": "queryAll", "query": soql, "contentType": "CSV"}
        asked |= {"columnDelimiter": "COMMA", "lineEnding": "LF"}
        # To start it twice does no harm: a job that nobody reads is forgotten after seven days.
        job: str = self._api.send(post(f"{self._base}/jobs/query", asked)).json()["id"]
        return job

    def job_state(self, job: str) -> JobState:
        """How far a job is."""
        told = self._api.send(get(self._job(job))).json()
        records = told.get("numberRecordsProcessed")
        return JobState(told["state"], records, told.get("errorMessage") or "")

    def job_page(self, job: str, locator: str | None, most: int) -> JobPage:
        """A page of a finished job's results: the first one, or that of a mark."""
        params: dict[str, str | int] = {"maxRecords": most}
        if locator:
            params["locator"] = locator
        asked = get(f"{self._job(job)}/results", params, headers={"Accept": "text/csv"})
        with self._api.download(asked) as found:
            count = found.headers.get("Sforce-NumberOfRecords", "")
            following = found.headers.get("Sforce-Locator", "")
            if not count.isdecimal() or not following:
                raise TransientError(
                    "a page of results does not tell how many records it has, or what follows it",
                    where=f"results of Bulk job {job}",
                    fix="It is asked for again at the next try",
                )
            return JobPage(
                body=found.file.read(),
                records=int(count),
                locator=None if following == _NO_LOCATOR else following,
                where=f"results of Bulk job {job}",
            )

    def delete_job(self, job: str) -> None:
        """Let the server forget a job; one that it has forgotten already is no error."""
        self._api.send(delete(self._job(job), accept=frozenset({HTTPStatus.NOT_FOUND})))

    def abort_job(self, job: str) -> None:
        """Stop a job that has not ended."""
        self._api.send(Call("PATCH", self._job(job), json={"state": "Aborted"}))

    def _job(self, job: str) -> str:
        return f"{self._base}/jobs/query/{job}"

    def _query(self, soql: str) -> Call:
        return get(f"{self._base}/queryAll", {"q": soql}, headers=self._options)

    def _following(self, answer: Answer) -> Call | None:
        told = answer.json()
        if told["done"]:
            return None
        if not told.get("nextRecordsUrl"):
            raise TransientError(
                "a page says that more follow, and not where",
                where=f"{answer.call.method} {answer.call.path}",
                fix="The query is asked again at the next try",
            )
        return get(told["nextRecordsUrl"], headers=self._options)


def _page(answer: Answer) -> Page:
    told = answer.json()
    return Page(told["totalSize"], told["records"], answer.body)


def _server_time(answer: Answer) -> datetime:
    """The time by the server's own clock, to the second below."""
    told = answer.headers.get("Date")
    return parsedate_to_datetime(told).astimezone(UTC) if told else datetime.now(tz=UTC)
