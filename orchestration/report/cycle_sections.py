"""The sections on time: is the cycle getting shorter, and where does the time go."""

from collections.abc import Sequence

from orchestration.report import words
from orchestration.report.blocks import Block, Cells, Key, Section, Terms
from orchestration.report.charts import alt_of_trend, curve_chart, stage_chart, trend_chart
from orchestration.report.cycle import (
    ALL,
    Bottleneck,
    CurveDay,
    Cycle,
    CycleSummary,
    Occupation,
    StageTime,
)

_NOT_REACHED = "not reached"


def cycle_section(cycle: Cycle, terms: Terms) -> Section:
    """Is the cycle getting shorter?"""
    return Section(
        "cycle",
        "Is the cycle getting shorter?",
        "Open deals count for as long as they have been watched. A mean over closed deals alone "
        "leaves out the slow ones that are still open, and flatters.",
        [_trend(cycle, terms), _curve(cycle, terms), _medians(cycle, terms)],
    )


def stage_section(cycle: Cycle, terms: Terms) -> Section:
    """Where does the time go?"""
    blocks = [_stages(cycle.stages, terms), _bottlenecks(cycle, terms)]
    return Section(
        "stages",
        "Where does the time go?",
        "Each entry to a stage counts by itself, those that are still there included.",
        blocks,
    )


def _trend(cycle: Cycle, terms: Terms) -> Block:
    months = cycle.trend_of(cycle.curve)
    alt = alt_of_trend(months)
    reasons = sorted({month.status for month in months})
    return Block(
        "chart",
        f"Each month against the same month a year before, {terms.curve(cycle.curve)}",
        absent=f"No month can be compared with a year before: {', '.join(reasons)}."
        if reasons
        else "No data: no month of starts is in the tables.",
        note="Difference of the median cycle in days: below zero it got shorter. Where the bar "
        "crosses zero, chance alone explains it.",
        keys=(
            Key("diamond", "more than chance alone does"),
            Key("", "within what chance does"),
            Key("band", f"{terms.confidence} interval"),
        )
        if alt
        else (),
        drawing=trend_chart(months, alt),
        head=(
            "Month of the start", "Difference, days", f"{terms.confidence} interval", "Median",
            "A year before", "Won by the horizon", "A year before", "n", "n before", "Status",
        ),
        rows=[
            (
                words.month(m.cohort),
                words.signed(m.difference),
                _interval(words.signed(m.low), words.signed(m.high), m.low),
                words.days(m.p50),
                words.days(m.p50_before),
                words.share(m.share_won),
                words.share(m.share_won_before),
                words.count(m.n),
                words.count(m.n_before),
                m.status,
            )
            for m in months
        ],
        definition=terms.definition("cycle_time_trend"),
        table="cycle_time_trend",
    )  # fmt: skip


def _curve(cycle: Cycle, terms: Terms) -> Block:
    summary = cycle.summary_of(cycle.curve)
    horizon = summary.horizon_days if summary else None
    label = terms.curve(cycle.curve)
    last = _by_horizon(cycle.days, horizon)
    drawing, alt = None, ""
    if last is not None:
        alt = (
            f"Shares that have ended by each day from {label}. By day {last.day} "
            f"{words.share(last.cif_won)} were won, {_share_or_none(last.cif_lost)} lost and "
            f"{_share_or_none(last.cif_disqualified)} disqualified."
        )
        drawing = curve_chart(cycle.days, horizon, alt)
    start = summary.starts_at_day if summary else None
    late = (
        f" The curve starts on day {start}, and is about those who got that far." if start else ""
    )
    return Block(
        "chart",
        f"How many are won by which day, {label}",
        absent="No curve: " + (summary.status if summary else words.NO_DATA) + ".",
        note=f"Of all who started, the share that was won, lost or disqualified by each day.{late}",
        keys=(Key("band", f"won, {terms.confidence} interval of each day"),) if drawing else (),
        drawing=drawing,
        evidence=_evidence(summary, last),
        head=("Day", "At risk", "Won", f"{terms.confidence} interval", "Lost", "Disqualified"),
        rows=[_curve_row(day) for day in _some(cycle.days, horizon)],
        definition=terms.definition("cycle_time_curve"),
        table="cycle_time_curve",
    )


