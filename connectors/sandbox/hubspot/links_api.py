"""The paths of `/crm/v4`: associations with all their types and labels."""

from collections.abc import Sequence
from typing import Any, Final

from connectors.sandbox.hubspot.kinds import Kind, instant
from connectors.sandbox.hubspot.links import LinkType
from connectors.sandbox.hubspot.objects_api import (
    answer,
    json_of,
    next_page,
    the_kind,
    visible_links,
    whole_number,
)
from connectors.sandbox.hubspot.refusals import invalid, not_found
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Request, Response, Router

_MOST_IDS: Final = 1000
_PAGE: Final = 500


class LinksApi:
    """Answers from a store. `page`: how many associations of a record one answer tells."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.page = _PAGE

    def add_to(self, router: Router) -> None:
        """Add the paths."""
        router.add("POST", "/crm/v4/associations/{from}/{to}/batch/read", self.read_batch)
        router.add("GET", "/crm/v4/associations/{from}/{to}/labels", self.labels)
        router.add("GET", "/crm/v4/objects/{from}/{id}/associations/{to}", self.read)

    def read_batch(self, request: Request) -> Response:
        """Of several records, each with its own paging."""
        kind, other = the_kind(request.params["from"]), the_kind(request.params["to"])
        inputs = json_of(request).get("inputs") or []
        if not 0 < len(inputs) <= _MOST_IDS:
            raise invalid(f"inputs has to hold 1 to {_MOST_IDS} ids, not {len(inputs)}")
        results: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        with self._store.lock:
            for one in inputs:
                id_, after = str(one.get("id", "")), str(one.get("after") or "0")
                found = self._of(kind, id_, other)
                if not found:
                    errors.append(_none(kind, id_, other))
                    continue
                rows, following = self._rows(found, after, self.page)
                told: dict[str, Any] = {"from": {"id": id_}, "to": rows}
                if following:
                    told["paging"] = {"next": {"after": following}}
                results.append(told)
        now = instant(self._store.clock.milliseconds())
        body: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if errors:
            body |= {"numErrors": len(errors), "errors": errors}
        return answer(body | {"startedAt": now, "completedAt": now}, 207 if errors else 200)

    def read(self, request: Request) -> Response:
        """Of one record."""
        kind, other = the_kind(request.params["from"]), the_kind(request.params["to"])
        limit = whole_number(request, "limit", _PAGE, _PAGE)
        with self._store.lock:
            id_ = request.params["id"]
            if not id_.isdigit() or self._store.records[kind.name].find(int(id_)) is None:
                raise not_found("resource not found")
            found = self._of(kind, id_, other)
            rows, following = self._rows(found, request.first("after", "0"), min(limit, self.page))
        told: dict[str, Any] = {"results": rows}
        return answer(told | ({"paging": next_page(request, following)} if following else {}))

    def labels(self, request: Request) -> Response:
        """The types of associations from one type to another."""
        kind, other = the_kind(request.params["from"]), the_kind(request.params["to"])
        with self._store.lock:
            types = list(self._store.links.types[kind.name, other.name])
        return answer({"results": [_as_json(one) for one in types]})

    def _of(self, kind: Kind, id_: str, other: Kind) -> list[tuple[int, Sequence[LinkType]]]:
        snapshot = self._store.records[kind.name].find(int(id_)) if id_.isdigit() else None
        if snapshot is None or snapshot.archived is not None:
            return []
        return list(visible_links(self._store, kind, snapshot.id, other).items())

    def _rows(
        self, found: Sequence[tuple[int, Sequence[LinkType]]], after: str, most: int
    ) -> tuple[list[dict[str, Any]], str]:
        if not after.isdigit():
            raise invalid(f"after is no place of these associations: {after!r}")
        left = [one for one in found if one[0] > int(after)]
        rows = [
            {"toObjectId": id_, "associationTypes": [_as_json(one) for one in types]}
            for id_, types in left[:most]
        ]
        return rows, str(left[most - 1][0]) if len(left) > most else ""


def _as_json(one: LinkType) -> dict[str, Any]:
    return {"category": one.category, "typeId": one.type_id, "label": one.label}


def _none(kind: Kind, id_: str, other: Kind) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.singular} is associated with {kind.singular} {id_}.",
        "context": {
            "fromObjectId": [id_],
            "fromObjectType": [kind.singular],
            "toObjectType": [other.singular],
        },
        # The official client insists on them.
        "links": {},
        "errors": [],
    }
