"""The clients that `benchmarks.attribution` compares: each finds removal effects, in its process.

`python -m benchmarks.attribution_clients CLIENT FOLDER` reads the paths of the folder, finds the
removal effect of every channel and prints what it took as a line of JSON. Reading is not counted.
What it takes to put touches in order is told apart from what it takes to find the effects.
Each client imports what it needs, and no more, when it runs: the peers' Pythons need not have
Tandem's packages, nor Tandem's theirs.
"""

import argparse
import json
import os
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

    def told(self) -> tuple[float, float]:
        """Both."""
        return self.seconds, self.processor

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what happens inside."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - wall
        self.processor += time.process_time() - processor


Effects = Mapping[str, float]


@dataclass
class Clocks:
    """One for putting touches in order, one for finding the effects of ordered paths."""

    ordering: Clock
    solving: Clock


def tandem(folder: Path, clocks: Clocks) -> tuple[str, Effects]:
    """The models of a night over a table of touches, and the chain that is solved of them.

    They stand in a warehouse file, as a night's do: writing the steps to it is part of the time.
    """
    import duckdb

    from orchestration.statistics.markov import counted, removal_effects

    connection = duckdb.connect()
    connection.execute(f"set threads = {_THREADS}")
    warehouse = folder / f"warehouse_{os.getpid()}.duckdb"
    connection.execute(f"attach '{warehouse}' as warehouse")
    connection.execute("create schema warehouse.intermediate")
    for table, file in (("int_touch_before_end", TOUCHES), ("int_ended_path", ENDED)):
        connection.execute(
            f"create table warehouse.intermediate.{table} as from read_parquet('{folder / file}')"
        )
    connection.execute("checkpoint warehouse")
    steps, transitions = (
        f"create table warehouse.intermediate.{model} as {(folder / f'{model}.sql').read_text()}"
        for model in SQL
    )
    with clocks.ordering.timed():
        connection.execute(steps)
        connection.execute("checkpoint warehouse")
    with clocks.solving.timed():
        connection.execute(transitions)
        rows = connection.execute(
            f"select from_state, to_state, transitions from warehouse.intermediate.{SQL[-1]}"
        ).fetchall()
        effects = removal_effects(counted(rows)).of_channel
    connection.close()
    warehouse.unlink()
    return "", effects


def text_of_touches(folder: Path, clocks: Clocks) -> tuple[str, Effects]:
    """The ordered paths that peers begin with, as text, made of touches by the cheapest way known.

    DuckDB sorts the touches and Arrow joins those of a path; DuckDB's own ordered `string_agg`
    takes several times as long.
    """
    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    connection = duckdb.connect()
    connection.execute(f"set threads = {_THREADS}")
    for table, file in (("touches", TOUCHES), ("ended", ENDED)):
        connection.execute(f"create table {table} as from read_parquet('{folder / file}')")
    with clocks.ordering.timed():
        touches = connection.sql(
            """
            select path_id, channel, end_state = '(conversion)' as converts
            from ended join touches using (path_id) where opens_at <= occurred_at
            order by path_id, occurred_at, touch_id
            """
        ).to_arrow_table()
        of_path = touches["path_id"].combine_chunks()
        begins = pc.not_equal(of_path[1:], of_path[:-1]).to_numpy(zero_copy_only=False)
        starts = np.concatenate(([0], np.flatnonzero(begins) + 1)).astype(np.int32)
        offsets = pa.array(np.append(starts, len(of_path)).astype(np.int32))
        channels = pa.ListArray.from_arrays(offsets, touches["channel"].combine_chunks())
        texts = pc.binary_join(channels, " > ")
        converting = touches["converts"].take(pa.array(starts))
    if len(texts) != len(converting):
        raise ValueError("paths without an end")
    return "", {}


def channel_attribution(folder: Path, clocks: Clocks) -> tuple[str, Effects]:
    """ChannelAttribution as it comes: it walks the chain at random until its results settle."""
    return _walked(folder, clocks, at_least=100_000)


def channel_attribution_at_length(folder: Path, clocks: Clocks) -> tuple[str, Effects]:
    """The same with a hundred times as many walks, for an answer ten times as near."""
    return _walked(folder, clocks, at_least=10_000_000)


def _walked(folder: Path, clocks: Clocks, *, at_least: int) -> tuple[str, Effects]:
    with redirect_stdout(sys.stderr):
        import ChannelAttribution  # type: ignore[import-not-found]

        paths = _paths(folder)
        with clocks.solving.timed():
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


def marketing_attribution_models(folder: Path, clocks: Clocks) -> tuple[str, Effects]:
    """marketing-attribution-models: from its version 2 on Polars, before that on pandas.

    Of version 2 the chain alone is timed; version 1 shares the conversions out in the same call.
    """
    released = version("marketing-attribution-models")
    paths = _paths(folder)
    with redirect_stdout(sys.stderr):
        if int(released.split(".")[0]) > 1:
            return released, _mam_on_polars(paths, clocks)
        return released, _mam_on_pandas(paths, clocks)


def _mam_on_polars(paths: Any, clocks: Clocks) -> Effects:
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
    with clocks.solving.timed():
        model._compute_markov(journeys.unified_df)
    return {str(k): float(v) for k, v in model.removal_effect_df["removal_effect"].items()}


def _mam_on_pandas(paths: Any, clocks: Clocks) -> Effects:
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
    with clocks.solving.timed():
        found = journeys.attribution_markov(transition_to_same_state=False)
    return {str(k): float(v) for k, v in found[3]["removal_effect"].items()}


def _paths(folder: Path) -> Any:
    import pandas as pd

    return pd.read_csv(folder / PATHS, sep=";")


CLIENTS: Final[Mapping[str, Callable[[Path, Clocks], tuple[str, Effects]]]] = {
    "tandem": tandem,
    "text-of-touches": text_of_touches,
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
    clocks = Clocks(ordering=Clock(), solving=Clock())
    released, effects = CLIENTS[asked.client](asked.folder, clocks)
    told = {
        "version": released,
        "ordering": clocks.ordering.told(),
        "solving": clocks.solving.told(),
        "effects": {str(name): value for name, value in effects.items()},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
