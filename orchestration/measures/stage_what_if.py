"""What the median cycle would be if one stage never took longer than its fastest quarter does."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.states import START, States, counts_of, groups, states_of
from orchestration.statistics.occupation import Counts
from orchestration.statistics.walk import cut, ends_at, entries, kernel, median, quantile, untold

WHAT_IFS: Final = pa.schema(
    [
        ("unit", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("p25", pa.int64()),
        ("median_cycle_now", pa.int64()),
        ("median_cycle_if_p25", pa.int64()),
        ("untold_share", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of what-ifs."""

_QUARTER: Final = 0.25
_WON: Final = "won"


def stage_what_if(exits: pa.Table, settings: Settings) -> pa.Table:
    """The walk to won from `int_stage_exit`, as it is and with each stage cut to its p25.

    In days of each kind, from a journey's start, among those won by the horizon.
    `untold_share` is the share of journeys that is in a stage for longer than anybody was watched
    in it, and is taken as staying there.
    """
    states = states_of(exits)
    rows = []
    for (unit, segment), counted in groups(exits, "unit", "segment"):
        horizon = int(counted["horizon_days"][0].as_py())
        counts = counts_of(counted, states)
        rows += [
            {"unit": unit, "segment": segment, **row}
            for row in _stages(counts, states, horizon, settings.minimum_at_risk)
        ]
    return pa.Table.from_pylist(rows, schema=WHAT_IFS)


def _stages(
    counts: Counts, states: States, horizon: int, minimum: int
) -> Iterator[Mapping[str, object]]:
    stages = np.nonzero(states.is_open)[0].tolist()
    start = states.names.index(START)
    if counts.at_risk[0, start] < minimum:
        yield from ({"stage": states.names[stage], "status": "too few"} for stage in stages)
        return
    won = states.names.index(_WON) if _WON in states.names else None
    of = kernel(counts, horizon) if won is None else ends_at(kernel(counts, horizon), won)
    found = entries(of, start)
    now = None if won is None else median(found, won)
    for stage in stages:
        p25 = quantile(of, stage, _QUARTER)
        faster = None
        if won is not None and now is not None and p25 is not None:
            faster = median(entries(cut(of, stage, p25), start), won)
        yield {
            "stage": states.names[stage],
            "p25": p25,
            "median_cycle_now": now,
            "median_cycle_if_p25": faster,
            "untold_share": untold(of, found),
            "status": "none won" if now is None else "ok",
        }
