"""A small Salesforce org over HTTP: its records change as a test tells it to, and so do its faults.

It knows the few queries that the connector asks, and answers as the real one does: REST with
`+0000` and numbers, Bulk with `Z` and CSV, 2,000 records a page, errors as lists.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import orjson

from connectors.salesforce.streams import STREAMS, SalesforceStream
from tests.connectors.http.server import Asked, Reply, Server, serving

Record = dict[str, Any]

_TYPES = {"timestamp": "datetime", "date": "date", "boolean": "boolean", "integer": "int"}
_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?(?: ORDER BY Id)?"
)
_BASE = "/services/data/v62.0"


@dataclass
class Table:
    """An object: its fields as `describe` tells them, and its records by id."""

    prefix: str
    fields: dict[str, dict[str, Any]]
    records: dict[str, Record] = field(default_factory=dict)
    made: int = 0


@dataclass
class Job:
    """A Bulk job: its rows as they were when it was made."""

    id: str
    fields: Sequence[str]
    rows: list[Record]
    state: str = "UploadComplete"


class SmallOrg:
    """The org: `now` is its clock, `page` the most records of a page."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.tables: dict[str, Table] = {}
        self.page = 2_000
        self.jobs: dict[str, Job] = {}
        self.deleted_jobs: list[str] = []
        self.server: Server
        self.fault: Callable[[Asked], Reply | None] = lambda _: None
        self.before_page: Callable[[], None] = lambda: None
        self.refuses_bulk = False
        self.job_ends: list[str] = []
        self.longest_uri = 16_384
        self.used = 0
        self.allowed = 100_000
        self.tokens = 0
        self._valid = ""
        self._cursors: dict[str, list[Record]] = {}
        self._selected: dict[str, Sequence[str]] = {}
        for number, stream in enumerate(STREAMS):
            if isinstance(stream, SalesforceStream):
                self.tables[stream.sobject] = Table(f"{number:03d}", _described(stream))

    def add(self, sobject: str, **values: Any) -> str:
        """A new record, made now; its id."""
        table = self.tables[sobject]
        table.made += 1
        id_ = f"{table.prefix}{table.made:012d}AAA"
        record = dict.fromkeys(table.fields)
        for name, told in table.fields.items():
            if told["type"] == "boolean":
                record[name] = False
        record["Id"] = id_
        for name in ("CreatedDate", "SystemModstamp"):
            if name in table.fields:
                record[name] = self.now
        table.records[id_] = {**record, **values}
        return id_

    def change(self, sobject: str, id_: str, **values: Any) -> None:
        """Change a record now."""
        stamp = (
            {"SystemModstamp": self.now} if "SystemModstamp" in self.tables[sobject].fields else {}
        )
        self.tables[sobject].records[id_].update(stamp | values)

    def delete(self, sobject: str, id_: str) -> None:
        """Into the bin."""
        self.change(sobject, id_, IsDeleted=True)

    def remove(self, sobject: str, id_: str) -> None:
        """For good, at once."""
        del self.tables[sobject].records[id_]

    def add_field(self, sobject: str, name: str, type_: str = "string", **told: Any) -> None:
        """A field of the org's own, null in every record."""
        self.tables[sobject].fields[name] = _field(name, type_, custom=True) | told
        for record in self.tables[sobject].records.values():
            record.setdefault(name, None)

    def pass_time(self, **span: float) -> None:
        """Move the org's clock on."""
        self.now += timedelta(**span)

    def expire_token(self) -> None:
        """Let the token that was given out be refused."""
        self._valid = ""

    @property
    def asked(self) -> list[Asked]:
        """Requests so far, but for logins."""
        return [asked for asked in self.server.asked if "/data/" in asked.path]

    def respond(self, asked: Asked) -> Reply:
        """The answer to a request."""
        reply = self._respond(asked)
        self.used += 1
        headers = {
            "Date": format_datetime(self.now, usegmt=True),
            "Sforce-Limit-Info": f"api-usage={self.used}/{self.allowed}",
        }
        return Reply(**{**vars(reply), "headers": {**headers, **reply.headers}})

    def _respond(self, asked: Asked) -> Reply:
        if asked.path == "/services/oauth2/token":
            self.tokens += 1
            self._valid = f"token-{self.tokens}"
            return Reply(body={"access_token": self._valid, "instance_url": self.server.url})
        if asked.headers.get("Authorization") != f"Bearer {self._valid}" or not self._valid:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        found = self.fault(asked)
        if found is not None:
            return found
        return self._answer(asked, asked.path.removeprefix(_BASE))

    def _answer(self, asked: Asked, path: str) -> Reply:
        if path.startswith("/sobjects/"):
            return self._describe(path.split("/")[2])
        if path == "/queryAll":
            return self._query(asked.query["q"][0])
        if path.startswith("/query/"):
            return self._more(path.split("/")[2])
        return self._bulk(asked, path.removeprefix("/jobs/query"))

    def _describe(self, sobject: str) -> Reply:
        if sobject not in self.tables:
            return error(404, "NOT_FOUND", "The requested resource does not exist")
        fields = list(self.tables[sobject].fields.values())
        return Reply(body={"name": sobject, "queryable": True, "fields": fields})

    def _query(self, query: str) -> Reply:
        if len(query) > self.longest_uri:
            return Reply(414, b"URI too long")
        found = self._found(query)
        if isinstance(found, Reply):
            return found
        fields, rows = found
        if fields is None:
            return Reply(body={"totalSize": len(rows), "done": True, "records": []})
        cursor = f"01g{len(self._cursors):012d}"
        self._cursors[cursor], self._selected[cursor] = rows, fields
        return self._more(f"{cursor}-0")

    def _more(self, locator: str) -> Reply:
        cursor, start = locator.rsplit("-", 1)
        if cursor not in self._cursors:
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        rows, end = self._cursors[cursor], int(start) + self.page
        shown = [_as_json(row, self._selected[cursor]) for row in rows[int(start) : end]]
        is_done = end >= len(rows)
        body: dict[str, Any] = {"totalSize": len(rows), "done": is_done, "records": shown}
        if not is_done:
            body["nextRecordsUrl"] = f"{_BASE}/query/{cursor}-{end}"
        self.before_page()
        return Reply(body=orjson.dumps(body))

    def forget_cursors(self) -> None:
        """Let every page's mark be unknown."""
        self._cursors.clear()

    def _found(self, query: str) -> tuple[Sequence[str] | None, list[Record]] | Reply:
        parts = _QUERY.fullmatch(query)
        assert parts, query
        table = self.tables.get(parts["object"])
        if table is None:
            return error(400, "INVALID_TYPE", f"sObject type '{parts['object']}' is not supported")
        fields = None if parts["fields"] == "COUNT()" else parts["fields"].split(",")
        unknown = [name for name in fields or () if name not in table.fields]
        if unknown:
            return error(400, "INVALID_FIELD", f"No such column '{unknown[0]}'")
        rows = [dict(table.records[id_]) for id_ in sorted(table.records)]
        for condition in (parts["where"] or "").split(" AND "):
            if condition:
                rows = [row for row in rows if _fulfils(row, condition)]
        return fields, rows

    def _bulk(self, asked: Asked, path: str) -> Reply:
        if asked.method == "POST":
            return self._create(asked.json()["query"])
        _, id_, *rest = path.split("/")
        job = self.jobs.get(id_)
        if job is None:
            return error(404, "NOT_FOUND", "The requested resource does not exist")
        if asked.method == "DELETE":
            del self.jobs[id_]
            self.deleted_jobs.append(id_)
            return Reply(204)
        if rest:
            return self._results(job, asked)
        if job.state == "InProgress":
            job.state = self.job_ends.pop(0) if self.job_ends else "JobComplete"
        elif job.state == "UploadComplete":
            job.state = "InProgress"
        told = {"id": id_, "state": job.state, "numberRecordsProcessed": len(job.rows)}
        return Reply(body=told)

    def _create(self, query: str) -> Reply:
        if self.refuses_bulk:
            return error(400, "INVALIDENTITY", "Entity is not supported by the Bulk API")
        found = self._found(query)
        if isinstance(found, Reply):
            return found
        fields, rows = found
        job = Job(f"750{len(self.jobs) + len(self.deleted_jobs):012d}", fields or (), rows)
        self.jobs[job.id] = job
        return Reply(body={"id": job.id, "state": job.state})

    def _results(self, job: Job, asked: Asked) -> Reply:
        start = int(asked.query.get("locator", ["0"])[0])
        end = start + min(int(asked.query["maxRecords"][0]), self.page)
        shown = job.rows[start:end]
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(job.fields)
        writer.writerows([_as_csv(row[name]) for name in job.fields] for row in shown)
        locator = str(end) if end < len(job.rows) else "null"
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(shown))}
        self.before_page()
        return Reply(body=text.getvalue().encode(), headers={"Content-Type": "text/csv", **headers})