def _curve_row(day: CurveDay) -> Cells:
    return (
        str(day.day),
        words.count(day.at_risk),
        words.share(day.cif_won),
        _interval(words.share(day.cif_won_low), words.share(day.cif_won_high), day.cif_won_low),
        words.share(day.cif_lost),
        words.share(day.cif_disqualified),
    )


def _medians(cycle: Cycle, terms: Terms) -> Block:
    chief = [
        s
        for s in cycle.summaries
        if s.unit == "calendar" and (s.segment == ALL or (s.curve == cycle.curve and s.n))
    ]
    return Block(
        "table",
        "The median cycle, by clock and segment",
        absent="No data: no journey has a cycle yet.",
        note="The median is the day by which half of those won by the horizon were won; read it "
        "with the share won beside it. The naive mean is what others show: of closed deals alone, "
        "it leaves out the slow ones that are still open. Ours counts them, each cut at the "
        "horizon.",
        head=(
            "From, to", "Segment", "Median", "Middle half", "Won by the horizon",
            f"{terms.confidence} interval", "Mean until the close", "Naive: of closed deals", "n",
            "Closed", "Won", "Status",
        ),
        rows=[_summary_row(s, terms) for s in chief],
        all_rows=[_summary_row(s, terms) for s in cycle.summaries],
        definition=terms.definition("cycle_time_summary"),
        table="cycle_time_summary",
    )  # fmt: skip


def _summary_row(summary: CycleSummary, terms: Terms) -> Cells:
    s = summary
    return (
        terms.curve(s.curve),
        s.segment,
        _in_unit(s.p50, s),
        _interval(words.number(s.p25, 0), words.number(s.p75, 0), s.p25),
        words.share(s.share_won) if s.share_won is not None else s.status,
        _interval(words.share(s.share_won_low), words.share(s.share_won_high), s.share_won_low),
        words.days(s.restricted_mean, 1),
        words.days(s.naive_mean_closed, 1),
        words.count(s.n),
        words.count(s.events),
        words.count(s.won),
        s.status,
    )


def _stages(stages: Sequence[StageTime], terms: Terms) -> Block:
    calendar = [stage for stage in stages if stage.unit == "calendar"]
    told = [stage for stage in calendar if stage.p50 is not None]
    longest = max(told, key=lambda stage: stage.p50 or 0, default=None)
    alt = (
        "Days in each stage. "
        + " ".join(f"{terms.stage(s.stage)}: median {words.days(s.p50)}." for s in told)
        if longest
        else ""
    )
    return Block(
        "chart",
        f"Half of those in “{terms.stage(longest.stage)}” stay {words.days(longest.p50)} or longer"
        if longest
        else "Days in each stage",
        absent=_no_medians(calendar, terms),
        note="The mark is the median: by then half had left, whichever way. Dashed up to when nine "
        "in ten had left; without an end where that was not reached.",
        keys=(
            Key("marketing", "marketing answers for it"),
            Key("sales", "sales answers for it"),
            Key("bar", "the middle half"),
        )
        if longest
        else (),
        drawing=stage_chart(calendar, terms.labels, terms.owners, alt),
        head=(
            "Stage", "Unit", "Median", f"{terms.confidence} interval", "Middle half",
            "Nine in ten", "Mean to the horizon", "Naive: mean of those that ended", "n", "Ended",
            "Status",
        ),
        rows=[
            (
                terms.stage(s.stage),
                s.unit,
                _reached(s.p50),
                _interval(_reached(s.p50_low), _reached(s.p50_high), s.p50_low),
                f"{_reached(s.p25)} to {_reached(s.p75)}",
                _reached(s.p90),
                words.days(s.restricted_mean, 1),
                words.days(s.naive_mean, 1),
                words.count(s.n),
                words.count(s.events),
                s.status,
            )
            for s in stages
        ],
        evidence="n = "
        + ", ".join(f"{words.count(s.n)} in {terms.stage(s.stage)}" for s in calendar)
        + "."
        if calendar
        else None,
        definition=terms.definition("stage_duration"),
        table="stage_duration",
    )  # fmt: skip


