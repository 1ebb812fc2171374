"""Which properties of a type are read, and how its records become rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

STAGES_ENTERED: Final = "stages_entered"
"""The column that tells when a record entered its stages: `stage=time`, separated by `;`.

Of each stage the portal keeps the last entry alone.
"""

_NOT_PROPERTIES: Final = frozenset({"id", "archived_at", STAGES_ENTERED})
# Not among the properties that a portal lists, and there all the same.
_ENTERED: Final = "hs_v2_date_entered_{}"
_EXITED: Final = "hs_v2_date_exited_{}"
# By which a portal tells the same where it lists them: its older ways.
_ONCE_ENTERED: Final = ("hs_lifecyclestage_{}_date", "hs_date_entered_{}")


@dataclass(frozen=True)
class Reading:
    """How a type is read now: the properties with columns, and all others.

    `columns`: each column with its property. `types`: what the portal says each property is.
    `stages`: the properties that tell when each stage was entered, those first that count first.
    """

    kind: str
    columns: Mapping[str, str]
    others: tuple[str, ...]
    stages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, str]:
        """What the portal lists, with its types: columns by their names, the rest by its own."""
        names = {of: name for name, of in self.columns.items()}
        return {names.get(of, of): type_ for of, type_ in self.types.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """All properties that are asked for."""
        dated = (name for names in self.stages.values() for name in names)
        return tuple(dict.fromkeys((*self.columns.values(), *self.others, *dated)))

    @property
    def modified(self) -> str:
        """The property by which changes are found."""
        return MODIFIED.get(self.kind, "hs_lastmodifieddate")


def reading_of(session: Session, declared: ApiStream) -> Reading:
    """Every property that the portal defines for the type, found from its own metadata."""
    definitions = session.definitions(declared.name)
    columns = {
        name: declared.chosen.get(name, name)
        for name in declared.columns
        if name not in _NOT_PROPERTIES
    }
    listed = {str(found["name"]) for found in definitions}
    stages = {
        stage: (
            _ENTERED.format(stage),
            *(name for way in _ONCE_ENTERED if (name := way.format(stage)) in listed),
        )
        for stage in _stages(session, declared.name, definitions)
    }
    dated = {name for names in stages.values() for name in names}
    others = listed | {_EXITED.format(stage) for stage in stages}
    others -= dated | {*columns.values()}
    types = {str(found["name"]): str(found.get("type")) for found in definitions}
    return Reading(declared.name, columns, tuple(sorted(others)), stages, types)


def _stages(session: Session, kind: str, definitions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of the stages that records of a type can be in, as far as their entries are dated."""
    if kind == "contacts":
        found = [told for told in definitions if told["name"] == "lifecyclestage"]
        return [str(option["value"]) for told in found for option in told.get("options") or ()]
    if kind != "deals":
        return []
    pipelines = session.get("/crm/v3/pipelines/deals")["results"]
    return [str(stage["id"]) for pipeline in pipelines for stage in pipeline["stages"]]


def to_rows(records: Sequence[Mapping[str, Any]], reading: Reading) -> pa.Table:
    """Records as rows: known properties as text, the rest as JSON; an empty text is nothing."""
    properties = [record["properties"] for record in records]
    ids = [str(record["id"]) for record in records]
    columns: dict[str, Any] = {
        name: pa.array([found.get(of) or None for found in properties], pa.string())
        for name, of in reading.columns.items()
    }
    if reading.stages:
        entered = [_stages_entered(found, reading.stages) for found in properties]
        columns[STAGES_ENTERED] = pa.array(entered, pa.string())
    columns["id"] = pa.array(ids, pa.string())
    columns["archived_at"] = pa.array([r.get("archivedAt") for r in records], pa.string())
    columns["_record_id"] = columns["id"]
    columns["_origin"] = pa.array([f"{reading.kind}/{id_}" for id_ in ids], pa.string())
    known = frozenset(reading.names) - frozenset(reading.others)
    columns["_extra"] = pa.array([extra_of(found, known) for found in properties], pa.string())
    columns["_deleted"] = pa.array([bool(r.get("archived")) for r in records], pa.bool_())
    return pa.table(columns)


def _stages_entered(
    properties: Mapping[str, Any], stages: Mapping[str, Sequence[str]]
) -> str | None:
    """When a record entered each stage; None where nothing tells."""
    told = (
        (stage, next((found for name in names if (found := properties.get(name))), None))
        for stage, names in stages.items()
    )
    dated = [f"{stage}={instant(at)}" for stage, at in sorted(told) if at is not None]
    return ";".join(dated) or None


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
