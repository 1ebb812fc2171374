"""Which share of the journeys comes to each stage by the horizon."""

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Settings
from orchestration.measures.states import counts_of, groups, states_of
from orchestration.statistics.occupation import reached

REACHES: Final = pa.schema(
    [
        ("unit", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("p_visit", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of shares."""


def stage_reach(transitions: pa.Table, settings: Settings) -> pa.Table:
    """The share that has come to each stage by the horizon, from `int_stage_reach`.

    Those who have not come to it yet are told apart by the state that they are in, so that it does
    no harm where late entries are more frequent in one state than in another.
    """
    states = states_of(transitions)
    rows = []
    for (unit, segment, stage), counted in groups(transitions, "unit", "segment", "stage"):
        horizon = int(counted["horizon_days"][0].as_py())
        counts = counts_of(counted, states)
        state = list(states.names).index(stage) if stage in states.names else None
        is_open = counts.is_open & (np.arange(len(states.names)) != state)
        found = reached(replace(counts, is_open=is_open), horizon, settings.minimum_at_risk)
        share = found and (0.0 if state is None else float(found.shares[-1, state]))
        rows.append(
            {
                "unit": unit,
                "segment": segment,
                "stage": stage,
                "p_visit": share if found and found.is_followed else None,
                "status": "too few"
                if found is None
                else ("ok" if found.is_followed else "follow-up too short"),
            }
        )
    return pa.Table.from_pylist(rows, schema=REACHES)
