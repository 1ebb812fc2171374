"""The section on alignment: where the teams work together, and where not."""

from collections.abc import Mapping, Sequence

from orchestration.report import words
from orchestration.report.alignment import Alignment, Effect, Figure, SegmentPair
from orchestration.report.blocks import Bar, Block, Key, Measure, Section, Terms
from orchestration.report.charts import share_chart
from orchestration.report.measures import REASONS, meaning, told

_TOGETHER = (
    "acceptance_rate",
    "acceptance_rate.pending",
    "recycle_rate",
    "response_time",
    "definition_agreement",
    "definition_agreement.marketing_only",
    "definition_agreement.sales_only",
    "definition_agreement.precision",
    "definition_agreement.recall",
    "joint_nurture_coverage",
    "joint_nurture_coverage.longest_silence_marketing",
    "joint_nurture_coverage.longest_silence_sales",
    "role_separation",
    "segment_alignment",
    "alignment_score",
)
_BROUGHT = (
    "sourced.recorded",
    "sourced.first_touch",
    "sourced.before_sales",
    "sourced.disagreement",
    "influenced",
)
_MONTHS_SHOWN = 18
_WHOLE = 100.0


def together_section(alignment: Alignment, terms: Terms) -> Section:
    """Where do the teams work together, and where not?"""
    which = "the last whole month" if alignment.is_whole else "which is not over yet"
    return Section(
        "together",
        "Where do we work together, and where not?",
        f"Figures of {month_of(alignment)}, {which}. A hollow circle stands on fewer than "
        f"{terms.too_few} cases.",
        [
            _group("Handing over, agreeing, nurturing", _TOGETHER, alignment, terms),
            _reasons(alignment, terms),
            *histories(alignment, terms, ["joint_nurture_coverage"]),
            _pairs(alignment, terms),
            _group(
                "Who brought the deals: three definitions side by side",
                _BROUGHT,
                alignment,
                terms,
                note="They rarely agree; none of them is the truth.",
            ),
            _effects(alignment.effects, terms),
        ],
    )


def _group(
    title: str,
    metrics: Sequence[str],
    alignment: Alignment,
    terms: Terms,
    *,
    note: str | None = None,
) -> Block:
    """The measures of which something can be told; the others are named in a line."""
    figures = [f for f in (alignment.now(metric) for metric in metrics) if f is not None]
    missing = [meaning(f.metric).label for f in figures if f.status == words.NO_DATA]
    return Block(
        "measures",
        title,
        absent=f"No data in {month_of(alignment)} for any of these.",
        note=note,
        measures=[measure_of(f, terms, {}) for f in figures if f.status != words.NO_DATA],
        evidence=f"No data: {'; '.join(missing)}." if missing else None,
    )


def month_of(alignment: Alignment) -> str:
    """The report's month in words."""
    return words.month(alignment.month) if alignment.month else "no month yet"


def measure_of(figure: Figure, terms: Terms, promised_by: Mapping[str, str]) -> Measure:
    """A row of the scorecard as the page shows it; `promised_by` says which team promised what."""
    what = meaning(figure.metric)
    team = promised_by.get(figure.metric) or what.team or "both"
    label = what.label if figure.segment == "all" else f"{what.label}, {figure.segment}"
    has_value = figure.value is not None
    note, tone = _note(figure, what.unit)
    return Measure(
        metric=figure.metric,
        label=label,
        value=told(figure.value, what.unit) if has_value else figure.status,
        has_value=has_value,
        note=note if has_value else "",
        tone=tone,
        evidence=_evidence(figure, terms, what.unit),
        definition=what.definition or terms.definition("alignment_scorecard") or "",
        team=team,
        promise=promise_of(team) if figure.metric in promised_by else None,
        bar=_bar(figure, team) if what.unit == "share" else None,
    )


def promise_of(team: str) -> str:
    """Whose promise it is."""
    return f"{team}’ promise" if team.endswith("s") else f"{team}’s promise"


