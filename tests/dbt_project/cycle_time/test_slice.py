"""The cycle by channel and by owner: each slice is what its journeys alone would give."""

from dataclasses import replace
from typing import Any

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import Journey, cycle_times, fill, lasting

SEARCH = [lasting(10, "won"), lasting(20, "lost"), lasting(120)]
EVENTS = [lasting(30, "won"), lasting(50, "won"), lasting(60, "disqualified")]
TABLES = ("cycle_time_slice", "cycle_time_slice_curve", "cycle_time_curve", "cycle_time_summary")
BESIDE = ("slice_kind", "slice", "cohort")


def company() -> list[Journey]:
    """Two channels; one owner has a deal of each, nobody owns the others."""
    return [
        *(
            replace(j, channel="search", owner="una" if n == 0 else None, segment="smb")
            for n, j in enumerate(SEARCH)
        ),
        *(
            replace(j, channel="events", owner="una" if n == 0 else None, segment="mid")
            for n, j in enumerate(EVENTS)
        ),
    ]


def rows(database: Database, table: str, where: str) -> list[dict[str, Any]]:
    """The rows without the columns that tell which slice they are of."""
    found = database.rows(
        f"select * from {{{table}}} where unit = 'calendar' and curve = 'mql_to_won' "
        f"and {where} order by all"
    )
    return [{k: v for k, v in row.items() if k not in BESIDE} for row in found]


def test_a_channels_curve_and_row_are_those_of_its_journeys_alone(database: Database) -> None:
    fill(database, company())
    cycle_times(database, *TABLES)
    sliced = {
        table: rows(database, table, "slice_kind = 'channel' and slice = 'events'")
        for table in TABLES[:2]
    }
    fill(database, [replace(j, segment="mid") for j in EVENTS])
    cycle_times(database, *TABLES)
    assert sliced["cycle_time_slice"] == rows(database, "cycle_time_summary", "cohort = 'all'")
    assert sliced["cycle_time_slice_curve"] == rows(database, "cycle_time_curve", "cohort = 'all'")
    assert sliced["cycle_time_slice"][0]["p50"] == 30


def test_an_owner_is_that_of_the_deal_and_unknown_where_there_is_none(database: Database) -> None:
    fill(database, company())
    cycle_times(database, *TABLES)
    found = database.rows(
        "select slice, n, won from {cycle_time_slice} where slice_kind = 'owner' "
        "and unit = 'calendar' and curve = 'mql_to_won' order by slice"
    )
    assert found == [
        {"slice": "una", "n": 2, "won": 2},
        {"slice": "unknown", "n": 4, "won": 1},
    ]


def test_slices_leave_the_public_curve_and_summary_as_they_are(database: Database) -> None:
    bare = [replace(j, channel=None, owner=None) for j in company()]
    fill(database, bare)
    cycle_times(database, *TABLES)
    before = {t: rows(database, t, "true") for t in ("cycle_time_curve", "cycle_time_summary")}
    fill(database, company())
    cycle_times(database, *TABLES)
    assert {t: rows(database, t, "true") for t in before} == before


def test_each_segment_has_its_slices_only_where_there_are_segments(database: Database) -> None:
    for segment_by, expected in ((None, {"all"}), ("employees", {"all", "smb", "mid"})):
        fill(database, company(), segment_by=segment_by)
        cycle_times(database, *TABLES)
        found = database.rows(
            "select segment, sum(n) as n from {cycle_time_slice} where slice_kind = 'channel' "
            "and unit = 'calendar' and curve = 'mql_to_won' group by segment"
        )
        assert {row["segment"] for row in found} == expected
        assert all(row["n"] == (6 if row["segment"] == "all" else 3) for row in found)


def test_a_slice_with_too_few_is_a_row_that_says_so(database: Database) -> None:
    fill(database, company(), minimum_at_risk=4)
    cycle_times(database, *TABLES)
    found = database.rows(
        "select slice, status, p50 from {cycle_time_slice} where unit = 'calendar' "
        "and curve = 'mql_to_won' and slice_kind = 'channel' order by slice"
    )
    assert found == [
        {"slice": "events", "status": "too few", "p50": None},
        {"slice": "search", "status": "too few", "p50": None},
    ]
