"""Is the cycle getting shorter: each month's cohort against the same month a year before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Settings
from orchestration.measures.slices import numbered
from orchestration.statistics.arrays import Bools, Floats
from orchestration.statistics.gray import Ends, gray_test
from orchestration.statistics.incidence import CENSORED
from orchestration.statistics.trend import (
    WON,
    Cases,
    CohortCycle,
    Question,
    Trend,
    cohort_cycle,
    cycle_trends,
    is_followed,
)

TRENDS: Final = pa.schema(
    [
        ("curve", pa.string()),
        ("segment", pa.string()),
        ("cohort", pa.string()),
        ("cohort_before", pa.string()),
        ("horizon_days", pa.int64()),
        ("n", pa.int64()),
        ("n_before", pa.int64()),
        ("share_won", pa.float64()),
        ("share_won_before", pa.float64()),
        ("p50", pa.float64()),
        ("p50_before", pa.float64()),
        ("difference", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("p_value", pa.float64()),
        ("adjusted_p_value", pa.float64()),
        ("share_and_speed_p_value", pa.float64()),
        ("status", pa.string()),
    ]
)
"""The columns of the table of trends."""

_SEED: Final = 20_260_106
_DRAWS: Final = 500
_MONTHS_A_YEAR: Final = 12


@dataclass(frozen=True)
class _Pair:
    """A cohort and that of the year before, which may be empty; `late` tells who was seen late."""

    month: int
    now: Cases
    before: Cases
    any_late: bool


def cycle_time_trend(cases: pa.Table, settings: Settings) -> pa.Table:
    """The trend of each clock, segment and month of `int_cycle_trend_case`, in calendar days.

    A cohort is compared where both have at least `too_few` journeys, none of which came under
    observation late, and both are followed up to the horizon; else `status` says what is missing.
    """
    rows = [
        row
        for curve in sorted(pc.unique(cases["curve"]).to_pylist())
        for row in _of_curve(curve, cases.filter(pc.equal(cases["curve"], curve)), settings)
    ]
    return pa.Table.from_pylist(rows, schema=TRENDS)


def _of_curve(curve: str, table: pa.Table, settings: Settings) -> Iterator[Mapping[str, object]]:
    names = sorted(pc.unique(table["segment"]).to_pylist())
    everyone = _cases(table)
    levels = [(["all"], everyone)]
    if table["has_segments"][0].as_py():
        levels.append((names, replace(everyone, segments=numbered(table["segment"]))))
    late = table["is_seen_late"].to_numpy().astype(np.bool_)
    for segments, cases in levels:
        for row in _of_level(segments, cases, late, settings):
            yield {"curve": curve, **row}


def _of_level(
    segments: list[str], cases: Cases, late: Bools, settings: Settings
) -> Iterator[Mapping[str, object]]:
    """The rows of segments that are tested together."""
    pairs = {
        (segment, int(month)): _pair(cases, late, segment, int(month))
        for segment in range(len(segments))
        for month in np.unique(cases.months[cases.segments == segment])
    }
    statuses = {key: _status(pair, settings) for key, pair in pairs.items()}
    compared = [
        cohort
        for key, pair in pairs.items()
        if statuses[key] is None
        for cohort in (pair.now, pair.before)
    ]
    trends = _trends(
        compared, settings, {key for key, status in statuses.items() if status is None}
    )
    for key, pair in pairs.items():
        yield {
            "segment": segments[key[0]],
            **_cohorts(pair, settings),
            **_comparison(pair, trends.get(key), statuses[key], settings),
        }


def _trends(
    cohorts: list[Cases], settings: Settings, wanted: set[tuple[int, int]]
) -> Mapping[tuple[int, int], Trend]:
    """The trends of the wanted segments and months; a cohort may be in the list twice."""
    if not cohorts:
        return {}
    unique = {(int(c.segments[0]), int(c.months[0])): c for c in cohorts}.values()
    question = Question(settings.horizon_days, _DRAWS, settings.confidence_level, _SEED)
    found = cycle_trends(_joined(list(unique)), question)
    return {
        (trend.segment, trend.month): trend
        for trend in found
        if (trend.segment, trend.month) in wanted
    }


def _status(pair: _Pair, settings: Settings) -> str | None:
    """Why a pair can't be compared; None where it can."""
    if not len(pair.before.durations):
        return "no year before"
    if pair.any_late:
        return "late entry"
    if min(len(pair.now.durations), len(pair.before.durations)) < settings.too_few:
        return "too few"
    for cohort in (pair.now, pair.before):
        if not is_followed(cohort, settings.horizon_days):
            return "follow-up too short"
    for cohort in (pair.now, pair.before):
        if cohort_cycle(cohort, settings.horizon_days) is None:
            return "none won"
    return None


