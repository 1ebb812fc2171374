"""What comes of journeys on which one person did the work of both teams, beside the rest."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.slices import numbered
from orchestration.statistics.arrays import Bools, Floats, Interval, distinct
from orchestration.statistics.bootstrap import of_draws, percentiles
from orchestration.statistics.incidence import CENSORED, medians_of_draws
from orchestration.statistics.trend import WON, Cases, is_followed

OVERLAPS: Final = pa.schema(
    [
        ("segment", pa.string()),
        ("done_by", pa.string()),
        ("person_id", pa.string()),
        ("journeys", pa.int64()),
        ("won", pa.int64()),
        ("open_journeys", pa.int64()),
        ("n", pa.int64()),
        ("share_won", pa.float64()),
        ("share_won_low", pa.float64()),
        ("share_won_high", pa.float64()),
        ("median_days", pa.float64()),
        ("median_days_low", pa.float64()),
        ("median_days_high", pa.float64()),
        ("horizon_days", pa.int64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of overlaps."""

DIFFERENT: Final = "different people"
SAME: Final = "same person"
_ALL: Final = "all"
_DRAWS: Final = 500
_SEED: Final = 20_261_129


def role_overlap(journeys: pa.Table, workers: pa.Table, settings: Settings) -> pa.Table:
    """The share won and the median days to it, of `int_role_journey`, by who did the work.

    Both are by Aalen and Johansen up to the agreement's horizon, in calendar days since both teams
    had worked on a journey, so what is still open counts as open. A person of `int_role_worker` who
    did the work of both teams on a journey has a row too.
    """
    rows = _rows(journeys.sort_by("journey_id"), workers, settings)
    return pa.Table.from_pylist(list(rows), schema=OVERLAPS)


def _rows(table: pa.Table, workers: pa.Table, settings: Settings) -> Iterator[Mapping[str, object]]:
    if not table.num_rows:
        return
    none = np.zeros(table.num_rows, dtype=np.int64)
    cases = Cases(
        durations=table["days"].cast(pa.float64()).fill_null(float("nan")).to_numpy(),
        kinds=table["ended_by"].to_numpy().astype(np.int64),
        clusters=numbered(table["cluster_id"]),
        months=none,
        segments=none,
    )
    is_separate = np.array(table["is_separate"].to_pylist(), dtype=bool)
    for segment, of_segment in _levels(table):
        for done_by, is_so in ((DIFFERENT, is_separate), (SAME, ~is_separate)):
            names = {"segment": segment, "done_by": done_by, "person_id": _ALL}
            yield {**names, **_results(cases.of(of_segment & is_so), settings)}
    places = {name: place for place, name in enumerate(table["journey_id"].to_pylist())}
    for person, done in _who_does_both(workers, places).items():
        rows = np.zeros(table.num_rows, dtype=bool)
        rows[done] = True
        names = {"segment": _ALL, "done_by": SAME, "person_id": person}
        yield {**names, **_results(cases.of(rows), settings)}


def _levels(table: pa.Table) -> Iterator[tuple[str, Bools]]:
    """All journeys, and those of each segment where the agreement has any."""
    yield _ALL, np.ones(table.num_rows, dtype=bool)
    if table["has_segments"][0].as_py():
        segments = np.array(table["segment"].to_pylist(), dtype=object)
        for segment in sorted(set(segments)):
            yield str(segment), segments == segment


def _who_does_both(workers: pa.Table, places: Mapping[str, int]) -> Mapping[str, list[int]]:
    """Each person who worked for both teams on one journey, with the places of those journeys."""
    is_of_both = pc.and_(
        pc.is_valid(workers["marketing_since"]), pc.is_valid(workers["sales_since"])
    )
    found: dict[str, list[int]] = {}
    for row in workers.filter(is_of_both).to_pylist():
        if row["journey_id"] in places:
            found.setdefault(str(row["person_id"]), []).append(places[row["journey_id"]])
    return dict(sorted(found.items()))


def _results(cases: Cases, settings: Settings) -> Mapping[str, object]:
    known = cases.of(np.isfinite(cases.durations))
    return {
        "journeys": len(cases.durations),
        "won": int((cases.kinds == WON).sum()),
        "open_journeys": int((cases.kinds == CENSORED).sum()),
        "n": len(known.durations),
        "horizon_days": settings.horizon_days,
        **_estimates(known, settings),
    }


def _estimates(cases: Cases, settings: Settings) -> Mapping[str, object]:
    if not len(cases.durations):
        return {"status": "no data"}
    if not is_followed(cases, settings.horizon_days):
        return {"status": "follow-up too short"}
    everyone = np.ones((1, len(cases.durations)))
    median, share = medians_of_draws(
        cases.durations, cases.kinds, everyone, WON, settings.horizon_days
    )
    found = {
        "share_won": float(share[0]),
        "median_days": float(median[0]) if share[0] > 0 else None,
    }
    if len(cases.durations) < settings.too_few:
        return {**found, "status": "too few"}
    if not share[0] > 0:
        return {**found, "status": "none won"}
    bounds = _bounds(cases, settings)
    return {**found, **bounds, "status": "ok" if bounds else "no interval"}


def _bounds(cases: Cases, settings: Settings) -> Mapping[str, float]:
    """The intervals of both figures; none for one account, or where too few draws have a win."""
    first, cells = distinct(cases.durations, cases.kinds)
    durations, kinds = cases.durations[first], cases.kinds[first]
    drawn = of_draws(
        cases.clusters,
        cells,
        lambda counts: np.column_stack(
            medians_of_draws(durations, kinds, counts, WON, settings.horizon_days)
        ),
        draws=_DRAWS,
        seed=_SEED,
    )
    if drawn is None:
        return {}
    medians, shares = drawn.T
    share = _interval(shares, settings)
    days = _interval(medians[np.isfinite(medians)], settings)
    if share is None or days is None:
        return {}
    return {
        "share_won_low": share.low,
        "share_won_high": share.high,
        "median_days_low": days.low,
        "median_days_high": days.high,
    }


def _interval(drawn: Floats, settings: Settings) -> Interval | None:
    found = percentiles(drawn, draws=_DRAWS, confidence=settings.confidence_level)
    return None if found is None else found.interval
