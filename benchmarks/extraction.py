"""What a first sync of contacts costs the client, beside a bare loop and dlt, over the same pages.

`python -m benchmarks.extraction --contacts 1000000` starts a server in a process of its own
(`benchmarks/contacts_server.py`) and lets each client (`benchmarks/extraction_clients.py`), one
after the other and each in a process of its own, pull all contacts from it:

- bare: `requests` and its JSON parser, page after page, nothing kept;
- bare to Parquet: the same, written to one Parquet file;
- tandem: the connector into the raw lake, typed, with a checkpoint every 10,000 rows;
- dlt: dlt's REST client, page after page, nothing kept;
- dlt to Parquet: dlt's `rest_api` source into Parquet files.

`--stream contact_history` asks for the history of the three properties whose history the connector
reads, in pages of 50. dlt is no requirement of Tandem's: `--dlt-python` names a Python that has
`dlt[parquet]`; without it its rows are left out.

The processor's seconds are the client's own, user and system, without the server's. Memory is what
the process held at its peak, and, where /proc tells it, at the end of each eighth of its time.
On a machine that has other work, let them take turns (`--rounds 3`): of each the round that cost it
least is told. Quote ratios, not seconds. `rows` are contacts; of the history, Tandem tells values.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TOKEN: Final = "a-token-of-the-benchmark"
_CLIENTS: Final = ("bare", "bare to Parquet", "tandem")
_DLT_CLIENTS: Final = ("dlt", "dlt to Parquet")
_SAMPLE_EVERY: Final = 0.25
_PARTS: Final = 8


@dataclass(frozen=True)
class Measured:
    """What a client took: seconds, the processor's seconds, and memory in MiB over its time."""

    rows: int
    seconds: float
    processor: float
    peak: float
    over_time: Sequence[float]


@contextmanager
def serving(contacts: int) -> Iterator[str]:
    """A server of so many contacts in a process of its own; its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.contacts_server", str(contacts), TOKEN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(30)


def measure(python: str, client: str, stream: str, url: str) -> Measured:
    """Let one client pull everything in a process of its own."""
    command = [python, "-m", "benchmarks.extraction_clients", client, stream, url, TOKEN]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    samples: list[float] = []
    while process.poll() is None:
        samples += _resident(process.pid)
        time.sleep(_SAMPLE_EVERY)
    assert process.stdout is not None
    told = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{client} ended with {process.returncode}")
    ends = {max(0, (part + 1) * len(samples) // _PARTS - 1) for part in range(_PARTS)}
    over_time = [samples[end] for end in sorted(ends) if samples]
    return Measured(**json.loads(told.splitlines()[-1]), over_time=over_time)


def _resident(pid: int) -> list[float]:
    """The memory that a process holds now, in MiB; nothing where it has ended, or nothing tells."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    held = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]
    return [mib for mib in held if mib]


def compare(contacts: int, stream: str, clients: Sequence[tuple[str, str]], rounds: int) -> None:
    """Measure clients, each with its Python, and print a table; ratios are to the first one."""
    taken: dict[str, list[Measured]] = {client: [] for _, client in clients}
    with serving(contacts) as url:
        for _ in range(rounds):
            for python, client in clients:
                found = measure(python, client, stream, url)
                taken[client].append(found)
                said = f"{client}: {found.processor:.1f} s of the processor, {found.peak:.0f} MiB"
                print(said, file=sys.stderr, flush=True)
    least = {client: min(found, key=lambda one: one.processor) for client, found in taken.items()}
    first = least[clients[0][1]]
    print(
        f"\n{stream} of {contacts:,} contacts, the best of {rounds}\n"
        f"{'client':<16}{'rows':>11}{'seconds':>9}{'of bare':>9}{'processor':>11}{'of bare':>9}"
        f"{'peak MiB':>10}  MiB over time"
    )
    for client, found in least.items():
        print(
            f"{client:<16}{found.rows:>11,}{found.seconds:>9.1f}"
            f"{found.seconds / first.seconds:>9.2f}{found.processor:>11.1f}"
            f"{found.processor / first.processor:>9.2f}{found.peak:>10.0f}  "
            + " ".join(f"{held:.0f}" for held in found.over_time),
            flush=True,
        )


def main() -> None:
    """Measure the clients over as many contacts as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[100_000])
    parser.add_argument("--stream", choices=("contacts", "contact_history"), default="contacts")
    parser.add_argument("--client", choices=(*_CLIENTS, *_DLT_CLIENTS), action="append")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dlt-python", help="a Python that has dlt[parquet]")
    asked = parser.parse_args()
    pythons = [(sys.executable, client) for client in _CLIENTS]
    pythons += [(asked.dlt_python, client) for client in _DLT_CLIENTS if asked.dlt_python]
    wanted = [
        (python, client) for python, client in pythons if not asked.client or client in asked.client
    ]
    for contacts in asked.contacts:
        compare(contacts, asked.stream, wanted, asked.rounds)


if __name__ == "__main__":
    main()
