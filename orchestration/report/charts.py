"""The report's charts, drawn to SVG by Vega-Lite when the page is made.

Colours are the page's CSS variables, so one drawing serves light, dark and print. Each chart is
drawn for a wide page and for a phone, since letters of an SVG that shrinks shrink with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from orchestration.report import words
from orchestration.report.alignment import Figure
from orchestration.report.cycle import CurveDay, StageTime, TrendMonth

WIDE: Final = 800
NARROW: Final = 312
_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_STEPS_SHOWN: Final = 240
_LABELS: Final = {WIDE: 12, NARROW: 4}

Chart = Any
"""What Altair layers: its types say no more than this."""


@dataclass(frozen=True)
class Drawing:
    """One chart as SVG, drawn twice, and what it shows in words."""

    wide: str
    narrow: str
    alt: str


def trend_chart(months: Sequence[TrendMonth], alt: str) -> Drawing | None:
    """How many days longer or shorter each month's cycle was, with its interval."""
    rows = [
        {
            "month": _short(month.cohort),
            "difference": month.difference,
            "low": month.low,
            "high": month.high,
            "sure": _sure(month),
        }
        for month in months
        if month.difference is not None
    ]
    if not rows:
        return None

    def draw(alt_: Any, width: int) -> Chart:
        base = alt_.Chart(alt_.Data(values=rows))
        x = _months(alt_, rows, width, title="month of the start")
        zero = alt_.Chart(alt_.Data(values=[{"zero": 0}])).mark_rule(color="var(--ink)")
        bars = base.mark_rule(strokeWidth=4, opacity=0.45, color="var(--ours)").encode(
            x=x, y=alt_.Y("low:Q", title="days, against a year before"), y2="high:Q"
        )
        dots = base.mark_point(size=70, filled=True, opacity=1, color="var(--ours)").encode(
            x=x,
            y="difference:Q",
            shape=alt_.Shape(
                "sure:N",
                legend=None,
                scale=alt_.Scale(domain=["sure", "unsure"], range=["diamond", "circle"]),
            ),
        )
        return (zero.encode(y="zero:Q") + bars + dots).properties(height=220)

    return drawn(draw, alt)


def curve_chart(curve: Sequence[CurveDay], horizon: int | None, alt: str) -> Drawing | None:
    """The shares that were won, lost and disqualified by each day, the won ones with their band."""
    rows = _thinned([d for d in curve if horizon is None or d.day <= horizon])
    if not any(day.cif_won is not None for day in rows):
        return None
    band = [
        {"day": d.day, "low": d.cif_won_low, "high": d.cif_won_high}
        for d in rows
        if d.cif_won_low is not None
    ]
    lines = [
        {"day": day.day, "share": value, "end": end}
        for day in rows
        for end, value in (
            ("won", day.cif_won),
            ("lost", day.cif_lost),
            ("disqualified", day.cif_disqualified),
        )
        if value is not None
    ]
    # An end that nobody came to has no line: it may just be one that no source records.
    seen = {line["end"] for line in lines if line["share"]} | {"won"}
    lines = [line for line in lines if line["end"] in seen]
    last = {line["end"]: line for line in lines}

    def draw(alt_: Any, width: int) -> Chart:
        ends = ["won", "lost", "disqualified"]
        colour = alt_.Color(
            "end:N",
            legend=None,
            scale=alt_.Scale(domain=ends, range=["var(--ours)", "var(--muted)", "var(--muted)"]),
        )
        dash = alt_.StrokeDash(
            "end:N", legend=None, scale=alt_.Scale(domain=ends, range=[[1, 0], [6, 3], [2, 3]])
        )
        y = alt_.Y("share:Q", title=None, axis=alt_.Axis(format="%", tickCount=5))
        ticks = 8 if width == WIDE else 4
        x = alt_.X(
            "day:Q",
            title="days since the start",
            axis=alt_.Axis(tickCount=ticks),
            scale=alt_.Scale(domain=[0, rows[-1].day], nice=False),
        )
        area = (
            alt_.Chart(alt_.Data(values=band))
            .mark_area(interpolate="step-after", opacity=0.22, color="var(--ours)")
            .encode(x=x, y=alt_.Y("low:Q", title=None), y2="high:Q")
        )
        line = (
            alt_.Chart(alt_.Data(values=lines))
            .mark_line(interpolate="step-after", strokeWidth=2)
            .encode(x=x, y=y, color=colour, strokeDash=dash)
        )
        names = (
            alt_.Chart(alt_.Data(values=_apart(list(last.values()))))
            .mark_text(align="left", dx=6, fontSize=13, color="var(--ink)")
            .encode(x=x, y=alt_.Y("at:Q", title=None), text="end:N")
        )
        return (area + line + names).properties(height=260)

    return drawn(draw, alt)


