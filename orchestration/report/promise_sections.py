"""The section on promises: levels and volumes of each side, and what the quarters need."""

from collections.abc import Mapping, Sequence

from orchestration.report import words
from orchestration.report.alignment import Alignment, Quarter, Volume
from orchestration.report.alignment_sections import (
    histories,
    measure_of,
    month_of,
    promise_of,
)
from orchestration.report.blocks import Bar, Block, Measure, Section, Terms
from orchestration.report.measures import meaning

_IN_TABLES_OF_THEIR_OWN = ("commitment_attainment", "now_vs_road_ahead")
_WHOLE = 100.0
_BAR_ENDS_AT = 1.5
"""A volume's bar ends at one and a half of what was promised."""


def promise_section(alignment: Alignment, terms: Terms, promised_by: Mapping[str, str]) -> Section:
    """Did each side keep its promise? `promised_by` says which team promised a measure."""
    figures = [
        figure
        for figure in alignment.figures
        if figure.month == alignment.month
        and figure.target is not None
        and not figure.metric.startswith(_IN_TABLES_OF_THEIR_OWN)
    ]
    # What the agreement asks of handoffs is a promise too, of the team that answers for it.
    promised_by = {
        f.metric: promised_by.get(f.metric) or meaning(f.metric).team or "both" for f in figures
    }
    figures.sort(key=lambda f: (promised_by.get(f.metric, "~"), f.metric, f.segment != "all"))
    return Section(
        "promises",
        "Did each side keep its promise?",
        f"What was promised in the agreement, and what {month_of(alignment)} brought.",
        [
            Block(
                "measures",
                f"Levels promised for {month_of(alignment)}",
                absent="No level was promised for this month, or nothing is measured of it yet.",
                measures=[measure_of(f, terms, promised_by) for f in figures],
            ),
            _volumes(alignment, terms),
            *histories(alignment, terms, sorted({f.metric for f in figures})),
            _road(alignment.quarters, terms),
        ],
    )


def _volumes(alignment: Alignment, terms: Terms) -> Block:
    return Block(
        "measures",
        f"Volumes promised for {month_of(alignment)}",
        absent="No volume was promised for this month.",
        note="Delivered ÷ committed; part months count by their business days.",
        measures=[_volume(volume, terms) for volume in alignment.volumes],
    )


def _volume(volume: Volume, terms: Terms) -> Measure:
    is_amount = volume.metric.endswith("_amount")
    name = words.spoken(volume.metric) if is_amount else terms.stage(volume.metric)
    label = name if volume.segment == "all" else f"{name}, {volume.segment}"
    mark = {"on target": "✓ ", "below target": "✗ "}.get(volume.status, "")
    tone = {"on target": "good", "below target": "bad"}.get(volume.status, "plain")

    def told(quantity: float | None) -> str:
        return words.money(quantity, terms.currency) if is_amount else words.number(quantity)

    interval = ""
    if volume.low is not None and volume.high is not None:
        between = words.span(words.share(volume.low), words.share(volume.high))
        interval = f"; {terms.confidence} interval {between}"
    return Measure(
        metric=f"commitment_attainment.{volume.team}.{volume.metric}",
        label=label[0].upper() + label[1:],
        value=words.share(volume.value) if volume.value is not None else volume.status,
        has_value=volume.value is not None,
        note=f"{mark}{volume.status}",
        tone=tone,
        evidence=f"{told(volume.delivered)} of {told(volume.committed)}{interval}; "
        f"{words.cases(volume.n)}.",
        definition=terms.definition("commitment_attainment") or "Delivered ÷ committed.",
        team=volume.team,
        promise=promise_of(volume.team),
        bar=_volume_bar(volume),
    )


def _volume_bar(volume: Volume) -> Bar | None:
    if volume.value is None:
        return None

    def place(value: float | None) -> float | None:
        return None if value is None else round(min(value / _BAR_ENDS_AT, 1.0) * _WHOLE, 2)

    low, high = place(volume.low), place(volume.high)
    return Bar(
        value=place(volume.value) or 0.0,
        low=low if high is not None else None,
        high=high if low is not None else None,
        target=place(1.0),
        few=volume.status == "too few",
        team=volume.team,
    )


def _road(quarters: Sequence[Quarter], terms: Terms) -> Block:
    overdue = next((q for q in quarters if q.overdue_deals), None)
    return Block(
        "table",
        "Is what is still to be won covered?",
        absent="No data: no quarter could be looked at.",
        note="Coverage: the amount of open deals expected to close in the quarter ÷ what is still "
        "to be won in it. Below 1 the target is missed even where every deal is won. Ahead: the "
        "share of touches and spend that goes to prospects before opportunity, not to open deals.",
        head=(
            "Quarter", "Target", "Won to date", "Expected", "Coverage",
            f"{terms.confidence} interval", "Status", "Marketing touches ahead",
            "Sales touches ahead", "Spend ahead",
        ),
        rows=[_quarter_row(quarter, terms) for quarter in quarters],
        evidence=f"Not counted: {words.count(overdue.overdue_deals)} open deals "
        f"({words.money(overdue.overdue_amount, terms.currency)}) whose expected day has passed."
        if overdue
        else None,
        definition=terms.definition("now_vs_road_ahead"),
        table="now_vs_road_ahead",
    )  # fmt: skip


def _quarter_row(quarter: Quarter, terms: Terms) -> tuple[str, ...]:
    def ahead(part: float | None, now: float | None, later: float | None, *, money: bool) -> str:
        if part is None or now is None or later is None:
            return words.NO_DATA
        of = words.money(now + later, terms.currency) if money else words.number(now + later, 0)
        return f"{words.share(part)} of {of}"

    q = quarter
    return (
        f"{q.fiscal_year} Q{q.fiscal_quarter}" + (", now" if q.quarter_ahead == 0 else ""),
        words.money(q.target, terms.currency) if q.target is not None else "no target",
        words.money(q.won_amount, terms.currency),
        f"{words.money(q.expected_amount, terms.currency)}, {words.cases(q.expected_deals)}",
        words.number(q.coverage, 2) if q.coverage is not None else q.status,
        words.span(words.number(q.coverage_low, 2), words.number(q.coverage_high, 2))
        if q.coverage_low is not None and q.coverage_high is not None
        else "none",
        q.status,
        ahead(
            q.marketing_share_ahead, q.marketing_touches_now, q.marketing_touches_ahead, money=False
        ),
        ahead(q.sales_share_ahead, q.sales_touches_now, q.sales_touches_ahead, money=False),
        ahead(q.spend_share_ahead, q.spend_now, q.spend_ahead, money=True),
    )
