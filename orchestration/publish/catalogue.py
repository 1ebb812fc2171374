"""What the catalogue says of the published tables and of the sources behind them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any, Final

import pyarrow as pa

from orchestration.publish.gate import Gate
from orchestration.warehouse.dbt_project import DbtProject

PUBLIC_SCHEMA: Final = "marts"

_GRAIN: Final = re.compile(r"\bone row per ([^.:;]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Relation:
    """A published table or view: what it is, what one row of it is, and what tells rows apart.

    `unique` are the columns that tests hold unique together, the key first; `not_null` those that
    tests hold to be never null. `personal` are the columns that tell who somebody is, each with the
    condition in SQL on which it does so in a row. `dated_by` is the column that
    says when each row is of.
    """

    name: str
    is_view: bool
    description: str
    grain: str | None
    key: tuple[str, ...]
    columns: Mapping[str, str]
    built_at: datetime | None
    version: str
    unique: tuple[tuple[str, ...], ...] = ()
    not_null: frozenset[str] = frozenset()
    personal: Mapping[str, str] = field(default_factory=dict)
    dated_by: str | None = None


def _own(
    name: str,
    description: str,
    grain: str,
    key: tuple[str, ...],
    columns: Mapping[str, str] | None = None,
    *,
    personal: Mapping[str, str] | None = None,
) -> Relation:
    return Relation(
        name,
        False,
        description,
        grain,
        key,
        columns or {},
        None,
        "1",
        unique=(key,),
        not_null=frozenset(key),
        personal=personal or {},
    )


@dataclass(frozen=True)
class Stamp:
    """What a published version as a whole was made of. Instants are naive in UTC."""

    version: str
    published_at: datetime
    as_of: datetime
    known_at: datetime
    agreement_version: str
    run_id: str


AGREEMENT_CHANGE: Final = "agreement_change"
AGREEMENT_CHANGES: Final = pa.schema(
    {
        "metric": pa.string(),
        "month": pa.date32(),
        "segment": pa.string(),
        "slice_kind": pa.string(),
        "slice": pa.string(),
        "agreement_before": pa.string(),
        "agreement_after": pa.string(),
        "change": pa.string(),
        "value_before": pa.float64(),
        "value_after": pa.float64(),
        "difference": pa.float64(),
        "n_before": pa.int64(),
        "n_after": pa.int64(),
        "target_before": pa.float64(),
        "target_after": pa.float64(),
        "status_before": pa.string(),
        "status_after": pa.string(),
        "as_of": pa.timestamp("us"),
        "known_at": pa.timestamp("us"),
    }
)
"""The columns of `agreement_change`."""

OWNERS_SLICE: Final[Mapping[str, str]] = {"slice": "slice_kind = 'owner'"}
"""What of the scorecard, and of what moved in it, tells who somebody is."""

OWN_RELATIONS: Final = (
    _own(
        AGREEMENT_CHANGE,
        "What the last other agreement moved: each cell of the scorecard by the agreement before "
        "and by the one after it, on the same clocks. Cells without a case by either are left out; "
        "empty where the agreement has not changed yet.",
        "metric, month, segment and slice",
        ("metric", "month", "segment", "slice_kind", "slice"),
        {
            "metric": "The measure, as in alignment_scorecard.",
            "month": "First day of the month, in the agreement's time zone.",
            "segment": "The segment, or all.",
            "slice_kind": "all, team, owner or source.",
            "slice": "Which of them; all for all.",
            "agreement_before": "The version of the agreement that was in force before.",
            "agreement_after": "The version that took its place.",
            "change": "moved (the value, its cases, its target or its status), appeared or "
            "vanished (only one of the two has a case), same.",
            "value_before": "The value by the agreement before; null where it has none.",
            "value_after": "The value by the one after.",
            "difference": "value_after - value_before.",
            "n_before": "How many cases the value stood on.",
            "n_after": "How many it stands on.",
            "target_before": "What was promised by the agreement before.",
            "target_after": "What is promised by the one after.",
            "status_before": "The status by the agreement before; null where the cell was none.",
            "status_after": "The status by the one after.",
            "as_of": "What had happened by then, UTC: of both.",
            "known_at": "As it was known then, UTC: of both.",
        },
        personal=OWNERS_SLICE,
    ),
    _own(
        "catalogue",
        "What each published table is, its grain, its key, how fresh it is, and of what version.",
        "table",
        ("table_name",),
    ),
    _own(
        "catalogue_column",
        "What each column of each published table holds.",
        "column of a table",
        ("table_name", "column_name"),
    ),
    _own(
        "catalogue_source",
        "The sources: whether each one's last load went well, and the age of what is published.",
        "source",
        ("source",),
    ),
)
"""Tables that are made as they are published: the catalogue's own, and what an agreement moved."""

