"""Bulk 2.0: queries as jobs, which take a few looks to finish, and whose results are CSV."""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from connectors.sandbox.salesforce.ids import salesforce_id
from connectors.sandbox.salesforce.refusals import Refused
from connectors.sandbox.salesforce.rest import DATA, run
from connectors.sandbox.salesforce.soql import Query
from connectors.sandbox.salesforce.store import Org, Record
from connectors.sandbox.salesforce.values import as_csv
from connectors.sandbox.serving import Request, Response, Router, json_response

_LARGEST_PAGE: Final = 100_000
_WAITING: Final = "UploadComplete"
_RUNNING: Final = "InProgress"
_DONE: Final = "JobComplete"


@dataclass
class Job:
    """A job, with its rows as they were when it was made."""

    id: str
    operation: str
    query: Query
    rows: list[Record]
    created: str
    state: str = _WAITING


class Bulk:
    """The Bulk API of an org.

    `page` is the most records that a page of results has. `refused` names the objects that it does
    not serve. `ends` are the states that the next looks at running jobs find; then `JobComplete`.
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.page = _LARGEST_PAGE
        self.jobs: dict[str, Job] = {}
        self.deleted: list[str] = []
        self.refused: set[str] = set()
        self.ends: list[str] = []
        self._numbers = count(1)

    def add_routes(self, router: Router) -> None:
        """Answer below every version's path."""
        jobs = f"{DATA}/{{version}}/jobs/query"
        router.add("POST", jobs, self._create)
        router.add("GET", jobs, self._list)
        router.add("GET", f"{jobs}/{{job}}", self._look)
        router.add("PATCH", f"{jobs}/{{job}}", self._abort)
        router.add("DELETE", f"{jobs}/{{job}}", self._delete)
        router.add("GET", f"{jobs}/{{job}}/results", self._results)

    def let_fail(self, *states: str) -> None:
        """The states that the next looks at running jobs find."""
        self.ends += states

    def refuse(self, sobjects: Iterable[str]) -> None:
        """Serve these objects no more."""
        self.refused.update(sobjects)

    def _create(self, request: Request) -> Response:
        asked: dict[str, Any] = request.json()
        operation = asked.get("operation", "")
        if operation not in {"query", "queryAll"}:
            raise Refused(400, "INVALIDJOB", f"no such operation: {operation!r}")
        query, rows = run(self.org, str(asked["query"]), with_bin=operation == "queryAll")
        if query.sobject in self.refused:
            raise Refused(
                400, "INVALIDENTITY", f"Entity '{query.sobject}' is not supported by the Bulk API."
            )
        if query.is_count:
            raise Refused(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
        id_ = salesforce_id(f"7505g0{next(self._numbers):09d}")
        created = self.org.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        self.jobs[id_] = job = Job(id_, operation, query, rows, created)
        return json_response(self._told(request, job))

    def _list(self, request: Request) -> Response:
        told = [self._told(request, job) for job in self.jobs.values()]
        return json_response({"done": True, "records": told, "nextRecordsUrl": None})

    def _look(self, request: Request) -> Response:
        job = self._job(request)
        if job.state == _RUNNING:
            job.state = self.ends.pop(0) if self.ends else _DONE
        elif job.state == _WAITING:
            job.state = _RUNNING
        told = self._told(request, job)
        if job.state == "Failed":
            told["errorMessage"] = "InternalServerError: the job came to grief"
        done = len(job.rows) if job.state == _DONE else 0
        return json_response(told | {"numberRecordsProcessed": done, "retries": 0})

    def _abort(self, request: Request) -> Response:
        job = self._job(request)
        wanted = request.json().get("state")
        if wanted != "Aborted" or job.state not in {_WAITING, _RUNNING}:
            raise Refused(400, "INVALIDJOBSTATE", f"A job that is {job.state} can't be {wanted}")
        job.state = "Aborted"
        return json_response(self._told(request, job))

    def _delete(self, request: Request) -> Response:
        job = self._job(request)
        if job.state == _RUNNING:
            raise Refused(400, "INVALIDJOBSTATE", "A job that is in progress can't be deleted")
        del self.jobs[job.id]
        self.deleted.append(job.id)
        return Response(204)

    def _results(self, request: Request) -> Response:
        job = self._job(request)
        if job.state != _DONE:
            raise Refused(400, "INVALIDJOBSTATE", f"A job that is {job.state} has no results")
        start = _place(request.first("locator"))
        most = min(int(request.first("maxRecords") or _LARGEST_PAGE), self.page)
        shown = job.rows[start : start + most]
        end = start + len(shown)
        locator = b64encode(str(end).encode()).decode() if end < len(job.rows) else "null"
        headers = {
            "Content-Type": "text/csv",
            "Sforce-Locator": locator,
            "Sforce-NumberOfRecords": str(len(shown)),
        }
        return Response(headers=headers, body=as_csv(job.query.fields, shown))

    def _job(self, request: Request) -> Job:
        job = self.jobs.get(request.params["job"])
        if job is None:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _told(self, request: Request, job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "operation": job.operation,
            "object": job.query.sobject,
            "createdDate": job.created,
            "systemModstamp": job.created,
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(request.params["version"].removeprefix("v")),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }


def _place(locator: str) -> int:
    """The place in the results that a mark tells; without one their beginning."""
    try:
        return int(b64decode(locator)) if locator else 0
    except (ValueError, Error) as problem:
        raise Refused(400, "INVALID_LOCATOR", f"no such locator: {locator!r}") from problem