def stage_chart(
    stages: Sequence[StageTime],
    labels: Mapping[str, str],
    owners: Mapping[str, str | None],
    alt: str,
) -> Drawing | None:
    """The days that entries stay in each stage: the middle half, the median, nine in ten."""
    told = [stage for stage in stages if stage.p50 is not None]
    if not told:
        return None
    end = max(float(d) for s in told for d in (s.p50, s.p75, s.p90) if d is not None) * 1.02
    rows = [
        {
            "stage": labels.get(stage.stage, stage.stage),
            "p25": stage.p25,
            "p50": stage.p50,
            "p75": stage.p75 if stage.p75 is not None else stage.p50,
            "p90": stage.p90,
            "reach": stage.p90 if stage.p90 is not None else end,
            "team": owners.get(stage.stage) or "both",
        }
        for stage in told
    ]
    order = [str(row["stage"]) for row in rows]

    def draw(alt_: Any, width: int) -> Chart:
        base = alt_.Chart(alt_.Data(values=rows))
        limit = 200 if width == WIDE else 100
        # Wider than measured, as the reader's letters may be.
        extent = min(limit, max(len(name) for name in order) * 7.5)
        axis = alt_.Axis(labelLimit=limit, minExtent=extent, ticks=False, domain=False)
        y = alt_.Y("stage:N", sort=order, title=None, axis=axis)
        colour = alt_.Color("team:N", legend=None, scale=_team_scale(alt_))
        bars = base.mark_bar(height=12, opacity=0.4, cornerRadius=6).encode(
            x=alt_.X(
                "p25:Q",
                title="days in the stage",
                scale=alt_.Scale(domain=[0, end], nice=False),
                axis=alt_.Axis(tickCount=8 if width == WIDE else 4),
            ),
            x2="p75:Q",
            y=y,
            color=colour,
        )
        reach = base.mark_rule(strokeDash=[2, 3], strokeWidth=1.5).encode(
            x="p75:Q", x2="reach:Q", y=y, color=colour
        )
        ends = base.mark_tick(thickness=2, size=12).encode(x="p90:Q", y=y, color=colour)
        dots = base.mark_point(filled=True, size=90, opacity=1).encode(
            x="p50:Q", y=y, color=colour, shape=_team_shape(alt_)
        )
        names = base.mark_text(dy=-13, fontSize=12, color="var(--ink)").encode(
            x="p50:Q", y=y, text="p50:Q"
        )
        return (bars + reach + ends + dots + names).properties(height=alt_.Step(44))

    return drawn(draw, alt)


def share_chart(figures: Sequence[Figure], alt: str) -> Drawing | None:
    """A share by month with its interval; a month of too few is hollow, one without is a gap."""
    rows = [
        {
            "month": words.short_month(figure.month),
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "few": "few" if figure.status == "too few" else "enough",
        }
        for figure in figures
    ]
    if not any(row["value"] is not None for row in rows):
        return None

    def draw(alt_: Any, width: int) -> Chart:
        base = alt_.Chart(alt_.Data(values=rows))
        x = _months(alt_, rows, width)
        y = alt_.Y(
            "value:Q",
            title=None,
            axis=alt_.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
            scale=alt_.Scale(domain=[0, 1]),
        )
        bars = base.mark_rule(strokeWidth=4, opacity=0.35, color="var(--ours)").encode(
            x=x, y=alt_.Y("low:Q", title=None), y2="high:Q"
        )
        line = base.mark_line(strokeWidth=1.5, color="var(--ours)").encode(x=x, y=y)
        dots = base.mark_point(size=55, strokeWidth=1.5, opacity=1).encode(
            x=x,
            y=y,
            stroke=alt_.value("var(--ours)"),
            fill=alt_.Fill(
                "few:N",
                legend=None,
                scale=alt_.Scale(domain=["few", "enough"], range=["var(--paper)", "var(--ours)"]),
            ),
        )
        return (bars + line + dots).properties(height=200)

    return drawn(draw, alt)


