"""What the report reads of alignment: the scorecard's rows, segments, the effect of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orchestration.report.tables import Tables


@dataclass(frozen=True)
class Figure:
    """One row of `alignment_scorecard`."""

    month: date
    segment: str
    slice_kind: str
    slice: str
    slice_label: str | None
    metric: str
    numerator: int | None
    denominator: int | None
    n: int
    value: float | None
    low: float | None
    high: float | None
    target: float | None
    status: str


@dataclass(frozen=True)
class SegmentPair:
    """How alike two measures are spread over the segments in a month (`segment_alignment`)."""

    month: date
    measure: str
    compared_with: str
    n: int
    n_compared: int
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    status: str


@dataclass(frozen=True)
class Effect:
    """What goes with both teams' work on a deal (`joint_nurture_effect`)."""

    estimand: str
    ending: str
    lag_days: int | None
    landmark_day: int | None
    horizon_days: int | None
    is_naive: bool
    n: int
    n_exposed: int
    events: int
    value: float | None
    low: float | None
    high: float | None
    status: str


@dataclass(frozen=True)
class Volume:
    """What was delivered of a promised volume in a month (`commitment_attainment`)."""

    month: date
    segment: str
    team: str
    metric: str
    per_month: float | None
    business_days: int | None
    business_days_in_month: int | None
    committed: float | None
    delivered: float | None
    n: int
    value: float | None
    low: float | None
    high: float | None
    status: str


@dataclass(frozen=True)
class Quarter:
    """A quarter's target, and how far open deals cover what is left (`now_vs_road_ahead`)."""

    quarter_ahead: int
    fiscal_year: int | None
    fiscal_quarter: int | None
    target: Decimal | None
    won_amount: Decimal | None
    expected_amount: Decimal | None
    expected_deals: int | None
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None
    status: str
    overdue_amount: Decimal | None
    overdue_deals: int | None
    marketing_touches_now: int | None
    marketing_touches_ahead: int | None
    marketing_share_ahead: float | None
    sales_touches_now: int | None
    sales_touches_ahead: int | None
    sales_share_ahead: float | None
    spend_now: float | None
    spend_ahead: float | None
    spend_share_ahead: float | None


@dataclass(frozen=True)
class Alignment:
    """All that the report tells of alignment.

    `month` is the last whole one before `as_of`; where no month is whole yet, the last there is.
    """

    month: date | None
    is_whole: bool
    figures: Sequence[Figure]
    pairs: Sequence[SegmentPair]
    effects: Sequence[Effect]
    volumes: Sequence[Volume]
    quarters: Sequence[Quarter]

    def of(self, metric: str, segment: str = "all") -> list[Figure]:
        """The months of one measure over all slices, in their order, up to the report's month."""
        return [
            figure
            for figure in self.figures
            if (figure.metric, figure.segment) == (metric, segment)
            and self.month is not None
            and figure.month <= self.month
        ]

    def now(self, metric: str, segment: str = "all") -> Figure | None:
        """One measure in the report's month; None where the scorecard has no such row."""
        return next((f for f in self.of(metric, segment) if f.month == self.month), None)

    def named(self, prefix: str) -> list[str]:
        """The measures that begin so, among those of the report's month."""
        return sorted(
            {
                figure.metric
                for figure in self.figures
                if figure.metric.startswith(prefix) and figure.month == self.month
            }
        )


def read_alignment(tables: Tables, as_of_day: date) -> Alignment:
    """Read what the report tells of alignment; `as_of_day` is in the agreement's time zone."""
    figures = tables.read(
        Figure,
        "alignment_scorecard",
        "where slice_kind = 'all' order by metric, segment <> 'all', segment, month",
    )
    month = _month(figures, as_of_day)
    pairs = tables.read(
        SegmentPair, "segment_alignment", "where month = ? order by measure, compared_with", month
    )
    effects = tables.read(
        Effect,
        "joint_nurture_effect",
        "where segment = 'all' order by ending desc, is_naive, estimand, lag_days, landmark_day",
    )
    volumes = tables.read(
        Volume,
        "commitment_attainment",
        "where month = ? order by team, metric, segment <> 'all', segment",
        month,
    )
    quarters = tables.read(
        Quarter, "now_vs_road_ahead", "where segment = 'all' order by quarter_ahead"
    )
    is_whole = month is not None and month < as_of_day.replace(day=1)
    return Alignment(month, is_whole, figures, pairs, effects, volumes, quarters)


def _month(figures: Sequence[Figure], as_of_day: date) -> date | None:
    months = sorted({figure.month for figure in figures})
    whole = [month for month in months if month < as_of_day.replace(day=1)]
    return max(whole or months, default=None)
