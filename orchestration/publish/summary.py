"""What a run ends with: a few lines on the sources, the funnel and where the tables are."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import duckdb

from orchestration.company import Company
from orchestration.loading.attempts import last_attempts
from orchestration.publish.versions import current_folder
from orchestration.warehouse.sql import identifier

_SHOWN_IN_DAYS_FROM: Final = 2


def summary(company: Company, seconds: float) -> Iterator[str]:
    """The summary of what readers see now, after a run of so many seconds."""
    file = current_folder(company) / "tandem.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        yield ""
        yield from _sources(company, connection)
        yield ""
        yield from _funnel(connection)
        yield ""
        yield from _outcomes(connection)
    yield ""
    yield f"Tables   {company.published_warehouse} (schema marts)"
    yield f"         {company.published_parquet}/<table>/"
    yield "         start with `catalogue`"
    yield f"Report   {company.published_report}"
    yield f"Done in {seconds:.0f} s"


def _sources(company: Company, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    new: dict[str, list[int]] = {}
    for attempt in last_attempts(company):
        counts = new.setdefault(attempt.source, [0, 0])
        if attempt.is_good:
            counts[0] += attempt.rows
            counts[1] += attempt.rejected
    rows = connection.execute(
        "select source, state, row_count, in_quarantine, age_hours from catalogue_source "
        "order by source"
    ).fetchall()
    table = [("Sources", "state", "new rows", "new in quarantine", "rows", "in quarantine", "age")]
    for source, state, count, rejected, age in rows:
        new_rows, new_rejected = new.get(source, [0, 0])
        numbers = (f"{n:,}" for n in (new_rows, new_rejected, count, rejected))
        table.append((source, state, *numbers, _age(age)))
    yield from _aligned(table)
    suppressed = sum(attempt.suppressed for attempt in last_attempts(company))
    if suppressed:
        yield f"Suppressed: {suppressed:,} records came that are of people who were forgotten"


def _funnel(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    stages = connection.execute(
        "select stage, label from dim_stage where not is_exit order by stage_order"
    ).fetchall()
    counts = ", ".join(f"count({identifier(f'{stage}_at')})" for stage, _ in stages)
    [row] = connection.execute(f"select {counts} from fct_funnel where is_primary").fetchall()
    table = [("Funnel", "journeys that reached it", "of the stage before")]
    for (_, label), count, before in zip(stages, row, (None, *row), strict=False):
        share = f"{count / before:.1%}" if before else ""
        table.append((label, f"{count:,}", share))
    yield from _aligned(table)


def _outcomes(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    [(won, lost, still_open)] = connection.execute(
        "select count(*) filter (outcome = 'won'), count(*) filter (outcome = 'lost'), "
        "count(*) filter (outcome = 'open') from fct_deal"
    ).fetchall()
    # Where nothing that was lost is recorded, all that is closed was won, and says nothing.
    rate = f"{won / (won + lost):.1%}" if lost else "not known, since no lost deal is recorded"
    yield f"Win rate      {rate} ({won:,} won, {lost:,} lost, {still_open:,} still open)"
    cycles = connection.execute(
        "select curve, p50, status, horizon_days from cycle_time_summary "
        "where unit = 'calendar' and segment = 'all' and cohort = 'all' order by curve"
    ).fetchall()
    for curve, median, status, horizon in cycles:
        told = f"{median:g} days" if median is not None else str(status)
        of_those = f" of those won within {horizon} days" if median is not None else ""
        yield f"Median cycle  {curve.replace('_', ' ')}: {told}{of_those}"


def _age(hours: float | None) -> str:
    if hours is None:
        return "never loaded"
    days = hours / 24
    return f"{days:.1f} days" if days >= _SHOWN_IN_DAYS_FROM else f"{hours:.1f} hours"


def _aligned(table: Sequence[Sequence[Any]]) -> Iterator[str]:
    widths = [max(len(str(row[i])) for row in table) for i in range(len(table[0]))]
    for row in table:
        first, *rest = (str(cell) for cell in row)
        cells = [
            first.ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True)),
        ]
        yield "  ".join(cells).rstrip()
