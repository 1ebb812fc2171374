"""Local times are the instants that the tz database says, and no time is bent into another."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.columns import Column
from connectors.file_source import Stream
from connectors.files.times import to_days as read_days
from connectors.files.times import to_instants as read_instants
from tests.connectors.files.company import DEALS, Exports

# Negative daylight time, half an hour of it, two hours, a skipped day, none.
ZONES = (
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/New_York",
    "Asia/Kolkata",
)


def _stream(zone: str, choice: str = "reject") -> Stream:
    return Stream.model_validate({**DEALS, "time_zone": zone, "ambiguous_times": choice})


def _instants_of(local: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
    """All instants at which clocks in the zone showed this time."""
    told = {local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    return sorted(at for at in told if at.astimezone(zone).replace(tzinfo=None) == local)


def _changes(zone: ZoneInfo) -> list[dt.datetime]:
    """Local times around the changes of the zone's clocks."""
    hours = [dt.datetime(2010, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=n) for n in range(35_000)]
    offsets = [at.astimezone(zone).utcoffset() for at in hours]
    return [
        at.astimezone(zone).replace(tzinfo=None)
        for at, before, after in zip(hours[1:], offsets, offsets[1:], strict=False)
        if before != after
    ] or [dt.datetime(2010, 6, 1)]


AROUND = {name: _changes(ZoneInfo(name)) for name in ZONES}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(ZONES), minutes=st.integers(-1600, 1600))
def test_local_times_are_the_instants_that_the_tz_database_says(
    data: st.DataObject, name: str, minutes: int
) -> None:
    local = data.draw(st.sampled_from(AROUND[name])) + dt.timedelta(minutes=minutes)
    expected = _instants_of(local, ZoneInfo(name))
    text = pa.array([local.isoformat(" ")])
    for choice, place in (("earlier", 0), ("later", -1)):
        found, faults = read_instants(text, Column(type="timestamp"), _stream(name, choice))
        assert ([] if faults else found.to_pylist()) == ([expected[place]] if expected else [])
    _, faults = read_instants(text, Column(type="timestamp"), _stream(name))
    assert bool(faults) == (len(expected) != 1)


@settings(max_examples=200, deadline=None)
@given(
    text=st.from_regex(
        r"20[0-9]{2}-[0-9]{2}-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,6})?",
        fullmatch=True,
    )
)
def test_a_time_reads_the_same_alone_and_beside_others(text: str) -> None:
    column, stream = Column(type="timestamp"), _stream("UTC")
    alone, why = read_instants(pa.array([text]), column, stream)
    beside, why_beside = read_instants(pa.array([text, "no time"]), column, stream)
    assert beside[0].as_py() == alone[0].as_py()
    assert why_beside.get(0) == why.get(0)


def test_columns_read_at_one_time_in_several_threads_keep_their_values() -> None:
    column, stream = Column(type="timestamp"), _stream("UTC")
    days = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=n) for n in range(200)]

    def read_one(day: dt.datetime) -> list[dt.datetime | None]:
        # What is no time keeps the column from the fast way, which asks no engine.
        found, _ = read_instants(pa.array([day.isoformat(), "no time"] * 50), column, stream)
        return found.to_pylist()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read_one, days)) == [[day, None] * 50 for day in days]


@pytest.mark.parametrize(
    "written",
    ["2026-01-31T18:00+25:00", "2026-01-31T18:00+05:90", "0000-01-01", "9999-12-31T23:00-05:00"],
)
def test_a_time_that_does_not_exist_is_rejected(written: str, exports: Exports) -> None:
    exports.write("deals.csv", f"id,seen_at\na,{written}\nb,2026-01-31\n")
    result = exports.load(columns={"id": "text", "seen_at": "timestamp"})
    assert (result.rows, result.rejected) == (1, 1)


def test_a_year_of_two_digits_is_not_the_year_26() -> None:
    _, faults = read_days(pa.array(["01.02.26"]), Column(type="date", format="%d.%m.%Y"))
    assert 0 in faults
    found, faults = read_days(
        pa.array(["01.02.26"]), Column(type="date", format=("%d.%m.%Y", "%d.%m.%y"))
    )
    assert (found.to_pylist(), faults) == ([dt.date(2026, 2, 1)], {})


def test_one_number_that_is_no_time_takes_no_other_row_out() -> None:
    column = Column(type="timestamp", format="epoch_seconds")
    found, faults = read_instants(pa.array(["0", "1767225600000"]), column, _stream("UTC"))
    assert found[0].as_py() == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert list(faults) == [1]
