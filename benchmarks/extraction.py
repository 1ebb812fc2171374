"""What a first sync costs the client, beside bare loops and dlt, over the same pages.

    python3 -m venv /tmp/dlt && /tmp/dlt/bin/pip install 'dlt[parquet,filesystem,deltalake]'
    python -m benchmarks.extraction --peer dlt=/tmp/dlt/bin/python --rounds 3

Servers in processes of their own tell records, and each client (`benchmarks/extraction_clients.py`)
pulls them all, one client after the other and each in a process of its own:

- bare: `requests` and its JSON parser, page after page, nothing kept; the limit;
- bare to JSON lines, bare to Parquet: the same, written as it came;
- tandem: the connector into the raw lake, typed, a commit every 10,000 rows or 8 MiB;
- dlt: dlt's REST client, page after page, nothing kept;
- dlt to Parquet, dlt to Delta: dlt's `rest_api` source into files or Delta tables of a folder.

Three subjects: `contacts`, HubSpot contacts that a server makes up as they are asked for
(`benchmarks/contacts_server.py`; `contact_history`, where it is asked for, is the history of the
three properties whose history the connector reads), and all records of `hubspot` and `salesforce`,
the sandbox's servers over a simulated company (`benchmarks/crm_server.py`). Then both systems are
pulled once more, both at once, two processes side by side. dlt is no requirement of Tandem's:
`--peer` names a Python that has it; without one its rows are left out.

The processor's seconds are the client's own, user and system, without the server's. `server` is how
much of the client's time the server was at work: near 100 %, the client waited for it. Of each
client the round that cost it least is told, and ratios are to the first client of its table. Quote
ratios, not seconds. `rows` are records; of the history, Tandem tells values.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import psutil

from benchmarks.extraction_lists import SUBJECTS

TOKEN: Final = "a-token-of-the-benchmark"
SYSTEMS: Final = ("hubspot", "salesforce")
_CLIENTS: Final = ("bare", "bare to JSON lines", "bare to Parquet", "tandem")
_OF_DLT: Final = ("dlt", "dlt to Parquet", "dlt to Delta")
_AT_ONCE: Final = ("bare", "tandem", "dlt to Parquet")
_WARM: Final = ("bare", "tandem")
_SAMPLE_EVERY: Final = 0.1


@dataclass(frozen=True)
class Client:
    """A client, and the Python that it runs in."""

    python: str
    name: str


@dataclass(frozen=True)
class Server:
    """A server that runs: its address, and the process that it is."""

    url: str
    process: psutil.Process

    def used(self) -> float:
        """The processor's seconds that it has taken so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True)
class Measured:
    """What a client took: when it began and how long, the processor's seconds, memory in MiB."""

    rows: int
    began: float
    seconds: float
    processor: float
    peak: float


