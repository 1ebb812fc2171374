"""By how much chance alone moves what a team delivers in a month of a volume that it promised."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.slices import Cell
from orchestration.measures.states import groups
from orchestration.statistics.bootstrap import interval_of_total

VOLUMES: Final = pa.schema(
    [
        ("month", pa.date32()),
        ("segment", pa.string()),
        ("team", pa.string()),
        ("metric", pa.string()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""The columns of the table of delivered volumes."""

_PROMISE: Final = ("month", "segment", "team", "metric")
_DRAWS: Final = 1000


def delivered_volume(deliveries: pa.Table, settings: Settings) -> pa.Table:
    """The interval of each sum of `int_commitment_delivery`, in the promise's own unit.

    It holds what other months would bring where accounts come as they came in this one; null with
    fewer than two accounts. A deal without an amount adds nothing.
    """
    return pa.Table.from_pylist(list(_intervals(deliveries, settings)), schema=VOLUMES)


def _intervals(deliveries: pa.Table, settings: Settings) -> Iterator[dict[str, Any]]:
    # What each account brought: cents are added before anything is a double.
    of_accounts = deliveries.group_by([*_PROMISE, "cluster_id"]).aggregate([("quantity", "sum")])
    for promise, own in groups(of_accounts, *_PROMISE):
        month, segment, team, metric = promise
        totals = pc.fill_null(pc.cast(own["quantity_sum"], pa.float64()), 0.0).to_numpy()
        found = interval_of_total(
            totals,
            draws=_DRAWS,
            confidence=settings.confidence_level,
            seed=Cell(month, segment, "team", team, np.arange(len(totals))).seed(metric),
        )
        yield {
            **dict(zip(_PROMISE, promise, strict=True)),
            "low": None if found is None else found.low,
            "high": None if found is None else found.high,
        }
