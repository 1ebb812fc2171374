"""The clients that `benchmarks.attribution` compares: each finds removal effects, in its process.

`python -m benchmarks.attribution_clients CLIENT FOLDER` reads the paths of the folder, finds the
removal effect of every channel and prints what it took as a line of JSON. Reading is not counted.
Each client imports what it needs, and no more, when it runs: the peers' Pythons need not have
Tandem's packages, nor Tandem's theirs.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

TOUCHES: Final = "touches.parquet"
ENDED: Final = "ended.parquet"
PATHS: Final = "paths.csv"
SQL: Final = ("int_path_step", "int_path_transition")
_THREADS: Final = 2


@dataclass
class Clock:
    """The seconds, and the processor's seconds, of what was timed."""

    seconds: float = 0.0
    processor: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what happens inside."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - wall
        self.processor += time.process_time() - processor


Effects = Mapping[str, float]


def tandem(folder: Path, clock: Clock) -> tuple[str, Effects]:
    """The warehouse's own models over a table of touches, and the chain that is solved of them."""
    import duckdb

    from orchestration.statistics.markov import counted, removal_effects

    connection = duckdb.connect()
    connection.execute(f"set threads = {_THREADS}")
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("create schema warehouse.intermediate")
    for table, file in (("int_touch_before_end", TOUCHES), ("int_ended_path", ENDED)):
        connection.execute(
            f"create table warehouse.intermediate.{table} as from read_parquet('{folder / file}')"
        )
    with clock.timed():
        for model in SQL:
            query = (folder / f"{model}.sql").read_text()
            connection.execute(f"create table warehouse.intermediate.{model} as {query}")
        rows = connection.execute(
            f"select from_state, to_state, transitions from warehouse.intermediate.{SQL[-1]}"
        ).fetchall()
        effects = removal_effects(counted(rows)).of_channel
    return "", effects


def channel_attribution(folder: Path, clock: Clock) -> tuple[str, Effects]:
    """ChannelAttribution as it comes: it walks the chain at random until its results settle."""
    return _walked(folder, clock, at_least=100_000)


def channel_attribution_at_length(folder: Path, clock: Clock) -> tuple[str, Effects]:
    """The same with a hundred times as many walks, for an answer ten times as near."""
    return _walked(folder, clock, at_least=10_000_000)


def _walked(folder: Path, clock: Clock, *, at_least: int) -> tuple[str, Effects]:
    with redirect_stdout(sys.stderr):
        import ChannelAttribution  # type: ignore[import-not-found]

        paths = _paths(folder)
        with clock.timed():
            found = ChannelAttribution.markov_model(
                paths,
                "path",
                "conversions",
                var_null="nulls",
                nsim_start=at_least,
                out_more=True,
                ncore=_THREADS,
                verbose=False,
                flg_pro=False,
            )
    effects = found["removal_effects"]
    names, values = effects.iloc[:, 0], effects.iloc[:, 1]
    return version("ChannelAttribution"), dict(zip(names, map(float, values), strict=True))


def marketing_attribution_models(folder: Path, clock: Clock) -> tuple[str, Effects]:
    """marketing-attribution-models: from its version 2 on Polars, before that on pandas.

    Of version 2 the chain alone is timed; version 1 shares the conversions out in the same call.
    """
    released = version("marketing-attribution-models")
    paths = _paths(folder)
    with redirect_stdout(sys.stderr):
        if int(released.split(".")[0]) > 1:
            return released, _mam_on_polars(paths, clock)
        return released, _mam_on_pandas(paths, clock)


def _mam_on_polars(paths: Any, clock: Clock) -> Effects:
    from mam.core import MAM  # type: ignore[import-not-found]
    from mam.models.markov import MarkovModel  # type: ignore[import-not-found]

    journeys = MAM(
        paths.assign(occurrences=1, has_conversion=paths["conversions"] > 0),
        format_type="format_3",
        channels_colname="path",
        journey_with_conv_colname="has_conversion",
        occurrences_colname="occurrences",
    )
    model = MarkovModel()
    with clock.timed():
        model._compute_markov(journeys.unified_df)
    return {str(k): float(v) for k, v in model.removal_effect_df["removal_effect"].items()}


def _mam_on_pandas(paths: Any, clock: Clock) -> Effects:
    from marketing_attribution_models import MAM  # type: ignore[import-not-found]

    paths = paths.assign(
        journey_id=[str(place) for place in range(len(paths))],
        has_conversion=paths["conversions"] > 0,
        value=1,
    )
    journeys = MAM(
        paths,
        channels_colname="path",
        journey_with_conv_colname="has_conversion",
        conversion_value="value",
        path_separator=" > ",
    )
    with clock.timed():
        found = journeys.attribution_markov(transition_to_same_state=False)
    return {str(k): float(v) for k, v in found[3]["removal_effect"].items()}


def _paths(folder: Path) -> Any:
    import pandas as pd

    return pd.read_csv(folder / PATHS, sep=";")


CLIENTS: Final[Mapping[str, Callable[[Path, Clock], tuple[str, Effects]]]] = {
    "tandem": tandem,
    "ChannelAttribution": channel_attribution,
    "ChannelAttribution-at-length": channel_attribution_at_length,
    "marketing-attribution-models": marketing_attribution_models,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one client and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    clock = Clock()
    released, effects = CLIENTS[asked.client](asked.folder, clock)
    told = {
        "version": released,
        "seconds": clock.seconds,
        "processor": clock.processor,
        "effects": {str(name): value for name, value in effects.items()},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