def _team_scale(alt_: Any) -> Any:
    return alt_.Scale(
        domain=["marketing", "sales", "both"],
        range=["var(--marketing)", "var(--sales)", "var(--ours)"],
    )


def _team_shape(alt_: Any) -> Any:
    return alt_.Shape(
        "team:N",
        legend=None,
        scale=alt_.Scale(
            domain=["marketing", "sales", "both"], range=["circle", "square", "diamond"]
        ),
    )


def _months(
    alt_: Any, rows: Sequence[Mapping[str, Any]], width: int, title: str | None = None
) -> Any:
    """The axis of months, in their order, of which as many are named as there is place for."""
    months = [str(row["month"]) for row in rows]
    every = -(-len(months) // _LABELS[width])
    shown = [month for place, month in enumerate(reversed(months)) if place % every == 0]
    axis = alt_.Axis(values=shown, labelAngle=0, labelFlush=False)
    return alt_.X("month:O", title=title, sort=None, axis=axis)


def _short(cohort: str) -> str:
    """A cohort, 2026-03, in few letters."""
    return words.short_month(date.fromisoformat(f"{cohort}-01"))


def _sure(month: TrendMonth) -> str:
    if month.low is None or month.high is None:
        return "unsure"
    return "sure" if month.high < 0 or month.low > 0 else "unsure"


def _thinned(curve: Sequence[CurveDay]) -> list[CurveDay]:
    """At most so many days, the first and the last among them: more no screen can show."""
    every = -(-len(curve) // _STEPS_SHOWN) or 1
    kept = [day for place, day in enumerate(curve) if place % every == 0]
    return kept if not curve or kept[-1] is curve[-1] else [*kept, curve[-1]]


def _apart(ends: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines' names, moved off each other where the lines end close together."""
    if not ends:
        return []
    top = max(float(end["share"]) for end in ends)
    least = top / 11
    placed: list[dict[str, Any]] = []
    for end in sorted(ends, key=lambda e: float(e["share"])):
        at = float(end["share"])
        if placed:
            at = max(at, placed[-1]["at"] + least)
        placed.append({**end, "at": at})
    return placed


def drawn(draw: Callable[[Any, int], Chart], alt: str) -> Drawing:
    """Draw a chart at both widths."""
    # Altair takes a second to import and Vega-Lite's engine another: only where there is a chart.
    import altair  # noqa: PLC0415
    import vl_convert  # noqa: PLC0415

    def svg(width: int) -> str:
        spec = (
            draw(altair, width)
            .properties(
                width=width,
                autosize=altair.AutoSizeParams(type="fit-x", contains="padding"),
                padding={"left": 2, "right": 12, "top": 8, "bottom": 4},
            )
            .configure(font=_FONT, background="transparent", aria=False)
            .configure_view(stroke=None)
            .configure_axis(
                labelColor="var(--muted)",
                titleColor="var(--muted)",
                titleFontWeight="normal",
                labelFontSize=12,
                titleFontSize=12,
                gridColor="var(--rule)",
                domainColor="var(--rule)",
                tickColor="var(--rule)",
                labelPadding=6,
                titlePadding=10,
            )
            .configure_axisX(grid=False)
        )
        # To hold it against Vega-Lite's schema takes as long as to draw it; the tests do.
        told = spec.to_dict(validate=False)
        return _placed(vl_convert.vegalite_to_svg(told, allowed_base_urls=[]))

    return Drawing(svg(WIDE), svg(NARROW), alt)


def _placed(svg: str) -> str:
    """The SVG as a part of the page: no namespaces to resolve, as wide as its place at most."""
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def alt_of_trend(months: Sequence[TrendMonth]) -> str:
    """What the trend's chart shows, in words."""
    told = [month for month in months if month.difference is not None]
    if not told:
        return ""
    newest = told[-1]
    return (
        f"Difference of the median cycle to the year before, for {len(told)} months; the newest, "
        f"{words.month(newest.cohort)}, is {words.signed(newest.difference)} days."
    )