@contextmanager
def small_org() -> Iterator[SmallOrg]:
    """An org that answers as long as the block lasts."""
    org = SmallOrg()
    with serving(org.respond) as server:
        org.server = server
        yield org


def error(status: int, code: str, message: str) -> Reply:
    return Reply(status, [{"errorCode": code, "message": message}])


def _described(stream: SalesforceStream) -> dict[str, dict[str, Any]]:
    return {
        name: _field(name, "id" if name == "Id" else _TYPES.get(kind, kind), custom=False)
        for column, name in (stream.fields or {}).items()
        for kind in [_kind(stream.columns[column].type.value)]
    }


def _kind(type_: str) -> str:
    return {"text": "string", "decimal": "double"}.get(type_, type_)


def _field(name: str, type_: str, *, custom: bool) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": type_,
        "calculated": False,
        "custom": custom,
        "nillable": True,
        "length": 255,
        "precision": 0,
        "scale": 0,
        "picklistValues": [],
        "referenceTo": [],
        "relationshipName": None,
    }


def _fulfils(row: Mapping[str, Any], condition: str) -> bool:
    if " IN " in condition:
        name, listed = condition.split(" IN ")
        return row[name] in re.findall(r"'([^']*)'", listed)
    name, operator, written = condition.split(" ")
    held, wanted = row[name], _literal(written)
    if operator == "=":
        return bool(held == wanted)
    return {">": held > wanted, ">=": held >= wanted, "<": held < wanted, "<=": held <= wanted}[
        operator
    ]


def _literal(written: str) -> Any:
    if written in ("true", "false"):
        return written == "true"
    return written[1:-1] if written.startswith("'") else datetime.fromisoformat(written)


def _as_json(row: Record, fields: Sequence[str]) -> Record:
    return {"attributes": {"type": "X"}} | {name: _json(row[name]) for name in fields}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if isinstance(value, date):
        return value.isoformat()
    return orjson.Fragment(str(value)) if isinstance(value, Decimal) else value


def _as_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return str(value)