def _note(figure: Figure, unit: str) -> tuple[str, str]:
    """The status, with the target where there is one, and whether it is good or bad news."""
    target = f", promised {told(figure.target, unit)}" if figure.target is not None else ""
    match figure.status:
        case "on target":
            return f"✓ on target{target}", "good"
        case "below target" | "above target" | "missed target":
            return f"✗ {figure.status}{target}", "bad"
        case "ok":
            return target.removeprefix(", "), "plain"
        case status:
            return f"{status}{target}", "plain"


def _evidence(figure: Figure, terms: Terms, unit: str) -> str:
    if figure.value is None:
        target = f"; promised {told(figure.target, unit)}" if figure.target is not None else ""
        return f"{words.cases(figure.n)}{target}."
    counts = (
        f"{words.count(figure.numerator)} of {words.count(figure.denominator)}"
        if figure.numerator is not None and figure.denominator is not None
        else f"{words.cases(figure.n)}"
    )
    if figure.low is None and figure.high is None:
        return f"{counts}."
    low = told(figure.low, unit) if figure.low is not None else "not reached"
    high = told(figure.high, unit) if figure.high is not None else "not reached"
    return f"{counts}; {terms.confidence} interval {words.span(low, high)}."


def _bar(figure: Figure, team: str) -> Bar | None:
    if figure.value is None:
        return None
    return Bar(
        value=_place(figure.value),
        low=_place(figure.low) if figure.low is not None and figure.high is not None else None,
        high=_place(figure.high) if figure.low is not None and figure.high is not None else None,
        target=_place(figure.target) if figure.target is not None else None,
        few=figure.status == "too few",
        team=team,
    )


def _place(share: float) -> float:
    return round(min(max(share, 0.0), 1.0) * _WHOLE, 2)


def histories(alignment: Alignment, terms: Terms, metrics: Sequence[str]) -> list[Block]:
    """A chart for each of these measures that are shares, month by month."""
    blocks = []
    for metric in metrics:
        figures = alignment.of(metric)[-_MONTHS_SHOWN:]
        what = meaning(metric)
        if what.unit != "share" or not figures:
            continue
        newest = figures[-1]
        drawing = share_chart(
            figures,
            f"{what.label} by month; in {words.month(newest.month)} "
            f"{told(newest.value, what.unit)} ({words.cases(newest.n)}).",
        )
        blocks.append(
            Block(
                "chart",
                f"{what.label}, month by month",
                absent="No data in any month.",
                keys=(
                    Key("", "value"),
                    Key("hollow", f"fewer than {terms.too_few}"),
                    Key("band", f"{terms.confidence} interval"),
                )
                if drawing
                else (),
                drawing=drawing,
                evidence="A month without data is a gap." if drawing else None,
                head=(
                    "Month",
                    "Value",
                    f"{terms.confidence} interval",
                    "Counts",
                    "Target",
                    "Status",
                ),
                rows=[_history_row(figure, what.unit) for figure in figures],
                definition=what.definition,
                table="alignment_scorecard",
            )
        )
    return blocks


def _history_row(figure: Figure, unit: str) -> tuple[str, ...]:
    interval = (
        words.span(told(figure.low, unit), told(figure.high, unit))
        if figure.low is not None and figure.high is not None
        else "none"
    )
    counts = (
        f"{words.count(figure.numerator)} of {words.count(figure.denominator)}"
        if figure.numerator is not None and figure.denominator is not None
        else f"{words.cases(figure.n)}"
    )
    return (
        words.month(figure.month),
        told(figure.value, unit),
        interval,
        counts,
        told(figure.target, unit) if figure.target is not None else "none",
        figure.status,
    )


def _reasons(alignment: Alignment, terms: Terms) -> Block:
    figures = [alignment.now(metric) for metric in alignment.named(f"{REASONS}.")]
    told_of = sorted(
        (f for f in figures if f is not None and f.value is not None),
        key=lambda f: -(f.value or 0),
    )
    return Block(
        "table",
        "Why handoffs come back",
        absent="No data: no handoff of the month came back.",
        note="The reason that sales gave for what it rejected or sent back.",
        head=("Reason", "Share", f"{terms.confidence} interval", "Counts", "Target", "Status"),
        rows=[(meaning(f.metric).label, *_history_row(f, "share")[1:]) for f in told_of],
        definition=terms.definition("alignment_scorecard"),
        table="alignment_scorecard",
    )


