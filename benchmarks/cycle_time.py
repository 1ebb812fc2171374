"""Kaplan-Meier and Aalen-Johansen over many deals: the project's models beside lifelines.

`python -m benchmarks.cycle_time --deals 1000000` simulates deals that are won, lost, disqualified
or still open, in whole days, and reckons the share still open and the share of each end, day by
day, with their intervals:

- tandem: `int_cycle_count`, `int_cycle_risk_set` and `int_cycle_curve` as dbt compiles them, on
  DuckDB, from the table of single deals on, in a warehouse file as on any night. It makes the curve
  three times, since every deal is in a slice by channel and one by owner too;
- lifelines, ties exact: `KaplanMeierFitter` once and `AalenJohansenFitter` once for each end, with
  variances, from arrays in memory. lifelines would break tied days by random jitter; here it is
  kept from doing so, which is faster and is what its formulas give on the days as they are;
- lifelines, as it comes: the same with its jitter and without variances, which it can't make of so
  many distinct times in any time worth waiting for;
- limit: one pass of DuckDB over the deals that counts them by day and end, which any way must do.

Survival and the three shares must be the same to 1e-9 on every day as lifelines' with exact ties,
else it ends with an error. Against its jittered ones the greatest difference is told. They take
turns for `--rounds`; the best of each is told. Quote ratios, not seconds.
"""

import argparse
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from tests.dbt_project.compiled import Database, compile_project

ENDS: Final = ("won", "lost", "disqualified")
MODELS: Final = ("int_cycle_count", "int_cycle_risk_set", "int_cycle_curve")
TOLERANCE: Final = 1e-9
Shares = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Deals:
    """How many days each deal took or was watched; which of ENDS it came to, from 1; 0: none."""

    days: Any
    ends: Any


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of the processor."""

    seconds: float
    processor: float


def simulate(count: int, seed: int) -> Deals:
    """Deals that last about 90 days, and are watched for up to a year."""
    turn = np.random.default_rng(seed)
    lasts = 1 + turn.gamma(1.5, 60, count).astype(np.int64)
    watched = turn.integers(1, 366, count)
    ends = turn.choice([1, 2, 3], count, p=[0.3, 0.55, 0.15])
    return Deals(np.minimum(lasts, watched), np.where(lasts <= watched, ends, 0))


def warehouse(deals: Deals, folder: Path) -> Database:
    """A warehouse in which the deals stand where the models begin to count."""
    database = compile_project(folder).database(folder / "deals.duckdb")
    database.fill("agreement.settings", [{"minimum_at_risk": 1, "confidence_level": 0.95}])
    database.fill("bound.clock", [{"as_of": "2026-09-30"}])
    database.fill("int_cycle_spell", [])
    rows = pd.DataFrame({"day": deals.days, "ended": deals.ends})
    database.connection.register("deals", rows)
    database.connection.execute(
        f"""
        insert into {database.project.relations["int_cycle_spell"].address} by name
        select
            'opportunity' as from_stage,
            'calendar' as unit,
            'all' as segment,
            'unknown' as channel,
            'unknown' as owner,
            coalesce(list_extract(['won', 'lost', 'disqualified'], ended), 'open') as outcome,
            0 as entry_day,
            day as exit_day,
            'at_risk' as standing
        from deals
        """
    )
    database.connection.unregister("deals")
    database.connection.execute("checkpoint warehouse")
    return database


def tandem(database: Database) -> Shares:
    """The project's curve."""
    database.build(*MODELS)
    columns = ", ".join(("day", "survival", *(f"cif_{end}" for end in ENDS)))
    rows = database.rows(f"select {columns} from {{int_cycle_curve}} where slice_kind = 'all'")
    return {name: {row["day"]: row[name] for row in rows} for name in list(rows[0])[1:]}


class _TiesAsTheyAre(AalenJohansenFitter):
    """lifelines' estimator, kept from moving tied times apart."""

    @staticmethod
    def _check_for_duplicates(durations: Any, events: Any) -> bool:
        del durations, events
        return False


