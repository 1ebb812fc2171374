"""The paths of `/crm/v3/objects`: list, read, read many, search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectors.sandbox.hubspot.kinds import KINDS, Kind, instant, kind_of
from connectors.sandbox.hubspot.records import Snapshot, Values, is_system, system_value
from connectors.sandbox.hubspot.refusals import Refused, invalid, not_found, refusal
from connectors.sandbox.hubspot.search import find, read_search
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Request, Response, Router

_PAGE: Final = 100
_PAGE_WITH_HISTORY: Final = 50
_ASSOCIATED: Final = 100


def answer(value: object, status: int = 200) -> Response:
    """An answer in JSON, made fast."""
    return Response(status, body=orjson.dumps(value))


def json_of(request: Request) -> dict[str, Any]:
    """The body, which has to be a JSON object."""
    try:
        told = orjson.loads(request.body)
    except ValueError:
        raise invalid("Invalid input JSON") from None
    if not isinstance(told, dict):
        raise invalid("Invalid input JSON: an object is expected")
    return told


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    """A query parameter that is a number from 1 to `most`."""
    text = request.first(name, str(default))
    if not text.isdigit() or not 0 < int(text) <= most:
        raise invalid(f"{name} has to be a number from 1 to {most}, not {text!r}")
    return int(text)


def next_page(request: Request, after: str) -> dict[str, Any]:
    """Where the next page is."""
    others = [p for p in request.target.partition("?")[2].split("&") if p and p[:6] != "after="]
    query = "&".join([*others, f"after={after}"])
    return {"next": {"after": after, "link": f"https://api.hubapi.com{request.path}?{query}"}}


@dataclass(frozen=True)
class Wanted:
    """What of a record is asked for."""

    properties: tuple[str, ...]
    with_history: tuple[str, ...] = ()
    associated: tuple[Kind, ...] = ()


class ObjectsApi:
    """Answers from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, router: Router) -> None:
        """Add the paths."""
        router.add("GET", "/crm/v3/objects/{kind}", self.list_records)
        router.add("POST", "/crm/v3/objects/{kind}/search", self.search)
        router.add("POST", "/crm/v3/objects/{kind}/batch/read", self.read_batch)
        router.add("GET", "/crm/v3/objects/{kind}/{id}", self.read)

    def list_records(self, request: Request) -> Response:
        """A page of all records, by id."""
        kind = the_kind(request.params["kind"])
        wanted = self._wanted(request, kind)
        most = _PAGE_WITH_HISTORY if wanted.with_history else _PAGE
        limit = whole_number(request, "limit", 10, most)
        after = request.first("after", "0")
        if not after.isdigit():
            raise invalid(f"after is no place of this list: {after!r}")
        store = self._store
        with store.lock:
            archived = is_true(request.first("archived"))
            records = store.records[kind.name]
            page, has_more = records.page(int(after), limit, archived=archived)
            told: dict[str, Any] = {"results": self._render(kind, page, wanted)}
        if has_more:
            told["paging"] = next_page(request, str(page[-1].id + 1))
        return answer(told)

    def read(self, request: Request) -> Response:
        """One record."""
        kind = the_kind(request.params["kind"])
        wanted = self._wanted(request, kind)
        id_property = request.first("idProperty")
        with self._store.lock:
            found = self._find(
                kind, request.params["id"], id_property, is_true(request.first("archived"))
            )
            if found is None:
                raise not_found("resource not found")
            return answer(self._render(kind, [found], wanted)[0])

    def read_batch(self, request: Request) -> Response:
        """Several records by id: those that are there, in no order that one may count on."""
        kind = the_kind(request.params["kind"])
        told = json_of(request)
        wanted = Wanted(
            tuple(told.get("properties") or kind.default_properties),
            tuple(told.get("propertiesWithHistory") or ()),
        )
        inputs = [str(one.get("id", "")) for one in told.get("inputs") or []]
        most = _PAGE_WITH_HISTORY if wanted.with_history else _PAGE
        if not 0 < len(inputs) <= most:
            raise invalid(f"inputs has to hold 1 to {most} ids, not {len(inputs)}")
        archived = is_true(request.first("archived"))
        now = instant(self._store.clock.milliseconds())
        with self._store.lock:
            by = str(told.get("idProperty") or "")
            asked = {id_: self._find(kind, id_, by, archived) for id_ in inputs}
            found = {s.id: s for s in asked.values() if s is not None}
            results = self._render(kind, [found[id_] for id_ in sorted(found)], wanted)
        body: dict[str, Any] = {"status": "COMPLETE", "results": results}
        missing = [id_ for id_, snapshot in asked.items() if snapshot is None]
        if missing:
            body["numErrors"] = 1
            body["errors"] = [_missing(kind, missing)]
        body |= {"startedAt": now, "completedAt": now}
        return answer(body, 207 if missing else 200)

    def search(self, request: Request) -> Response:
        """What is found, as far as the index has seen it."""
        kind = the_kind(request.params["kind"])
        store = self._store
        with store.lock:
            properties = store.properties[kind.name]
            wanted = read_search(json_of(request), kind, properties)
            records = store.records[kind.name]
            records.index.catch_up(store.clock.milliseconds())
            found = find(records, properties, wanted)
            results = self._render(kind, found.page, Wanted(wanted.properties))
        told: dict[str, Any] = {"total": found.total, "results": results}
        after = wanted.after + len(found.page)
        if after < found.total and found.page:
            told["paging"] = {"next": {"after": str(after)}}
        return answer(told)

    def _wanted(self, request: Request, kind: Kind) -> Wanted:
        return Wanted(
            tuple(request.words("properties")) or kind.default_properties,
            tuple(request.words("propertiesWithHistory")),
            tuple(the_kind(name) for name in request.words("associations")),
        )

    def _find(self, kind: Kind, id_: str, by: str, archived: bool) -> Snapshot | None:
        records = self._store.records[kind.name]
        if by and by != "hs_object_id":
            found = next((s for s in records.by_id.values() if s.values.get(by, "") == id_), None)
        else:
            found = records.find(int(id_)) if id_.isdigit() else None
        return found if found is None or (found.archived is not None) == archived else None

    def _render(
        self, kind: Kind, snapshots: Sequence[Snapshot], wanted: Wanted
    ) -> list[dict[str, Any]]:
        defined = self._store.properties[kind.name]
        asked = dict.fromkeys((*wanted.properties, *wanted.with_history))
        names = [n for n in asked if n in defined and not is_system(kind, n)]
        always = ("hs_object_id", kind.created, kind.modified)
        own = [n for n in dict.fromkeys((*asked, *always)) if is_system(kind, n)]
        pasts = [n for n in wanted.with_history if n in defined]
        results = []
        for snapshot in snapshots:
            values = snapshot.values
            told = {name: values.get(name) for name in names}
            for name in own:
                told[name] = system_value(kind, name, snapshot)
            one: dict[str, Any] = {
                "id": str(snapshot.id),
                "properties": told,
                "createdAt": instant(snapshot.created),
                "updatedAt": instant(snapshot.modified),
                "archived": snapshot.archived is not None,
            }
            if snapshot.archived is not None:
                one["archivedAt"] = instant(snapshot.archived)
            if wanted.with_history:
                one["propertiesWithHistory"] = {
                    name: self._history(kind, snapshot, values, name) for name in pasts
                }
            if wanted.associated:
                one["associations"] = self._associated(kind, snapshot, wanted.associated)
            results.append(one)
        return results

    def _history(
        self, kind: Kind, snapshot: Snapshot, values: Values, name: str
    ) -> list[dict[str, Any]]:
        told = []
        for past in reversed(self._store.pasts(kind.name, snapshot, values, name)):
            one: dict[str, Any] = {
                "value": past.value,
                "timestamp": instant(past.at),
                "sourceType": past.source.type,
            }
            if past.source.id is not None:
                one["sourceId"] = past.source.id
            if past.source.user_id is not None:
                one["updatedByUserId"] = past.source.user_id
            told.append(one)
        return told

    def _associated(self, kind: Kind, snapshot: Snapshot, others: Iterable[Kind]) -> dict[str, Any]:
        """Once per label, and no more than a hundred of a type."""
        told: dict[str, Any] = {}
        for other in others:
            rows = [
                {"id": str(id_), "type": _type_name(kind, other, one.label)}
                for id_, types in visible_links(self._store, kind, snapshot.id, other).items()
                for one in types
            ]
            if not rows:
                continue
            told[other.name] = {"results": rows[:_ASSOCIATED]}
            if len(rows) > _ASSOCIATED:
                path = f"/crm/v3/objects/{kind.name}/{snapshot.id}/associations/{other.name}"
                after = rows[_ASSOCIATED]["id"]
                link = f"https://api.hubapi.com{path}?after={after}"
                told[other.name]["paging"] = {"next": {"after": after, "link": link}}
        return told