@dataclass(frozen=True)
class Round:
    """One client's pull of one subject, and the processor's seconds of the server meanwhile."""

    found: Measured
    server: float


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[Server]:
    """A server in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield Server(server.stdout.readline().strip(), psutil.Process(server.pid))
    finally:
        server.stdin.close()
        server.wait(30)


def pull(client: Client, *subjects: tuple[str, Server]) -> list[Measured]:
    """Let a client pull subjects side by side, each in a process of its own."""
    processes = [
        subprocess.Popen(
            [
                client.python,
                "-m",
                "benchmarks.extraction_clients",
                client.name,
                subject,
                server.url,
                TOKEN,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for subject, server in subjects
    ]
    while any(process.poll() is None for process in processes):
        time.sleep(_SAMPLE_EVERY)
    found = []
    for process in processes:
        assert process.stdout is not None
        if process.returncode:
            raise SystemExit(f"{client.name} ended with {process.returncode}")
        found.append(Measured(**json.loads(process.stdout.read().splitlines()[-1])))
    return found


def compare(subject: str, server: Server, clients: Sequence[Client], rounds: int) -> None:
    """Measure clients in turn over one subject, and print a table."""
    # Before the first is measured, the server keeps its answers to all that is going to be asked.
    for client in clients:
        if client.name in _WARM:
            pull(client, (subject, server))
    taken: dict[str, list[Round]] = {client.name: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            before = server.used()
            [found] = pull(client, (subject, server))
            taken[client.name].append(Round(found, server.used() - before))
            said = f"{subject}, {client.name}: {found.processor:.1f} s of the processor"
            print(said, file=sys.stderr, flush=True)
    least = {name: min(found, key=lambda one: one.found.processor) for name, found in taken.items()}
    first = least[clients[0].name].found
    print(
        f"\n{subject}, the best of {rounds}\n\n"
        f"| client | rows | rows a second | x {clients[0].name} | processor "
        f"| x processor | server | peak MiB |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    for name, best in least.items():
        found = best.found
        print(
            f"| {name} | {found.rows:,} | {found.rows / found.seconds:,.0f} "
            f"| {found.seconds / first.seconds:.2f} | {found.processor:.2f} "
            f"| {found.processor / first.processor:.2f} "
            f"| {best.server / found.seconds:.0%} | {found.peak:.0f} |",
            flush=True,
        )


def compare_at_once(
    servers: Sequence[tuple[str, Server]], clients: Sequence[Client], rounds: int
) -> None:
    """Measure clients over all systems, one after the other and side by side; print a table."""
    print(
        f"\n{' and '.join(subject for subject, _ in servers)}, the best of {rounds}\n\n"
        "| client | rows | one after the other | at once | ratio | rows a second at once "
        "| processors at work |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for client in clients:
        in_turn, at_once = [], []
        for _ in range(rounds):
            in_turn.append([pull(client, one)[0] for one in servers])
            before = sum(server.used() for _, server in servers)
            together = pull(client, *servers)
            served = sum(server.used() for _, server in servers) - before
            at_once.append((_span(together), served, together))
        after = min(sum(found.seconds for found in one) for one in in_turn)
        span, served, together = min(at_once, key=lambda one: one[0])
        rows = sum(found.rows for found in together)
        at_work = (served + sum(found.processor for found in together)) / span
        print(
            f"| {client.name} | {rows:,} | {after:.2f} s | {span:.2f} s | {span / after:.2f} "
            f"| {rows / span:,.0f} | {at_work:.2f} of {psutil.cpu_count()} |",
            flush=True,
        )


def _span(found: Sequence[Measured]) -> float:
    """Seconds from when the first began until the last was done."""
    return max(one.began + one.seconds for one in found) - min(one.began for one in found)


def main() -> None:
    """Measure the clients over the subjects asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--prospects", type=int, default=20_000)
    parser.add_argument("--subject", choices=SUBJECTS, action="append")
    parser.add_argument("--client", choices=(*_CLIENTS, *_OF_DLT), action="append")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peer", action="append", default=[], metavar="dlt=PYTHON")
    asked = parser.parse_args()
    subjects = asked.subject or ("contacts", *SYSTEMS)
    clients = [Client(sys.executable, name) for name in _CLIENTS]
    for peer in asked.peer:
        clients += [Client(peer.split("=", 1)[1], name) for name in _OF_DLT]
    clients = [one for one in clients if not asked.client or one.name in asked.client]
    for subject in [one for one in subjects if one not in SYSTEMS]:
        with serving("contacts_server", str(asked.contacts), TOKEN) as server:
            compare(subject, server, clients, asked.rounds)
    systems = [one for one in subjects if one in SYSTEMS]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        told = (folder, str(asked.prospects), TOKEN)
        servers = [
            (system, stack.enter_context(serving("crm_server", system, *told)))
            for system in systems
        ]
        for system, server in servers:
            compare(system, server, clients, asked.rounds)
        if len(servers) > 1:
            at_once = [one for one in clients if one.name in _AT_ONCE]
            compare_at_once(servers, at_once, asked.rounds)


if __name__ == "__main__":
    main()
