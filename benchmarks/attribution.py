"""What the removal effects of the Markov chain cost, beside peers over the same paths.

`python -m benchmarks.attribution --paths 1000000 --peer ChannelAttribution=PYTHON` draws that many
paths over twelve channels and lets each client (`benchmarks/attribution_clients.py`), one after the
other and each in a process of its own, find the removal effect of every channel:

- tandem: `int_path_step` and `int_path_transition`, the dbt models of a night, on DuckDB over a
  table of touches, and the chain that is solved from what they count;
- ChannelAttribution, which walks the chain at random until its results settle, as it comes, and
  ChannelAttribution-at-length with a hundred times as many walks;
- marketing-attribution-models, version 1 on pandas or version 2 on Polars.

No peer is a requirement of Tandem's: `--peer` names a Python that has one, and may be said again.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install ChannelAttribution matplotlib pandas
    python3 -m venv /tmp/mam && /tmp/mam/bin/pip install 'marketing-attribution-models>=2' pandas
    python3 -m venv /tmp/mam1 && /tmp/mam1/bin/pip install 'marketing-attribution-models<2' \\
        'pandas<2' 'numpy<2' 'matplotlib<3.8' 'seaborn<0.13'

Every client has two threads. Reading is not counted. Two tables are told, in each of which all
begin with the same: one from paths whose channels are in order, where Tandem has its table of
steps and the peers a text a path; and one from touches that are yet to be put in order, where
Tandem makes that table and the peers are given their texts by the cheapest way known
(`text-of-touches`), which is added to what each took. `off by` is the largest
difference of a channel's removal effect from that of the chain solved anew without the channel,
by the same numbers. On a machine that has other work, let them take turns (`--rounds 3`): of each
the round that cost it least is told. `ratio` is of the processor's seconds, which other work on the
machine changes least.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.attribution_clients import ENDED, PATHS, SQL, TOUCHES

TANDEM: Final = "tandem"
TEXTS: Final = "text-of-touches"
CHANNELS: Final = 12
_MOST_TOUCHES: Final = 20
_MEAN_TOUCHES: Final = 4.0
_CONVERTS: Final = 0.15
_SEED: Final = 7
_DBT_PROJECT: Final = Path(__file__).resolve().parents[1] / "dbt_project"


@dataclass(frozen=True)
class Measured:
    """What a client took: seconds and the processor's seconds, and what it found."""

    name: str
    ordering: tuple[float, float]
    solving: tuple[float, float]
    effects: Mapping[str, float]


def draw_paths(folder: Path, paths: int) -> None:
    """Write paths as touches, as ended paths and as text; some channels follow others gladly."""
    draw = np.random.default_rng(_SEED)
    lengths = np.minimum(draw.geometric(1 / _MEAN_TOUCHES, paths), _MOST_TOUCHES)
    follows = draw.dirichlet(np.full(CHANNELS, 0.4), CHANNELS).cumsum(axis=1)
    strength = draw.random(CHANNELS) * 2 * _CONVERTS
    channels = np.full((paths, _MOST_TOUCHES), -1, dtype=np.int8)
    channels[:, 0] = draw.choice(CHANNELS, paths, p=draw.dirichlet(np.full(CHANNELS, 2.0)))
    for place in range(1, _MOST_TOUCHES):
        going = np.nonzero(lengths > place)[0]
        thrown = draw.random(len(going))[:, None]
        channels[going, place] = (follows[channels[going, place - 1]] < thrown).sum(axis=1)
    channels = np.minimum(channels, CHANNELS - 1)
    last = channels[np.arange(paths), lengths - 1]
    converts = draw.random(paths) < strength[last]
    path, place = np.nonzero(channels >= 0)
    drawn = pa.table(
        {
            "path": path,
            "place": place,
            "channel": [f"channel_{channel:02}" for channel in channels[path, place]],
            "converts": converts[path],
        }
    )
    _write(folder, drawn)


def _write(folder: Path, drawn: pa.Table) -> None:
    with duckdb.connect() as connection:
        connection.register("drawn", drawn)
        # Keys of the length that the warehouse's have, and touches in no order.
        connection.execute(
            f"""
            copy (
                select md5('p' || path) as path_id, md5(path || '|' || place) as touch_id,
                    timestamp '2026-01-01' + to_hours(place) as occurred_at, channel
                from drawn order by hash(path, place)
            ) to '{folder / TOUCHES}' (format parquet);
            copy (
                select md5('p' || path) as path_id, 'won' as conversion,
                    case when any_value(converts) then '(conversion)' else '(nothing)' end
                        as end_state,
                    timestamp '2025-01-01' as opens_at
                from drawn group by path
            ) to '{folder / ENDED}' (format parquet);
            copy (
                select string_agg(channel, ' > ' order by place) as path,
                    any_value(converts)::int as conversions, 1 - any_value(converts)::int as nulls
                from drawn group by drawn.path
            ) to '{folder / PATHS}' (header, delimiter ';');
            """
        )