def _pairs(alignment: Alignment, terms: Terms) -> Block:
    return Block(
        "table",
        "Does marketing aim where sales wins?",
        absent="No data: no two measures could be compared over segments in this month.",
        note="How alike two of spend, leads, MQLs, pipeline and won are spread over the segments: "
        "1 is alike, chance taken off.",
        head=("Pair", "Alike", f"{terms.confidence} interval", "p by chance", "n", "Status"),
        rows=[_pair_row(pair) for pair in alignment.pairs if pair.value is not None],
        all_rows=[_pair_row(pair) for pair in alignment.pairs],
        evidence=_without(alignment.pairs),
        definition=terms.definition("segment_alignment"),
        table="segment_alignment",
    )


def _pair_row(pair: SegmentPair) -> tuple[str, ...]:
    return (
        _pair_label(pair),
        words.number(pair.value, 2),
        words.span(words.number(pair.low, 2), words.number(pair.high, 2))
        if pair.low is not None and pair.high is not None
        else "none",
        words.number(pair.p_value, 3),
        f"{words.count(pair.n)} and {words.count(pair.n_compared)}",
        pair.status,
    )


def _pair_label(pair: SegmentPair) -> str:
    names = (words.spoken(name) for name in (pair.measure, pair.compared_with))
    return " and ".join("MQLs" if name == "mqls" else name for name in names)


def _without(pairs: Sequence[SegmentPair]) -> str | None:
    missing = [_pair_label(pair) for pair in pairs if pair.value is None]
    return f"No data to compare: {'; '.join(missing)}." if missing else None


def _effects(effects: Sequence[Effect], terms: Terms) -> Block:
    chief = [e for e in effects if e.is_naive or _is_chief(e, terms)]
    return Block(
        "table",
        "What goes with both teams working on a deal",
        absent="No data: no deal has been open for long enough, or too few.",
        note="Association, not cause: deals that look like wins draw both teams. The naive rows "
        "compare ever with never, as other tools do, and are biased: a deal that lives longer has "
        "more time to be touched.",
        head=(
            "Estimate", "Ending", "Value", f"{terms.confidence} interval", "n", "Exposed",
            "Events", "Status",
        ),
        rows=[_effect_row(effect) for effect in chief],
        all_rows=[_effect_row(effect) for effect in effects],
        definition=terms.definition("joint_nurture_effect"),
        table="joint_nurture_effect",
    )  # fmt: skip


def _is_chief(effect: Effect, terms: Terms) -> bool:
    """Whether it is at the agreed lag, a ratio of hazards."""
    return effect.lag_days == terms.lag_days and effect.estimand.endswith("hazard_ratio")


def _effect_row(effect: Effect) -> tuple[str, ...]:
    return (
        _effect_label(effect),
        effect.ending,
        words.number(effect.value, 2) if effect.value is not None else effect.status,
        words.span(words.number(effect.low, 2), words.number(effect.high, 2))
        if effect.low is not None and effect.high is not None
        else "none",
        words.count(effect.n),
        words.count(effect.n_exposed),
        words.count(effect.events),
        effect.status,
    )


def _effect_label(effect: Effect) -> str:
    name = words.spoken(effect.estimand.removeprefix("naive_"))
    parts = [f"Naive: {name}" if effect.is_naive else name]
    if effect.landmark_day is not None:
        parts.append(f"open on day {effect.landmark_day}")
    if effect.lag_days is not None and not effect.is_naive:
        parts.append(f"lag {words.days(effect.lag_days)}")
    if effect.horizon_days is not None:
        parts.append(f"to day {effect.horizon_days}")
    return ", ".join(parts)