def _no_medians(stages: Sequence[StageTime], terms: Terms) -> str:
    if not stages:
        return "No data: no stay in a stage has been watched."
    told = [
        f"{terms.stage(stage.stage)}: "
        + ("half of them have not left yet" if stage.status == "ok" else stage.status)
        for stage in stages
    ]
    return f"No median can be told. {'; '.join(told)}."


def _bottlenecks(cycle: Cycle, terms: Terms) -> Block:
    summed = {occupation.stage: occupation for occupation in cycle.occupations}
    first = next((b for b in cycle.bottlenecks if b.expected_days is not None), None)
    return Block(
        "table",
        f"“{terms.stage(first.stage)}” costs most: {words.days(first.expected_days)} of a journey"
        if first
        else "Which step costs most",
        absent="No data: no stage could be weighed yet.",
        note="Days per journey: the mean days in the stage × how likely a journey comes to it. "
        "With re-entries: all stays in the stage together. The last two columns are arithmetic, "
        "not a forecast: the median cycle, and what it would be if no stay in that stage took "
        "longer than a quarter of them do.",
        head=(
            "Stage", "Days per journey", "With re-entries", f"{terms.confidence} interval",
            "Mean days in it", "Comes to it", "n", "Median cycle", "If cut to its p25",
        ),
        rows=[_bottleneck_row(b, summed.get(b.stage), terms) for b in cycle.bottlenecks],
        definition=terms.definition("bottleneck"),
        table="bottleneck",
    )  # fmt: skip


def _bottleneck_row(b: Bottleneck, summed: Occupation | None, terms: Terms) -> Cells:
    has_walk = b.walk_status == "ok"
    return (
        terms.stage(b.stage),
        words.days(b.expected_days, 1) if b.expected_days is not None else b.status,
        (words.days(summed.expected_days, 1) if summed.expected_days is not None else summed.status)
        if summed
        else words.NO_DATA,
        _interval(words.number(summed.low), words.number(summed.high), summed.low)
        if summed
        else "none",
        words.days(b.restricted_mean, 1),
        words.share(b.p_visit),
        words.count(b.n),
        words.days(b.median_cycle_now) if has_walk else b.walk_status,
        words.days(b.median_cycle_if_p25) if has_walk else b.walk_status,
    )


def _evidence(summary: CycleSummary | None, last: CurveDay | None) -> str | None:
    if summary is None:
        return None
    unknown = summary.n_unknown_start + summary.n_excluded
    told = [
        f"{words.cases(summary.n)}: {words.count(summary.won)} won, "
        f"{words.count(summary.events - summary.won)} ended otherwise, "
        f"{words.count(summary.censored)} still open or not watched any longer."
    ]
    if unknown:
        told.append(
            f"Not on it: {words.count(unknown)} whose start nobody saw or that are excluded."
        )
    if last is not None:
        ends = {"lost": last.cif_lost, "disqualified": last.cif_disqualified}
        missing = [end for end, share in ends.items() if not share]
        if missing:
            told.append(f"None of them is recorded as {' or '.join(missing)}, so no line is drawn.")
    return " ".join(told)


def _share_or_none(share: float | None) -> str:
    return words.share(share) if share else "none"


def _by_horizon(curve: Sequence[CurveDay], horizon: int | None) -> CurveDay | None:
    seen = [
        day for day in curve if day.cif_won is not None and (horizon is None or day.day <= horizon)
    ]
    return seen[-1] if seen else None


def _some(curve: Sequence[CurveDay], horizon: int | None) -> list[CurveDay]:
    """The days of the curve that a table shows: the last known at each 30 days."""
    days = [day for day in curve if horizon is None or day.day <= horizon]
    kept = {day.day // 30: day for day in days}
    return list(kept.values())


def _interval(low: str, high: str, known: float | None) -> str:
    return words.span(low, high) if known is not None else "none"


def _reached(days: int | None) -> str:
    return _NOT_REACHED if days is None else words.days(days)


def _in_unit(days: int | None, summary: CycleSummary) -> str:
    if days is None:
        return summary.status
    told = words.days(days)
    return told.replace("day", "business day") if summary.unit == "business" else told
