"""Figures of the scorecard that are no ratio of counts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from orchestration.agreement import Agreement
from orchestration.measures.slices import Cell


@dataclass(frozen=True)
class Settings:
    """What of the agreement the figures go by."""

    confidence_level: float
    too_few: int
    suggest_at_least: float | None = None
    """The least probability of a suggestion; None where none are asked for."""
    nurture_lag_days: int = 7
    nurture_horizon_days: int = 180
    landmarks: tuple[int, ...] = (14, 30, 60)
    horizon_days: int = 365
    """Up to which day cycles are looked at."""
    minimum_at_risk: int = 20
    """A curve starts where at least so many are watched."""


def settings_of(agreement: Agreement) -> Settings:
    """What of this agreement the figures go by."""
    suggest = agreement.identity.suggest
    return Settings(
        float(agreement.confidence_level),
        agreement.too_few,
        None if suggest is None else float(suggest.at_least),
        agreement.nurture.lag_days,
        agreement.nurture.horizon_days,
        agreement.nurture.landmarks,
        agreement.horizon_days,
        agreement.minimum_at_risk,
    )


@dataclass(frozen=True)
class Figure:
    """One figure of one cell. `status` says why there is no value, where cases are there."""

    metric: str
    cell: Cell
    n: int
    value: float | None
    low: float | None
    high: float | None
    status: str | None

    def under(self, metric: str) -> "Figure":
        """The same figure under another name."""
        return replace(self, metric=metric)


FIGURES: Final = pa.schema(
    [
        ("metric", pa.string()),
        ("month", pa.date32()),
        ("segment", pa.string()),
        ("slice_kind", pa.string()),
        ("slice", pa.string()),
        ("n", pa.int64()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of a table of figures."""


def table_of(figures: Iterable[Figure]) -> pa.Table:
    """The figures as a table, in order."""
    rows = [
        {
            "metric": figure.metric,
            "month": figure.cell.month,
            "segment": figure.cell.segment,
            "slice_kind": figure.cell.slice_kind,
            "slice": figure.cell.slice,
            "n": figure.n,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "status": figure.status,
        }
        for figure in figures
    ]
    return pa.Table.from_pylist(rows, schema=FIGURES)