def _cohorts(pair: _Pair, settings: Settings) -> Mapping[str, object]:
    """What is known of each cohort by itself."""
    now, before = (_known(cohort, pair.any_late, settings) for cohort in (pair.now, pair.before))
    return {
        "cohort": _text(pair.month),
        "cohort_before": _text(pair.month - _MONTHS_A_YEAR),
        "horizon_days": settings.horizon_days,
        "n": len(pair.now.durations),
        "n_before": len(pair.before.durations),
        "share_won": now and now.share_won,
        "share_won_before": before and before.share_won,
        "p50": now and now.median,
        "p50_before": before and before.median,
    }


def _known(cohort: Cases, any_late: bool, settings: Settings) -> CohortCycle | None:
    if any_late or len(cohort.durations) < settings.too_few:
        return None
    return cohort_cycle(cohort, settings.horizon_days)


def _comparison(
    pair: _Pair, trend: Trend | None, status: str | None, settings: Settings
) -> Mapping[str, object]:
    if trend is None:
        return {"status": status}
    return {
        "difference": trend.difference,
        "low": trend.interval and trend.interval.low,
        "high": trend.interval and trend.interval.high,
        "p_value": trend.p_value,
        "adjusted_p_value": trend.adjusted_p,
        "share_and_speed_p_value": _share_and_speed(pair, settings.horizon_days),
        "status": "ok" if trend.interval else "no interval",
    }


def _share_and_speed(pair: _Pair, horizon: float) -> float | None:
    """Gray's test of the two cohorts' shares won, up to the horizon."""
    times = np.unique(np.concatenate([pair.now.durations, pair.before.durations]))
    won, other, censored = (
        np.vstack([_counts(cohort, times, kind) for cohort in (pair.now, pair.before)])
        for kind in ("won", "other", "censored")
    )
    test = gray_test(Ends(times, won, other, censored).until(horizon))
    return None if test is None else test.p_value


def _counts(cohort: Cases, times: Floats, kind: str) -> Floats:
    """How many of the cohort ended so at each time."""
    ended = {
        "won": cohort.kinds == WON,
        "other": (cohort.kinds != WON) & (cohort.kinds != CENSORED),
        "censored": cohort.kinds == CENSORED,
    }[kind]
    places = np.searchsorted(times, cohort.durations[ended])
    return np.bincount(places, minlength=len(times)).astype(np.float64)


def _pair(cases: Cases, late: Bools, segment: int, month: int) -> _Pair:
    own = cases.segments == segment
    now, before = (own & (cases.months == at) for at in (month, month - _MONTHS_A_YEAR))
    return _Pair(month, cases.of(now), cases.of(before), bool(late[now | before].any()))


def _cases(table: pa.Table) -> Cases:
    """All cases of a clock, in one segment."""
    names = sorted(pc.unique(table["cohort"]).to_pylist())
    months = [int(name[:4]) * _MONTHS_A_YEAR + int(name[5:]) - 1 for name in names]
    return Cases(
        durations=table["days"].to_numpy().astype(np.float64),
        kinds=table["ended_by"].to_numpy().astype(np.int64),
        clusters=numbered(table["cluster_id"]),
        months=np.array(months, dtype=np.int64)[numbered(table["cohort"])],
        segments=np.zeros(table.num_rows, dtype=np.int64),
    )


def _joined(parts: list[Cases]) -> Cases:
    return Cases(
        np.concatenate([part.durations for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.clusters for part in parts]),
        np.concatenate([part.months for part in parts]),
        np.concatenate([part.segments for part in parts]),
    )


def _text(month: int) -> str:
    return f"{month // _MONTHS_A_YEAR:04}-{month % _MONTHS_A_YEAR + 1:02}"
