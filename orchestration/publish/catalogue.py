"""What the catalogue says of the published tables and of the sources behind them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    """A published table or view: what it is, what one row of it is, and what tells rows apart."""

    name: str
    is_view: bool
    description: str
    grain: str | None
    key: tuple[str, ...]
    columns: Mapping[str, str]
    built_at: datetime | None
    version: str


@dataclass(frozen=True)
class Stamp:
    """What a published version as a whole was made of. Instants are naive in UTC."""

    version: str
    published_at: datetime
    as_of: datetime
    known_at: datetime
    agreement_version: str
    run_id: str


OWN_RELATIONS: Final = (
    Relation(
        "catalogue",
        False,
        "What each published table is, its grain, its key, how fresh it is, and of what version.",
        "table",
        ("table_name",),
        {},
        None,
        "1",
    ),
    Relation(
        "catalogue_column",
        False,
        "What each column of each published table holds.",
        "column of a table",
        ("table_name", "column_name"),
        {},
        None,
        "1",
    ),
    Relation(
        "catalogue_source",
        False,
        "The sources: whether each one's last load went well, and the age of what is published.",
        "source",
        ("source",),
        {},
        None,
        "1",
    ),
)
"""The catalogue's own tables."""

CATALOGUE_TABLES: Final = frozenset(relation.name for relation in OWN_RELATIONS)


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
    told = {relation.name: relation.columns for relation in relations}
    records = [
        {
            "table_name": table,
            "column_name": column,
            "position": position,
            "data_type": kind,
            "description": told.get(table, {}).get(column),
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
    return Relation(
        name=node["name"],
        is_view=node["config"]["materialized"] == "view",
        description=description,
        grain=grain[1].strip() if grain else None,
        key=_key(unique_id, node, project),
        columns={
            name: " ".join((column.get("description") or "").split())
            for name, column in node["columns"].items()
        },
        built_at=built_at.replace(tzinfo=None) if built_at else None,
        version=recipe,
    )


def _key(unique_id: str, node: Mapping[str, Any], project: DbtProject) -> tuple[str, ...]:
    """The columns that a test holds unique: together, or one that is never null."""
    tests = [t for t in project.tests.values() if t.get("attached_node") == unique_id]
    for test in tests:
        if _kind(test) == "unique_combination":
            return tuple(test["test_metadata"]["kwargs"]["columns"])
    by_kind = {
        kind: {test.get("column_name") for test in tests if _kind(test) == kind}
        for kind in ("unique", "not_null")
    }
    found = by_kind["unique"] & by_kind["not_null"]
    return next(((name,) for name in node["columns"] if name in found), ())


def _kind(test: Mapping[str, Any]) -> str | None:
    return (test.get("test_metadata") or {}).get("name")
