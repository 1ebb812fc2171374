"""The funnel, the curves of cycle time and the scorecard as tables with bars, for the web UI.

They are text, which the page shows as it is, and no picture that would have to be loaded.
"""

from collections.abc import Callable, Mapping
from typing import Final

import duckdb
from dagster import MarkdownMetadataValue, MetadataValue

from orchestration.defs.previews import markdown_table
from orchestration.warehouse.sql import identifier

_BAR: Final = 24
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_DAYS: Final = (7, 14, 30, 60, 90, 120, 180, 270, 365)


def plots_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, MarkdownMetadataValue]:
    """What a public table shows at a glance, by name; nothing where it is not one of those."""
    draw = _PLOTS.get(table)
    if draw is None:
        return {}
    return {name: MetadataValue.md(text) for name, text in draw(connection).items()}


def bar(share: float) -> str:
    """A share between 0 and 1 as a bar, to an eighth of a sign."""
    eighths = round(max(0.0, min(1.0, share)) * _BAR * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _funnel(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    stages = connection.execute(
        "select stage, label from marts.dim_stage where not is_exit order by stage_order"
    ).fetchall()
    counts = ", ".join(f"count({identifier(f'{stage}_at')})" for stage, _ in stages)
    [row] = connection.execute(f"select {counts} from marts.fct_funnel where is_primary").fetchall()
    most = max([*row, 1])
    lines = [
        (label, f"{count:,}", _share(count, before), bar(count / most))
        for (_, label), count, before in zip(stages, row, (None, *row), strict=False)
    ]
    columns = ("Stage", "Journeys that reached it", "Of the stage before", "")
    return {"funnel": markdown_table(columns, lines)}


def _curves(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = connection.execute(
        """
        select curve, days.day, arg_max(cif_won, curves.day), arg_max(at_risk, curves.day)
        from marts.cycle_time_curve as curves
        inner join (select unnest($days) as day) as days on curves.day <= days.day
        where unit = 'calendar' and segment = 'all' and cohort = 'all'
        group by curve, days.day
        order by curve, days.day
        """,
        {"days": [*_DAYS]},
    ).fetchall()
    lines: dict[str, list[tuple[str, ...]]] = {}
    for curve, day, won, at_risk in found:
        line = (f"{day}", f"{won:.1%}", bar(won), f"{at_risk:,}")
        lines.setdefault(str(curve), []).append(line)
    columns = ("Within days", "Won", "", "At risk then")
    return {curve: markdown_table(columns, rows) for curve, rows in lines.items()}


def _scorecard(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = connection.execute(
        """
        select month, metric, value, low, high, n, target, status
        from marts.alignment_scorecard
        where
            segment = 'all' and slice_kind = 'all' and position('.' in metric) = 0
            and month = (select max(month) from marts.alignment_scorecard where status <> 'no data')
        order by metric
        """
    ).fetchall()
    if not found:
        return {}
    lines = [
        (metric, _number(value), _between(low, high), f"{n:,}", _number(target), status)
        for _, metric, value, low, high, n, target, status in found
    ]
    columns = ("Measure", "Value", "Between", "Cases", "Target", "Status")
    return {f"scorecard of {found[0][0]:%Y-%m}": markdown_table(columns, lines)}


_PLOTS: Final[Mapping[str, Callable[[duckdb.DuckDBPyConnection], dict[str, str]]]] = {
    "fct_funnel": _funnel,
    "cycle_time_curve": _curves,
    "alignment_scorecard": _scorecard,
}


def _share(count: int, before: int | None) -> str:
    return f"{count / before:.1%}" if before else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.3g}"


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_number(low)} to {_number(high)}"
