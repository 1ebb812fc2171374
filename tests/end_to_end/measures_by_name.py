"""Each measure by name, held against the query over the tables that its yml names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from orchestration.company import Company
from orchestration.publish.semantic_layer import SemanticLayer
from orchestration.warehouse.dbt_project import read_project
from tests.end_to_end.running import Published

Answer = dict[tuple[Any, ...], float]


def differences(company: Company, published: Published) -> tuple[int, list[str]]:
    """How many measures have an answer that is not empty, and in which ones the two differ."""
    layer = SemanticLayer(company)
    answered, different = 0, []
    for metric in read_project(company).manifest["metrics"].values():
        name, same_as = metric["name"], metric["config"]["meta"]["same_as"]
        ours = _by_name(layer, name, same_as.get("by", []))
        theirs = _answer(published.rows(same_as["query"]))
        answered += bool(theirs)
        if ours != pytest.approx(theirs, rel=1e-9):
            different.append(f"{name}: {ours} by name, {theirs} in the tables")
    return answered, different


def _by_name(layer: SemanticLayer, name: str, by: list[str]) -> Answer:
    columns, rows = layer.answer([name], by)
    told: list[Mapping[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
    return _answer([(*(row[dimension] for dimension in by), row[name]) for row in told])


def _answer(rows: list[tuple[Any, ...]]) -> Answer:
    """The figures by what they are of; what has none is left out."""
    return {
        tuple(_day(part) for part in row[:-1]): float(row[-1])
        for row in rows
        if row[-1] is not None
    }


def _day(part: Any) -> Any:
    """The day of an instant: MetricFlow tells of months by their first instant."""
    return part.date() if isinstance(part, datetime) else part
