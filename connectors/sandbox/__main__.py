"""Write a simulated company: `python -m connectors.sandbox --prospects 100000 --folder large`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from connectors.sandbox.parameters import Parameters
from connectors.sandbox.simulate import simulate


def main() -> None:
    """Write the history that the arguments ask for, and say what it holds."""
    default = Parameters()
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("--prospects", type=int, default=default.prospects)
    parser.add_argument("--months", type=int, default=default.months)
    parser.add_argument("--until", type=date.fromisoformat, default=default.until)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    parameters = Parameters(
        prospects=asked.prospects, months=asked.months, until=asked.until, seed=asked.seed
    )
    done = simulate(parameters, asked.folder)
    rows = sum(done.rows.values())
    state = "written" if done.is_new else "there already"
    sys.stdout.write(f"{asked.folder}: {len(done.rows)} files, {rows:,} rows, {state}\n")


if __name__ == "__main__":
    main()
