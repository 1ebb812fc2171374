"""Which properties of a type are read, and how its records become rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import pyarrow as pa

from connectors.api_stream import ApiStream
from connectors.hubspot.session import Session

MODIFIED: Final = {"contacts": "lastmodifieddate"}
"""The property that tells when a record was last modified, where it is not hs_lastmodifieddate."""

MERGED: Final = "hs_merged_object_ids"
OBJECT_ID: Final = "hs_object_id"

_NOT_PROPERTIES: Final = frozenset({"id", "archived_at"})
# Not among the properties that a portal lists, and there all the same: when a stage was entered.
_STAGE_DATES: Final = ("hs_v2_date_entered_{}", "hs_v2_date_exited_{}")


@dataclass(frozen=True)
class Reading:
    """How a type is read now: the properties with columns, and all others."""

    kind: str
    columns: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All properties that are asked for."""
        return (*self.columns, *self.others)

    @property
    def modified(self) -> str:
        """The property by which changes are found."""
        return MODIFIED.get(self.kind, "hs_lastmodifieddate")


def reading_of(session: Session, declared: ApiStream) -> Reading:
    """Every property that the portal defines for the type, found from its own metadata."""
    defined = [str(found["name"]) for found in session.definitions(declared.name)]
    known = tuple(name for name in declared.columns if name not in _NOT_PROPERTIES)
    others = [name for name in defined if name not in known]
    if declared.name == "deals":
        stages = [
            stage["id"]
            for pipeline in session.get("/crm/v3/pipelines/deals")["results"]
            for stage in pipeline["stages"]
        ]
        dated = [name.format(stage) for stage in stages for name in _STAGE_DATES]
        others += [name for name in dated if name not in others]
    return Reading(declared.name, known, tuple(sorted(others)))


def to_rows(records: Sequence[Mapping[str, Any]], reading: Reading) -> pa.Table:
    """Records as rows: known properties as text, the rest as JSON; an empty text is nothing."""
    properties = [record["properties"] for record in records]
    ids = [str(record["id"]) for record in records]
    columns: dict[str, Any] = {
        name: pa.array([found.get(name) or None for found in properties], pa.string())
        for name in reading.columns
    }
    columns["id"] = pa.array(ids, pa.string())
    columns["archived_at"] = pa.array([r.get("archivedAt") for r in records], pa.string())
    columns["_record_id"] = columns["id"]
    columns["_origin"] = pa.array([f"{reading.kind}/{id_}" for id_ in ids], pa.string())
    known = frozenset(reading.columns)
    columns["_extra"] = pa.array([extra_of(found, known) for found in properties], pa.string())
    columns["_deleted"] = pa.array([bool(r.get("archived")) for r in records], pa.bool_())
    return pa.table(columns)


def deletions(ids: Sequence[str], kind: str) -> pa.Table:
    """Rows that say that these records are gone, and nothing else of them."""
    return pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "_record_id": pa.array(ids, pa.string()),
            "_origin": pa.array([f"{kind}/{id_}" for id_ in ids], pa.string()),
            "_deleted": pa.array([True] * len(ids), pa.bool_()),
        }
    )


def instant(told: Any) -> str | None:
    """A time that is told in milliseconds, or as ISO 8601, as the latter."""
    if told is None or told == "":
        return None
    if isinstance(told, int) or str(told).isdecimal():
        at = datetime.fromtimestamp(int(told) / 1000, tz=UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{int(told) % 1000:03d}Z"
    return str(told)


def extra_of(properties: Mapping[str, Any], known: frozenset[str]) -> str | None:
    """Whatever a record says beside what is known by name, as JSON; None where that is nothing."""
    rest = {
        name: value
        for name, value in properties.items()
        if value is not None and value != "" and name not in known
    }
    # By name: the order in which a portal lists them is no change of the record.
    return orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode() if rest else None
