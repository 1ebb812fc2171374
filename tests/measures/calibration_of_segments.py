"""How often segment_alignment calls two measures apart, over companies whose shares are known.

`python -m tests.measures.calibration_of_segments` prints the table of docs/alignment.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.segment_alignment import segment_alignments

SEGMENTS: Final = ("smb", "mid", "enterprise")
EQUAL: Final = (0.3, 0.3, 0.3)
UNEQUAL: Final = (0.1, 0.3, 0.8)
_ACCOUNTS: Final = 100
_SETTINGS: Final = Settings(0.95, 20)
_COLUMNS: Final = pa.schema(
    [
        ("measure", pa.string()),
        ("compared_with", pa.string()),
        ("month", pa.date32()),
        ("cluster_id", pa.string()),
        ("segment", pa.string()),
        ("cases", pa.int64()),
        ("amount", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Line:
    """One way in which accounts become MQLs, over all companies."""

    went_on: tuple[float, ...]
    companies: int
    mean: float
    finds: float
    """How often p is 0.05 or less."""
    holds_one: float | None
    """How often the interval holds 1, where shares are equal."""


def calibrate(went_on: tuple[float, ...], seeds: range) -> Line:
    """The leads of accounts against those that went on, with that chance in each segment.

    An account has one to four leads, and goes on as a whole or not at all, as accounts do.
    """
    rows = [_leads_and_mqls(went_on, seed) for seed in seeds]
    bounded = [row for row in rows if row["low"] is not None]
    held = float(np.mean([row["low"] <= 1 <= row["high"] for row in bounded]))
    return Line(
        went_on,
        len(rows),
        float(np.mean([row["value"] for row in rows])),
        float(np.mean([row["p_value"] <= 0.05 for row in rows])),
        held if len(set(went_on)) == 1 else None,
    )


def _leads_and_mqls(went_on: tuple[float, ...], seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    segments = generator.choice(len(SEGMENTS), _ACCOUNTS, p=[0.5, 0.3, 0.2])
    leads = generator.integers(1, 5, _ACCOUNTS)
    goes_on = generator.random(_ACCOUNTS) < np.array(went_on)[segments]
    cases = [
        {"measure": measure, "compared_with": None, "month": date(2026, 5, 1),
         "cluster_id": str(account), "segment": SEGMENTS[segments[account]],
         "cases": 1, "amount": 1.0}
        for measure, chosen in (("leads", leads > 0), ("mqls", goes_on))
        for account in np.repeat(np.arange(_ACCOUNTS)[chosen], leads[chosen])
    ]  # fmt: skip
    table = pa.Table.from_pylist(cases, schema=_COLUMNS)
    found = segment_alignments(table, _SETTINGS).to_pylist()
    [row] = [r for r in found if (r["measure"], r["compared_with"]) == ("leads", "mqls")]
    return row


def table(lines: list[Line]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    yield "| of each segment went on | companies | mean value | finds them apart | holds 1 |"
    yield "|---|---|---|---|---|"
    for line in lines:
        went_on = ", ".join(f"{share:.0%}" for share in line.went_on)
        holds = "" if line.holds_one is None else f"{line.holds_one:.0%}"
        yield f"| {went_on} | {line.companies} | {line.mean:.3f} | {line.finds:.0%} | {holds} |"


def main() -> None:
    """Print the table."""
    print(*table([calibrate(EQUAL, range(400)), calibrate(UNEQUAL, range(400))]), sep="\n")


if __name__ == "__main__":
    main()
