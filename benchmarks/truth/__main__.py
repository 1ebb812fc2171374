"""`python -m benchmarks.truth`: print how near the simulated company's build is to its truth.

It reads `data/sandbox`, where `make run` leaves both, or another company's folder of that kind.
The exit code is 1 where a miss has no reason.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.truth.compare import Part, compare


def main() -> int:
    """Print the comparison; 1 where something is unexplained."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/sandbox"))
    parser.add_argument("--truth", type=Path, help="the truth's folder, if it is elsewhere")
    chosen = parser.parse_args()
    parts = compare(chosen.data / "warehouse.duckdb", chosen.truth or chosen.data / "truth")
    print(*table(parts), sep="\n")
    return 1 if any(part.unexplained for part in parts) else 0


def table(parts: list[Part]) -> list[str]:
    """The lines of two tables in Markdown: the parts, and the reasons of their misses."""
    lines = [
        "| simulated | right | missed | extra | precision | recall | unexplained |",
        "|---|---|---|---|---|---|---|",
    ]
    for part in parts:
        shares = f"{part.precision:.4f} | {part.recall:.4f}"
        lines.append(
            f"| {part.name} | {part.right:,} | {part.missed:,} | {part.extra:,} "
            f"| {shares} | {part.unexplained} |"
        )
    lines += ["", "| where | why | how many |", "|---|---|---|"]
    for part in parts:
        lines += [f"| {part.name} | {reason} | {n} |" for reason, n in part.reasons.items()]
    return lines


if __name__ == "__main__":
    sys.exit(main())
