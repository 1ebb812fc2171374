"""How long the simulated company takes to write, and how much memory: time, rows and peak.

`python -m benchmarks.sandbox` measures each size in a process of its own. Memory is that of one
portion of 20,000 prospects, and what the writers of a file a month hold.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from connectors.sandbox import Parameters, simulate

SIZES = (2_000, 50_000, 250_000)
"""Prospects; 50,000 make a million touches, bulk mail included."""


def measure(prospects: int) -> None:
    """Write a company of that many prospects and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = simulate(Parameters(prospects=prospects), Path(folder))
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    touches = sum(
        rows
        for name, rows in done.rows.items()
        if name.split("/")[1:2] in (["web_activity"], ["email_events"], ["activities"])
        or name.endswith("attendance.csv")
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{prospects:>9,} prospects  {touches:>10,} touches  {seconds:7.1f} s  "
        f"{touches / seconds:>9,.0f} touches/s  {size / 2**20:7.0f} MiB written  "
        f"{peak:6.0f} MiB memory"
    )


def main() -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prospects", type=int, nargs="*", default=SIZES)
    asked = parser.parse_args().prospects
    if len(asked) == 1:
        measure(asked[0])
        return
    for prospects in asked:
        subprocess.run([sys.executable, "-m", "benchmarks.sandbox", str(prospects)], check=True)


if __name__ == "__main__":
    main()
