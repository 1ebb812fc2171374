"""A portal's API in the few words that a sync needs: lists, searches, records by their ids.

All streams of a source in one process share one `Session`, and with it connections and limits.
"""

import itertools
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.errors import PermanentError
from connectors.http import Answer, Api, Call, Limit, get, post

RECORDS_A_PAGE: Final = 100
"""The most records of a page of a list, and of one request by ids."""

HISTORIES_A_PAGE: Final = 50
"""The same where their history is asked for."""

FOUND_A_PAGE: Final = 200
"""The most records of a page of a search."""

SUBJECTS_A_REQUEST: Final = 1_000
"""The most records whose associations one request asks for."""

# Servers refuse addresses of 8 kB and more.
_LONGEST_LIST: Final = 6_000

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """A page of a search: how many records it finds in all, and the first of them."""

    total: int
    records: Sequence[Record]


@dataclass(frozen=True)
class Pair:
    """One reason why a record is associated with another."""

    from_id: str
    to_id: str
    category: str
    type_id: int
    label: str | None


class Session:
    """One portal's API. `searches` is the limit of searches, which all apps of a portal share."""

    def __init__(self, api: Api, searches: Sequence[Limit]) -> None:
        self._api = api
        self._searches = searches

    def get(self, path: str, params: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """What the portal answers to a GET."""
        return self._api.get(path, params, **options).json()

    def listed(
        self, path: str, params: Mapping[str, Any] | None = None, *, limit: int = RECORDS_A_PAGE
    ) -> Iterator[Record]:
        """Every record of a list of moderate length."""
        for page in self.pages(path, params, limit=limit):
            yield from page.json()["results"]

    def pages(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        limit: int = RECORDS_A_PAGE,
        after: str | None = None,
        most: int | None = None,
    ) -> Generator[Answer, None, None]:
        """The pages of a list, `most` of them, from the mark `after` on.

        The next one is fetched while one is looked at.
        """
        asked = {**(params or {}), "limit": str(limit)}
        counted = itertools.count(1)

        def following(answer: Answer) -> Call | None:
            mark = next_mark(answer.json())
            is_last = mark is None or next(counted) == most
            return None if is_last else get(path, asked | {"after": str(mark)})

        first = get(path, asked | ({"after": after} if after else {}))
        return self._api.pages(first, following)

    def records(
        self,
        kind: str,
        properties: Sequence[str],
        *,
        after: str | None = None,
        most: int | None = None,
        with_history: bool = False,
    ) -> Generator[tuple[Sequence[Record], str | None], None, None]:
        """The live records of a type in the order of their ids, each page with its next mark.

        From the mark `after` on, `most` pages.
        """
        path, name = f"/crm/v3/objects/{kind}", _asked_as(with_history)
        limit = HISTORIES_A_PAGE if with_history else RECORDS_A_PAGE
        names = ",".join(properties)
        if len(names) <= _LONGEST_LIST:
            for answer in self.pages(path, {name: names}, limit=limit, after=after, most=most):
                page = answer.json()
                yield page["results"], next_mark(page)
            return
        # An address has no room for so many names; a body has.
        for answer in self.pages(
            path, {"properties": "hs_object_id"}, limit=limit, after=after, most=most
        ):
            page = answer.json()
            ids = [record["id"] for record in page["results"]]
            found = self.by_ids(kind, ids, properties, with_history=with_history)
            yield [record for part in found for record in part], next_mark(page)

    def by_ids(
        self,
        kind: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        with_history: bool = False,
        archived: bool = False,
    ) -> Iterator[Sequence[Record]]:
        """The records of these ids, as far as there are any, a request's worth at a time."""
        size = HISTORIES_A_PAGE if with_history else RECORDS_A_PAGE
        query = "?archived=true" if archived else ""
        calls = (
            post(
                f"/crm/v3/objects/{kind}/batch/read{query}",
                {
                    "inputs": [{"id": id_} for id_ in ids[start : start + size]],
                    "properties": [] if with_history else list(properties),
                    "propertiesWithHistory": list(properties) if with_history else [],
                },
            )
            for start in range(0, len(ids), size)
        )
        for answer in self._api.many(calls):
            yield answer.json()["results"]

    def search(
        self,
        kind: str,
        properties: Sequence[str],
        filters: Sequence[Mapping[str, str]],
        *,
        sort: str,
        limit: int = FOUND_A_PAGE,
        descending: bool = False,
    ) -> Found:
        """The first page of a search, sorted by one property."""
        body = {
            "filterGroups": [{"filters": list(filters)}] if filters else [],
            "sorts": [
                {"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}
            ],
            "properties": list(properties),
            "limit": limit,
        }
        call = post(f"/crm/v3/objects/{kind}/search", body, limits=self._searches)
        page = self._api.send(call).json()
        return Found(page["total"], page["results"])

    def associations(self, from_: str, to: str, ids: Sequence[str]) -> Iterator[Sequence[Pair]]:
        """All associations of these records with those of another type, a request at a time."""
        path = f"/crm/v4/associations/{from_}/{to}/batch/read"
        calls = (
            post(path, {"inputs": [{"id": id_} for id_ in ids[start : start + SUBJECTS_A_REQUEST]]})
            for start in range(0, len(ids), SUBJECTS_A_REQUEST)
        )
        for answer in self._api.many(calls):
            pairs: list[Pair] = []
            waiting = answer.json()["results"]
            while waiting:
                for row in waiting:
                    pairs.extend(_pairs(row))
                # A record with more than a page of them is asked again, from where it stopped.
                rest = [
                    {"id": str(row["from"]["id"]), "after": mark}
                    for row in waiting
                    if (mark := next_mark(row)) is not None
                ]
                waiting = self._api.post(path, {"inputs": rest}).json()["results"] if rest else []
            yield pairs

    def definitions(self, kind: str) -> Sequence[Record]:
        """The properties of a type, as the portal defines them now."""
        found: Sequence[Record] = self.get(f"/crm/v3/properties/{kind}")["results"]
        if not found:
            raise PermanentError(
                "the portal tells of no property, so what a record holds can't be known",
                where=f"/crm/v3/properties/{kind}",
                fix=f"Give the app the scope crm.schemas.{kind}.read",
            )
        return found


def next_mark(page: Mapping[str, Any]) -> str | None:
    """The mark of the next page; None after the last."""
    mark = ((page.get("paging") or {}).get("next") or {}).get("after")
    return None if mark is None else str(mark)


def _asked_as(with_history: bool) -> str:
    return "propertiesWithHistory" if with_history else "properties"


def _pairs(row: Mapping[str, Any]) -> Iterator[Pair]:
    for other in row["to"]:
        for reason in other["associationTypes"]:
            yield Pair(
                from_id=str(row["from"]["id"]),
                to_id=str(other["toObjectId"]),
                category=reason["category"],
                type_id=int(reason["typeId"]),
                label=reason.get("label"),
            )