def visible_links(store: Store, kind: Kind, id_: int, other: Kind) -> Mapping[int, Any]:
    """The associations of a record with those of a type that are not archived, by id."""
    there = store.records[other.name].by_id
    links = store.links.of(kind.name, id_, other.name)
    return {to: types for to, types in links.items() if to in there and there[to].archived is None}


def _type_name(kind: Kind, other: Kind, label: str | None) -> str:
    plain = f"{kind.singular}_to_{other.singular}"
    if label is None:
        return f"{plain}_unlabeled" if (kind.name, other.name) in _UNLABELED else plain
    return plain if label == "Primary" else label.lower().replace(" ", "_")


_UNLABELED: Final = {
    ("contacts", "companies"),
    ("companies", "contacts"),
    ("deals", "companies"),
    ("companies", "deals"),
}


def the_kind(name: str) -> Kind:
    """The object type of that name; Refused where there is none."""
    kind = kind_of(name)
    if kind is None:
        known = ", ".join(KINDS)
        raise Refused(
            refusal(400, f"Unable to infer object type from: {name}; the sandbox has {known}")
        )
    return kind


def is_true(text: str) -> bool:
    """Whether a query parameter says yes."""
    return text.lower() == "true"


def _missing(kind: Kind, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.singular.upper()} objects, they may be deleted or "
        "not exist. Check that ids are valid.",
        "context": {"ids": list(ids)},
    }
