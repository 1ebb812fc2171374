"""What each statistic takes of the cases of a company, and of as many times those.

`python -m benchmarks.statistics_growth --data FOLDER --times 1 3 10` reads the warehouse that
`benchmarks/full_build.py` left in FOLDER. A company multiplied (`benchmarks/scaled_company.py`)
does the same in every copy, so what collapses cases that are alike has it too easy there. Here
every copy has accounts, waits and amounts of its own: business hours, days and amounts are moved by
up to 30 % either way. What SQL has counted by day is as it is, as it would be.

Seconds are of the processor; memory is that of the process at its most, with the engine's.
"""

import argparse
import gc
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from benchmarks.process_tree import watched_memory
from benchmarks.scaled_company import scaled_company
from orchestration.measures.figures import settings_of
from orchestration.measures.store import Store
from orchestration.measures.tables import STATISTICS, make_statistic
from orchestration.warehouse.connection import read_warehouse

_OWN: Final = ("cluster_id", "deal_id", "journey_id")
_MOVED: Final = {
    ("int_response_wait", "hours"): "double",
    ("int_nurture_silence", "days"): "integer",
    ("int_cycle_trend_case", "days"): "integer",
    ("int_role_journey", "days"): "integer",
    ("int_nurture_deal", "amount"): "decimal(18, 2)",
    ("int_road_deal", "amount_reporting"): "decimal(18, 2)",
}


def multiplied(connection: duckdb.DuckDBPyConnection, times: int) -> Store:
    """The cases of a warehouse so many times over; what is made of them is not kept."""

    def read(model: str, columns: Sequence[str]) -> pa.Table:
        chosen = ", ".join(_column(model, column) for column in columns)
        copies = times if set(columns) & set(_OWN) else 1
        return connection.sql(
            f"select {chosen} from intermediate.{model} cross join range({copies}) as _(copy)"
        ).to_arrow_table()

    return Store(read, lambda *_: None)


def _column(model: str, column: str) -> str:
    if column in _OWN:
        return f"{column} || '#' || copy as {column}"
    kind = _MOVED.get((model, column))
    if kind is None:
        return column
    return f"cast({column} * (0.7 + 0.6 * random()) as {kind}) as {column}"


def main() -> None:
    """Make every statistic of so many times the cases, one size after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a company that was built")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 3, 10])
    asked = parser.parse_args()
    company = scaled_company(asked.data)
    settings = settings_of(company.agreement)
    seconds: dict[str, list[float]] = {name: [] for name in STATISTICS}
    memory = []
    with read_warehouse(company.warehouse) as connection:
        for times in asked.times:
            gc.collect()
            with watched_memory() as peak:
                for name, statistic in STATISTICS.items():
                    started = time.process_time()
                    make_statistic(multiplied(connection, times), statistic, settings)
                    seconds[name].append(time.process_time() - started)
            memory.append(peak.gigabytes)
    print(f"| statistic | {' | '.join(f'{times} times' for times in asked.times)} |")
    print(f"|---|{'---:|' * len(asked.times)}")
    for name, taken in seconds.items():
        _row(name, taken, "{:.1f}")
    _row("all", [sum(taken) for taken in zip(*seconds.values(), strict=True)], "{:.1f}")
    _row("gigabytes", memory, "{:.2f}")


def _row(name: str, figures: Sequence[float], form: str) -> None:
    print(f"| {name} | {' | '.join(form.format(figure) for figure in figures)} |")


if __name__ == "__main__":
    main()