CATALOGUE_TABLES: Final = frozenset(
    relation.name for relation in OWN_RELATIONS if relation.name != AGREEMENT_CHANGE
)
"""Those that a refresh makes anew."""


def public_relations(project: DbtProject, gate: Gate, made: Mapping[str, str]) -> list[Relation]:
    """What is published, each after those that it reads; `made` are the recipes, its versions."""
    public = {i: n for i, n in project.models.items() if n["schema"] == PUBLIC_SCHEMA}
    reads = {
        unique_id: [other for other in public[unique_id]["depends_on"]["nodes"] if other in public]
        for unique_id in sorted(public)
    }
    return [
        _relation(unique_id, public[unique_id], project, gate, made[unique_id])
        for unique_id in TopologicalSorter(reads).static_order()
    ]


def personal_columns(node: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a model that tell who somebody is, each with the condition on which it does.

    Their yml says so: `config: {meta: {personal: true}}`, or the condition in the place of true.
    """
    told = {
        name: (column.get("config") or {}).get("meta", {}).get("personal")
        for name, column in node["columns"].items()
    }
    return {name: "true" if on is True else str(on) for name, on in told.items() if on}


def catalogue_table(
    relations: Iterable[Relation], rows: Mapping[str, int], stamp: Stamp
) -> pa.Table:
    """The catalogue: one row per table."""
    instant = pa.timestamp("us")
    schema = pa.schema(
        {
            "table_name": pa.string(),
            "kind": pa.string(),
            "description": pa.string(),
            "grain": pa.string(),
            "key": pa.string(),
            "row_count": pa.int64(),
            "built_at": instant,
            "as_of": instant,
            "known_at": instant,
            "agreement_version": pa.string(),
            "version": pa.string(),
            "published_at": instant,
            "published_version": pa.string(),
            "run_id": pa.string(),
        }
    )
    records = [
        {
            "table_name": relation.name,
            "kind": "view" if relation.is_view else "table",
            "description": relation.description,
            "grain": f"one row per {relation.grain}" if relation.grain else None,
            "key": ", ".join(relation.key) or None,
            "row_count": rows.get(relation.name),
            "built_at": relation.built_at or stamp.published_at,
            "as_of": stamp.as_of,
            "known_at": stamp.known_at,
            "agreement_version": stamp.agreement_version,
            "version": relation.version,
            "published_at": stamp.published_at,
            "published_version": stamp.version,
            "run_id": stamp.run_id,
        }
        for relation in relations
    ]
    return pa.Table.from_pylist(records, schema=schema)


def column_table(
    described: Iterable[tuple[str, str, str]], relations: Iterable[Relation]
) -> pa.Table:
    """One row per column, of (table, column, type) in their order."""
    told = {relation.name: relation for relation in relations}
    records = [
        {
            "table_name": table,
            "column_name": column,
            "position": position,
            "data_type": kind,
            "description": told[table].columns.get(column),
            "is_personal": column in told[table].personal,
        }
        for position, (table, column, kind) in _numbered(described)
    ]
    text = pa.string()
    return pa.Table.from_pylist(
        records,
        schema=pa.schema(
            {
                "table_name": text,
                "column_name": text,
                "position": pa.int32(),
                "data_type": text,
                "description": text,
                "is_personal": pa.bool_(),
            }
        ),
    )


def _numbered(
    described: Iterable[tuple[str, str, str]],
) -> Iterable[tuple[int, tuple[str, str, str]]]:
    seen: dict[str, int] = {}
    for table, column, kind in described:
        seen[table] = seen.get(table, 0) + 1
        yield seen[table], (table, column, kind)


SOURCES_QUERY: Final = """
    select
        source,
        required,
        state,
        problem,
        last_synced_at,
        round(epoch($now - last_synced_at) / 3600, 2) as age_hours,
        stale_after_minutes / 60 as stale_after_hours,
        state = 'stale' as is_stale,
        watermark,
        observed_from,
        rows as row_count,
        rejected as in_quarantine,
        versions as lake_versions
    from bound.sources
    left join problems using (source)
    order by source
"""
"""`catalogue_source`, over the warehouse and a table `problems` (source, problem).

What is published of a source is as old as its last good load, `last_synced_at`.
"""


def problem_table(problems: Mapping[str, str]) -> pa.Table:
    """What went wrong in the last loads, for SOURCES_QUERY."""
    schema = pa.schema({"source": pa.string(), "problem": pa.string()})
    rows = [{"source": source, "problem": told} for source, told in problems.items()]
    return pa.Table.from_pylist(rows, schema=schema)


def _relation(
    unique_id: str, node: Mapping[str, Any], project: DbtProject, gate: Gate, recipe: str
) -> Relation:
    description = " ".join(node["description"].split())
    grain = _GRAIN.search(description)
    entry = gate.models.get(unique_id)
    built_at = datetime.fromisoformat(entry.at) if entry and entry.at else None
    unique, not_null = _held_unique(unique_id, node, project), _never_null(unique_id, project)
    return Relation(
        name=node["name"],
        is_view=node["config"]["materialized"] == "view",
        description=description,
        grain=grain[1].strip() if grain else None,
        key=next((c for c in unique if len(c) > 1 or not_null.issuperset(c)), ()),
        columns={
            name: " ".join((column.get("description") or "").split())
            for name, column in node["columns"].items()
        },
        built_at=built_at.replace(tzinfo=None) if built_at else None,
        version=recipe,
        unique=unique,
        not_null=not_null,
        personal=personal_columns(node),
        dated_by=node["config"].get("meta", {}).get("dated_by"),
    )


def _held_unique(
    unique_id: str, node: Mapping[str, Any], project: DbtProject
) -> tuple[tuple[str, ...], ...]:
    """The columns that tests hold unique: together first, then each alone, those never null first.

    An absent value equals an absent one together, and no other one alone.
    """
    together = [
        tuple(test["test_metadata"]["kwargs"]["columns"])
        for test in _tests(unique_id, project)
        if _kind(test) == "unique_combination"
    ]
    alone = {test["column_name"] for test in _tests(unique_id, project) if _kind(test) == "unique"}
    not_null = _never_null(unique_id, project)
    columns = sorted(
        (name for name in node["columns"] if name in alone), key=lambda name: name not in not_null
    )
    return (*together, *((name,) for name in columns))


def _never_null(unique_id: str, project: DbtProject) -> frozenset[str]:
    """The columns that a test holds to be never null."""
    return frozenset(
        column
        for test in _tests(unique_id, project)
        if _kind(test) == "never_null"
        for column in test["test_metadata"]["kwargs"]["columns"]
    )


def _tests(unique_id: str, project: DbtProject) -> list[Mapping[str, Any]]:
    """The model's tests that nothing is published without, on all of its rows."""
    return [
        test
        for test in project.tests.values()
        if test.get("attached_node") == unique_id
        and test["config"].get("severity", "error").lower() == "error"
        and not test["config"].get("where")
    ]


def _kind(test: Mapping[str, Any]) -> str | None:
    return (test.get("test_metadata") or {}).get("name")
