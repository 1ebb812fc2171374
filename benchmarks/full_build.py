"""A whole build of the simulated company, from the raw lake to the marts, beside the limit.

`python -m benchmarks.full_build --touches 1000000` writes a company of that many touches
(`benchmarks/scaled_company.py`; its cost is told apart), binds it and builds every dbt model and
every statistic, as a night does that has to build all anew. Data tests come after that and are
timed apart; nothing is published. `--data FOLDER` keeps the company, and takes the one that is
there. The build's warehouse is made anew every time.

After the build `benchmarks/core_tables.py` makes two of its tables from the same lake by SQL that
was written by hand, the limit of this machine, and holds them against the warehouse. Beside it
stand the seconds of the models that lead to the same tables. Two models run side by side, on a
processor each, while the script has both: theirs are told against its seconds of the clock, which
is the harsher ratio, and of the processor, which is the nearer one.

Memory is that of all processes together, at its most; `processor` are the seconds of all of them.
"""

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.core_tables import MODELS, Made, make
from benchmarks.process_tree import watched_memory
from benchmarks.scaled_company import make_scaled, scaled_company
from orchestration.company import Company
from orchestration.publish.build import run_nodes, run_statistic, waves
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import remove_warehouse
from orchestration.warehouse.dbt_project import DbtProject, read_project
from orchestration.warehouse.dbt_run import NodeResult, check_run
from orchestration.warehouse.hold import hold_warehouse

_RUN: Final = "benchmark"
_SLOWEST: Final = 20


@dataclass
class Build:
    """What a build took: the seconds of its parts and of each model, gigabytes at its most."""

    peak: float = 0.0
    parts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    processor: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    models: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Of all but the data tests."""
        return sum(seconds for part, seconds in self.parts.items() if part != "data tests")


def build(
    company: Company,
    project: DbtProject,
    *,
    is_tested: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> Build:
    """Build all of a company, on what its warehouse holds; `tell` hears what the build tells."""
    done = Build()
    tests: list[str] = []
    with watched_memory() as peak, hold_warehouse(company) as lock:

        def run(models: Sequence[str], tests: Sequence[str]) -> Sequence[NodeResult]:
            ended = run_nodes(company, project, models, tests, lock=lock, run_id=_RUN, tell=tell)
            check_run(company, project, ended)
            return ended.results

        with _timed(done, "bind"):
            bind(company)
        for wave in waves(project):
            with _timed(done, "dbt models"):
                results = run(wave.models, ())
            for result in results:
                node = project.models.get(result.unique_id)
                if node is not None:
                    done.models[node["fqn"][1], node["name"]] = result.seconds
            for statistic in wave.statistics:
                name = project.statistics[statistic]["name"]
                before = done.parts["statistics"]
                with _timed(done, "statistics"):
                    run_statistic(company, project, statistic, run_id=_RUN)
                done.models["statistics", name] = done.parts["statistics"] - before
            tests += wave.tests
        if is_tested:
            with _timed(done, "data tests"):
                run((), tests)
    done.peak = peak.gigabytes
    return done


@contextmanager
def _timed(done: Build, part: str) -> Iterator[None]:
    started, worked = time.monotonic(), _processor()
    yield
    done.parts[part] += time.monotonic() - started
    done.processor[part] += _processor() - worked


def _processor() -> float:
    """Seconds of the processor, this process's and those of the ones that it waited for."""
    return sum(os.times()[:4])


def tell(done: Build) -> None:
    """Print what a build took, by its parts, by the layers of the models, and the slowest ones."""
    layers: dict[str, float] = defaultdict(float)
    for (layer, _), seconds in done.models.items():
        layers[layer] += seconds
    slowest = sorted(done.models.items(), key=lambda one: -one[1])[:_SLOWEST]
    print(f"the build: {done.seconds:.1f} s, {done.peak:.1f} GB")
    print("\n| part | seconds | processor |\n|---|---:|---:|")
    for part, seconds in done.parts.items():
        print(f"| {part} | {seconds:.1f} | {done.processor[part]:.1f} |")
    _table("layer (seconds of its models, side by side)", layers.items())
    _table("model", ((f"{layer}.{name}", seconds) for (layer, name), seconds in slowest))


def tell_limit(done: Build, limit: Sequence[Made]) -> None:
    """Print what the tables took that were made by hand, beside the models that lead to them."""
    print("\n| table | rows | differing | models | by hand | processor | ratio | x processor |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for one in limit:
        models = sum(s for (_, name), s in done.models.items() if name in MODELS[one.table].split())
        print(
            f"| {one.table} | {one.rows:,} | {one.only_here + one.only_there:,} | {models:.1f} "
            f"| {one.seconds:.1f} | {one.processor:.1f} | {models / one.seconds:.1f} "
            f"| {models / one.processor:.1f} |"
        )


def _table(title: str, rows: Iterable[tuple[str, float]]) -> None:
    print(f"\n| {title} | seconds |\n|---|---:|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.1f} |")


def main() -> None:
    """Make the company where there is none yet, and build it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="where the company is kept")
    parser.add_argument("--tests", action="store_true", help="run the data tests, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.data or Path(scratch) / "company"
        if not (folder / "sources.yml").exists():
            written = make_scaled(folder, asked.touches)
            print(
                f"the company: {written.touches:,} touches in {written.rows:,} rows, "
                f"{written.seconds:.0f} s"
            )
        company = scaled_company(folder)
        remove_warehouse(company.warehouse)
        done = build(company, read_project(company), is_tested=asked.tests)
        tell(done)
        with tempfile.TemporaryDirectory(dir=company.data) as by_hand:
            tell_limit(done, make(company, Path(by_hand) / "core.duckdb"))


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    main()
