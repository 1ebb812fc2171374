"""How many days a journey is in each stage up to the horizon, its re-entries summed."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.states import States, counts_of, groups, states_of, stays_of
from orchestration.statistics.arrays import Bools, Interval
from orchestration.statistics.occupation import Occupation, Stays, intervals, occupation

OCCUPATIONS: Final = pa.schema(
    [
        ("unit", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("starts_at_day", pa.int64()),
        ("expected_days", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of occupations."""


def stage_occupation(transitions: pa.Table, moves: pa.Table, settings: Settings) -> pa.Table:
    """The days in each stage that anybody was in, by kind of days and segment, recycled too.

    `transitions` is `int_stage_transition`, from which the days are reckoned; `moves` is
    `int_stage_move`, which tells how much each account has moved them.
    """
    states = states_of(transitions)
    stays = stays_of(moves, states)
    rows = []
    for (unit, segment), counted in groups(transitions, "unit", "segment"):
        own = _is(moves["unit"], unit)
        if segment != "all":
            own &= _is(moves["segment"], segment)
        found = occupation(
            counts_of(counted, states),
            int(counted["horizon_days"][0].as_py()),
            settings.minimum_at_risk,
        )
        rows += [
            {"unit": unit, "segment": segment, **row}
            for row in _stages(found, stays, own, states, settings)
        ]
    return pa.Table.from_pylist(rows, schema=OCCUPATIONS)


def _is(column: pa.ChunkedArray, name: str) -> Bools:
    return np.asarray(pc.equal(column, name)).astype(np.bool_)


def _stages(
    found: Occupation | None, stays: Stays, own: Bools, states: States, settings: Settings
) -> Iterator[Mapping[str, object]]:
    numbers = np.nonzero(states.is_open)[0].tolist()
    if found is None or not found.is_followed:
        for number in numbers:
            yield {
                "stage": states.names[number],
                "starts_at_day": None if found is None else found.start,
                "status": "too few" if found is None else "follow-up too short",
            }
        return
    bounds = intervals(found, stays.of(own), numbers, settings.confidence_level)
    for place, number in enumerate(numbers):
        interval: Interval | None = bounds[place] if bounds else None
        yield {
            "stage": states.names[number],
            "starts_at_day": found.start,
            "expected_days": float(found.days[number]),
            "low": interval and interval.low,
            "high": interval and interval.high,
            "status": "ok",
        }
