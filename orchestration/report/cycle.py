"""What the report reads of cycle times: the trend, the summary, the curve, the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.report.tables import Tables

ALL: Final = "all"
_PREFERRED: Final = ("lead_to_won", "mql_to_won", "opportunity_to_won", "aware_to_won")
"""Of which clock the first screen tells: the first of these of which anything can be told."""


@dataclass(frozen=True)
class TrendMonth:
    """One month of starts against the same month a year before (`cycle_time_trend`)."""

    curve: str
    cohort: str
    cohort_before: str | None
    horizon_days: int | None
    n: int
    n_before: int
    share_won: float | None
    share_won_before: float | None
    p50: float | None
    p50_before: float | None
    difference: float | None
    low: float | None
    high: float | None
    status: str


@dataclass(frozen=True)
class CycleSummary:
    """How long from one stage to a win, of everyone (`cycle_time_summary`). Days."""

    curve: str
    unit: str
    from_stage: str
    segment: str
    status: str
    p25: int | None
    p50: int | None
    p75: int | None
    p90: int | None
    horizon_days: int | None
    n: int
    events: int
    won: int
    censored: int
    share_won: float | None
    share_won_low: float | None
    share_won_high: float | None
    share_open: float | None
    starts_at_day: int | None
    restricted_mean: float | None
    naive_mean_closed: float | None
    n_unknown_start: int
    n_excluded: int


@dataclass(frozen=True)
class CurveDay:
    """One day of a cycle's curve (`cycle_time_curve`): the shares that have ended in each by it."""

    day: int
    at_risk: int
    cif_won: float | None
    cif_won_low: float | None
    cif_won_high: float | None
    cif_lost: float | None
    cif_disqualified: float | None


@dataclass(frozen=True)
class StageTime:
    """How long entries stay in a stage (`stage_duration`). Days."""

    stage: str
    unit: str
    segment: str
    status: str
    p25: int | None
    p50: int | None
    p50_low: int | None
    p50_high: int | None
    p75: int | None
    p90: int | None
    restricted_mean: float | None
    horizon_days: int | None
    naive_mean: float | None
    n: int
    events: int


@dataclass(frozen=True)
class Bottleneck:
    """What a stage costs a journey, and what cutting it would do by arithmetic (`bottleneck`)."""

    stage: str
    status: str
    restricted_mean: float | None
    p_visit: float | None
    expected_days: float | None
    stage_p25: int | None
    median_cycle_now: int | None
    median_cycle_if_p25: int | None
    walk_status: str
    untold_share: float | None
    horizon_days: int | None
    n: int


@dataclass(frozen=True)
class Occupation:
    """How many days of a journey are spent in a stage, re-entries summed (`stage_occupation`)."""

    stage: str
    status: str
    expected_days: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Cycle:
    """All that the report tells of cycle times. `curve` is the clock that it puts first."""

    curve: str | None
    trend: Sequence[TrendMonth]
    summaries: Sequence[CycleSummary]
    days: Sequence[CurveDay]
    stages: Sequence[StageTime]
    bottlenecks: Sequence[Bottleneck]
    occupations: Sequence[Occupation]

    def trend_of(self, curve: str | None) -> list[TrendMonth]:
        """The months of one clock, in their order."""
        return [month for month in self.trend if month.curve == curve]

    def summary_of(self, curve: str | None, unit: str = "calendar") -> CycleSummary | None:
        """The summary of one clock over all segments."""
        return next(
            (
                summary
                for summary in self.summaries
                if (summary.curve, summary.unit, summary.segment) == (curve, unit, ALL)
            ),
            None,
        )


def read_cycle(tables: Tables) -> Cycle:
    """Read what the report tells of cycle times."""
    trend = tables.read(
        TrendMonth, "cycle_time_trend", "where segment = 'all' order by curve, cohort"
    )
    summaries = tables.read(
        CycleSummary,
        "cycle_time_summary",
        "where cohort = 'all' order by curve, unit desc, segment <> 'all', segment",
    )
    curve = _first_told(trend, summaries)
    days = tables.read(
        CurveDay,
        "cycle_time_curve",
        "where curve = ? and unit = 'calendar' and segment = 'all' and cohort = 'all' order by day",
        curve,
    )
    stages = tables.read(
        StageTime,
        "stage_duration",
        "left join (select stage, stage_order from dim_stage) as ladder using (stage) "
        "where slice_kind = 'all' and segment = 'all' order by stage_order, unit desc",
    )
    bottlenecks = tables.read(
        Bottleneck,
        "bottleneck",
        "where unit = 'calendar' and segment = 'all' order by rank nulls last, stage",
    )
    occupations = tables.read(
        Occupation, "stage_occupation", "where unit = 'calendar' and segment = 'all'"
    )
    return Cycle(curve, trend, summaries, days, stages, bottlenecks, occupations)


def _first_told(trend: Sequence[TrendMonth], summaries: Sequence[CycleSummary]) -> str | None:
    compared = {month.curve for month in trend if month.difference is not None}
    told = {s.curve for s in summaries if s.p50 is not None and s.segment == ALL}
    there = {s.curve for s in summaries}
    ways = [curve for curve in _PREFERRED if curve in there | compared]
    for among in (compared, told):
        for curve in ways:
            if curve in among:
                return curve
    return ways[0] if ways else min(there, default=None)