def lifelines_exact(deals: Deals) -> Shares:
    """lifelines on the days as they are."""
    return _lifelines(deals, lambda: _TiesAsTheyAre(calculate_variance=True))


def lifelines_as_it_comes(deals: Deals) -> Shares:
    """lifelines with its jitter."""
    return _lifelines(deals, lambda: AalenJohansenFitter(calculate_variance=False, seed=1))


def _lifelines(deals: Deals, fitter: Callable[[], AalenJohansenFitter]) -> Shares:
    survival = KaplanMeierFitter().fit(deals.days, deals.ends > 0).survival_function_.iloc[:, 0]
    found = {"survival": survival}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, end in enumerate(ENDS, 1):
            fitted = fitter().fit(deals.days, deals.ends, event_of_interest=number)
            found[f"cif_{end}"] = fitted.cumulative_density_.iloc[:, 0]
    days = np.unique(deals.days)
    # What jitter moved by less than a day counts to the day it was on.
    return {
        name: dict(zip(days.tolist(), _steps(curve, days + 0.5), strict=True))
        for name, curve in found.items()
    }


def _steps(curve: pd.Series, days: Any) -> list[float]:
    places = np.searchsorted(curve.index.to_numpy(), days, side="right") - 1
    return [float(value) for value in curve.to_numpy()[places]]


def limit(database: Database) -> None:
    """One pass over the deals."""
    database.rows("select exit_day, outcome, count(*) from {int_cycle_spell} group by all")


def greatest_difference(ours: Shares, theirs: Shares) -> float:
    """Between two sets of shares, on the days of ours on which anybody left."""
    return max(
        abs(ours[name][day] - theirs[name][day])
        for name in ours
        for day in ours[name]
        if day in theirs[name]
    )


def timed(what: Callable[[], Any]) -> tuple[Took, Any]:
    """What it took, and what came of it."""
    clock, processor = time.perf_counter(), time.process_time()
    result = what()
    return Took(time.perf_counter() - clock, time.process_time() - processor), result


def main() -> int:
    """Run the comparison and print it; 1 where the answers differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    deals = simulate(options.deals, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        return compare(deals, warehouse(deals, Path(folder)), options.rounds)


def compare(deals: Deals, database: Database, rounds: int) -> int:
    """Let them take turns and print what each took; 1 where the answers differ."""
    ways: Mapping[str, Callable[[], Any]] = {
        "tandem": lambda: tandem(database),
        "lifelines, ties exact": lambda: lifelines_exact(deals),
        "lifelines, as it comes": lambda: lifelines_as_it_comes(deals),
        "limit": lambda: limit(database),
    }
    best: dict[str, Took] = {}
    answers: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            took, answers[name] = timed(way)
            if name not in best or took.seconds < best[name].seconds:
                best[name] = took
    ours = answers["tandem"]
    off = greatest_difference(ours, answers["lifelines, ties exact"])
    jittered = greatest_difference(ours, answers["lifelines, as it comes"])
    days, still_open = len(ours["survival"]), float((deals.ends == 0).mean())
    print(f"{len(deals.days):,} deals over {days:,} days, {still_open:.0%} of them open")
    print(f"Python {platform.python_version()}, DuckDB {duckdb.__version__}")
    print(f"{'':24}{'seconds':>9}{'processor':>11}{'x tandem':>10}{'x processor':>13}")
    for name, took in best.items():
        print(
            f"{name:24}{took.seconds:9.3f}{took.processor:11.3f}"
            f"{took.seconds / best['tandem'].seconds:10.2f}"
            f"{took.processor / best['tandem'].processor:13.2f}"
        )
    print(f"greatest difference to lifelines, ties exact: {off:.1e}")
    print(f"greatest difference to lifelines, as it comes: {jittered:.1e}")
    return int(off > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