def compile_models(folder: Path) -> None:
    """Write the SQL of the models that Tandem's client runs."""
    environment = {
        **os.environ,
        "TANDEM_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    dbt = Path(sys.executable).with_name("dbt")
    place = ["--project-dir", _DBT_PROJECT, "--profiles-dir", _DBT_PROJECT]
    command = [dbt, "compile", "--quiet", "--select", *SQL, *place]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    for model in SQL:
        [compiled] = (folder / "target" / "compiled").rglob(f"{model}.sql")
        (folder / f"{model}.sql").write_text(compiled.read_text())


def effects_by_definition(folder: Path) -> dict[str, float]:
    """1 - P(without the channel) / P, with a chain solved for each channel alone."""
    with duckdb.connect() as connection:
        pairs = connection.execute(
            f"""
            with steps as (
                select touches.channel, ended.end_state, touches.path_id, occurred_at,
                    lag(channel) over path as before, lead(channel) over path as after
                from read_parquet('{folder / TOUCHES}') as touches
                join read_parquet('{folder / ENDED}') as ended using (path_id)
                window path as (partition by touches.path_id order by occurred_at)
            )
            select '(start)', channel, count(*) from steps where before is null group by all
            union all
            select channel, coalesce(after, end_state), count(*) from steps group by all
            """
        ).fetchall()
    channels = sorted({one for one, _, _ in pairs} - {"(start)"})
    states = ["(start)", *channels, "(conversion)", "(nothing)"]
    counts = np.zeros((len(states), len(states)))
    for one, other, count in pairs:
        counts[states.index(one), states.index(other)] = count

    def converts(removed: int | None) -> float:
        chain = counts[:-2] / counts[:-2].sum(axis=1, keepdims=True)
        if removed is not None:
            chain[:, removed] = 0.0
        inner = chain[:, : len(states) - 2]
        return float(np.linalg.solve(np.eye(len(inner)) - inner, chain[:, -2])[0])

    return {
        channel: 1 - converts(place) / converts(None)
        for place, channel in enumerate(channels, start=1)
    }


def measure(python: str, client: str, folder: Path) -> Measured:
    """Let one client find the effects in a process of its own."""
    command = [python, "-m", "benchmarks.attribution_clients", client, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    name = f"{client} {told['version']}".strip()
    return Measured(name, tuple(told["ordering"]), tuple(told["solving"]), told["effects"])


def report(rounds: Sequence[Measured], expected: Mapping[str, float]) -> None:
    """Print each client's best rounds beside Tandem's, from ordered paths and from touches."""
    names = list(dict.fromkeys(one.name for one in rounds))

    def least(name: str, part: str) -> tuple[float, float]:
        """Of the round that cost the processor least."""
        took: list[tuple[float, float]] = [getattr(r, part) for r in rounds if r.name == name]
        return min(took, key=lambda pair: pair[1])

    clients = [name for name in names if name != TEXTS]
    solving = {name: least(name, "solving") for name in clients}
    ordering = {name: least(TANDEM if name == TANDEM else TEXTS, "ordering") for name in clients}
    whole = {
        name: (ordering[name][0] + solving[name][0], ordering[name][1] + solving[name][1])
        for name in clients
    }
    found = {one.name: one.effects for one in rounds}
    for start, costs in (("ordered paths", solving), ("touches", whole)):
        print(f"from {start:37} {'seconds':>8} {'processor':>9} {'ratio':>6} {'off by':>8}")
        for name, (seconds, processor) in costs.items():
            off = max(abs(found[name][channel] - effect) for channel, effect in expected.items())
            ratio = processor / costs[TANDEM][1]
            print(f"{name:42} {seconds:8.2f} {processor:9.2f} {ratio:6.1f} {off:8.0e}")


@contextmanager
def drawn(paths: int) -> Iterator[Path]:
    """A folder with that many paths, and the SQL of the models."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_paths(folder, paths)
        compile_models(folder)
        yield folder


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--paths", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peer", action="append", default=[], metavar="CLIENT=PYTHON")
    asked = parser.parse_args()
    ours = [(TANDEM, sys.executable), (TEXTS, sys.executable)]
    clients = [*ours, *(peer.split("=", 1) for peer in asked.peer)]
    with drawn(asked.paths) as folder:
        expected = effects_by_definition(folder)
        rounds = []
        for number in range(asked.rounds):
            for client, python in clients:
                rounds.append(measure(python, client, folder))
                took = rounds[-1]
                spent = took.ordering[0] + took.solving[0]
                print(f"round {number + 1}: {took.name} {spent:.2f} s", file=sys.stderr)
        print(f"{asked.paths:,} paths, {CHANNELS} channels")
        report(rounds, expected)


if __name__ == "__main__":
    main()
