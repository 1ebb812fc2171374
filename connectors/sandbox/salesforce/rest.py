"""The REST API: which objects there are, what they look like, records, and queries by the page."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from connectors.sandbox.salesforce.ids import salesforce_id
from connectors.sandbox.salesforce.objects import FieldTold
from connectors.sandbox.salesforce.refusals import Refused
from connectors.sandbox.salesforce.soql import Query, parsed
from connectors.sandbox.salesforce.store import Org, Record, Table
from connectors.sandbox.salesforce.values import as_json
from connectors.sandbox.serving import Request, Response, Router, json_response

DATA: Final = "/services/data"
"""Below it each version of the API has a path of its own."""

_LARGEST_PAGE: Final = 2_000
_SMALLEST_PAGE: Final = 200
_BATCH: Final = re.compile(r"batchSize=(\d+)")


@dataclass(frozen=True)
class _Cursor:
    query: Query
    rows: list[Record]


class Rest:
    """The REST API of an org; `page` is the most records that a page of a query has."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.page = _LARGEST_PAGE
        self._cursors: dict[str, _Cursor] = {}
        self._numbers = count(1)

    def add_routes(self, router: Router) -> None:
        """Answer below every version's path."""
        base = f"{DATA}/{{version}}"
        router.add("GET", f"{base}/sobjects", self._objects)
        router.add("GET", f"{base}/sobjects/", self._objects)
        router.add("GET", f"{base}/sobjects/{{sobject}}/describe", self._describe)
        router.add("GET", f"{base}/sobjects/{{sobject}}/{{id}}", self._record)
        router.add("GET", f"{base}/query", self._query)
        router.add("GET", f"{base}/query/", self._query)
        router.add("GET", f"{base}/queryAll", self._query_all)
        router.add("GET", f"{base}/queryAll/", self._query_all)
        router.add("GET", f"{base}/query/{{locator}}", self._more)

    def forget_cursors(self) -> None:
        """Let the marks of pages be unknown."""
        self._cursors.clear()

    def _objects(self, _: Request) -> Response:
        told = [{"name": name, "queryable": True} for name in sorted(self.org.tables)]
        return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": told})

    def _describe(self, request: Request) -> Response:
        table = self._table(request.params["sobject"])
        told = {"name": table.name, "label": table.name, "queryable": True}
        return json_response(told | {"fields": list(table.fields.values())})

    def _record(self, request: Request) -> Response:
        table = self._table(request.params["sobject"])
        try:
            id_ = salesforce_id(request.params["id"])
        except ValueError as problem:
            raise Refused(400, "MALFORMED_ID", str(problem)) from problem
        rows = {row["Id"]: row for row in table.visible(self.org.clock.now())}
        if id_ not in rows:
            raise Refused(404, "NOT_FOUND", "Provided external ID field does not exist")
        if rows[id_].get("IsDeleted"):
            raise Refused(404, "ENTITY_IS_DELETED", "entity is deleted")
        told = as_json(table.name, request.params["version"], rows[id_], list(table.fields))
        return Response(body=told.encode())

    def _table(self, sobject: str) -> Table:
        if sobject not in self.org.tables:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        return self.org.tables[sobject]

    def _query(self, request: Request) -> Response:
        return self._first(request, with_bin=False)

    def _query_all(self, request: Request) -> Response:
        return self._first(request, with_bin=True)

    def _first(self, request: Request, *, with_bin: bool) -> Response:
        query, rows = run(self.org, request.first("q"), with_bin=with_bin)
        if query.is_count:
            return json_response({"totalSize": len(rows), "done": True, "records": []})
        cursor = f"01g5g0{next(self._numbers):09d}AAA"
        self._cursors[cursor] = _Cursor(query, rows)
        return self._page(request, cursor, 0)

    def _more(self, request: Request) -> Response:
        cursor, _, start = request.params["locator"].rpartition("-")
        if cursor not in self._cursors or not start.isdecimal():
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(request, cursor, int(start))

    def _page(self, request: Request, cursor: str, start: int) -> Response:
        query, rows = self._cursors[cursor].query, self._cursors[cursor].rows
        end = start + self._size(request.headers)
        version = request.params["version"]
        told: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
        if end < len(rows):
            told["nextRecordsUrl"] = f"{DATA}/{version}/query/{cursor}-{end}"
        shown = (as_json(query.sobject, version, row, query.fields) for row in rows[start:end])
        head = json.dumps(told, separators=(",", ":"))[:-1]
        return Response(body=f'{head},"records":[{",".join(shown)}]}}'.encode())

    def _size(self, headers: Mapping[str, str]) -> int:
        asked = _BATCH.search(headers.get("sforce-query-options", ""))
        size = int(asked[1]) if asked else _LARGEST_PAGE
        return min(max(size, _SMALLEST_PAGE), self.page)


def run(org: Org, text: str, *, with_bin: bool) -> tuple[Query, list[Record]]:
    """Read a query and find its records; Refused where it can't be read."""

    def fields_of(sobject: str) -> Mapping[str, FieldTold]:
        return org.tables[sobject].fields

    query = parsed(text, fields_of)
    table = org.tables[query.sobject]
    rows = table.visible(org.clock.now())
    if not with_bin:
        rows = [row for row in rows if not row.get("IsDeleted")]
    return query, query.found(rows)
