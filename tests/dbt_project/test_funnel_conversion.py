"""Who went on, who left and who is still there, against the journeys counted by hand."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

START = datetime(2026, 1, 20, 12)
LADDER = ("lead", "mql", "sal", "opportunity", "won")
OUTCOMES = ("open", "won", "lost", "disqualified")
GIVEN = ("fct_funnel", "fct_funnel_event", "dim_campaign")


@dataclass(frozen=True)
class Entry:
    """An entry to a stage; `is_observed` is false where it is only implied."""

    stage: str
    day: int
    is_observed: bool = True
    is_of_deal: bool = False

    @property
    def at(self) -> datetime:
        """When it was."""
        return START + timedelta(days=self.day)


@dataclass(frozen=True)
class Journey:
    """A journey and what it is sliced by."""

    entries: tuple[Entry, ...]
    outcome: str = "open"
    is_primary: bool = True
    channel: str | None = "web"
    campaign: str | None = None
    segment: str = "smb"


def build(
    database: Database,
    journeys: list[Journey],
    ladder: tuple[str, ...] = LADDER,
    time_zone: str = "UTC",
) -> None:
    """Put journeys where the table looks for them, and build it."""
    database.fill(
        "fct_funnel",
        [
            {
                "journey_id": str(n),
                "is_primary": j.is_primary,
                "segment": j.segment,
                "first_channel": j.channel,
                "first_campaign_id": j.campaign,
                "outcome": j.outcome,
            }
            for n, j in enumerate(journeys)
        ],
    )
    database.fill(
        "fct_funnel_event",
        [
            {
                "event_id": f"{n}-{i}",
                "journey_id": str(n),
                "event": "won" if e.stage == "won" else "stage_entered",
                "stage": e.stage,
                "occurred_at": e.at,
                "evidence": "history" if e.is_observed else "inferred",
                "counts": e.is_observed,
                "is_of_deal": e.is_of_deal,
            }
            for n, j in enumerate(journeys)
            for i, e in enumerate(j.entries)
        ],
    )
    database.fill("dim_campaign", [{"campaign_id": "c", "name": "Spring fair"}])
    stages: list[dict[str, Any]] = [
        {"stage": stage, "stage_order": n, "is_exit": False} for n, stage in enumerate(ladder, 1)
    ]
    database.fill("agreement.stages", [*stages, {"stage": "lost", "is_exit": True}])
    database.fill("agreement.settings", [{"time_zone": time_zone}])
    database.build("funnel_conversion")


def counted(journeys: list[Journey]) -> Counter[tuple[Any, ...]]:
    """Every count that is not zero, by hand."""
    cells: Counter[tuple[Any, ...]] = Counter()
    for journey in journeys:
        observed = [entry for entry in journey.entries if entry.is_observed]
        for place, stage in enumerate(LADDER):
            mine = [entry for entry in journey.entries if entry.stage == stage]
            if not journey.is_primary:
                is_deals = place >= LADDER.index("opportunity")
                mine = [e for e in mine if e.is_observed and not e.is_of_deal and not is_deals]
            seen = [entry.day for entry in mine if entry.is_observed]
            if not mine:
                continue
            first = min(seen) if seen else min(entry.day for entry in mine)
            month = (START + timedelta(days=first)).date().replace(day=1)
            channel = journey.channel or "unknown"
            cell = (month, stage, channel, journey.campaign, journey.segment)
            if not seen:
                cells[(*cell, "passed_unseen")] += 1
                continue
            later = {e.stage for e in observed if e.day >= first and e.stage in LADDER[place + 1 :]}
            went_on = bool(later) or (journey.outcome == "won" and stage != "won")
            cells[(*cell, "entered")] += 1
            cells[(*cell, "went_to_next")] += bool(set(LADDER[place + 1 : place + 2]) & later)
            cells[(*cell, "went_on")] += went_on
            cells[(*cell, "won")] += journey.outcome == "won"
            cells[(*cell, "still_open")] += journey.outcome == "open" and not went_on
            cells[(*cell, "exited")] += journey.outcome in OUTCOMES[2:] and not went_on
    return +cells


def told(database: Database) -> Counter[tuple[Any, ...]]:
    """The same as the table says it."""
    cells: Counter[tuple[Any, ...]] = Counter()
    counts = "entered, went_to_next, went_on, won, still_open, exited, passed_unseen"
    for row in database.rows("select * from {funnel_conversion}"):
        for count in counts.split(", "):
            keys = ("month", "stage", "channel", "campaign_id", "segment")
            cells[(*(row[key] for key in keys), count)] += row[count]
    return +cells


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many sets of journeys: each fills it anew."""
    return project.database()


def some_journey(pick: Any) -> Journey:
    """A journey in which almost anything may happen; a stage is observed or implied, not both."""
    entries = []
    for stage in LADDER:
        is_observed = pick((True, True, False))
        for _ in range(pick((0, 1, 1, 2)) if is_observed else pick((0, 1))):
            entries.append(Entry(stage, pick(range(70)), is_observed, pick((True, False))))
    outcome = pick(OUTCOMES)
    if outcome == "won":
        entries.append(Entry("won", pick(range(70))))
        entries = [entry for entry in entries if entry.stage != "won" or entry.is_observed]
    return Journey(
        tuple(entries),
        outcome,
        pick((True, True, False)),
        pick(("web", "event", None)),
        pick(("c", None)),
        pick(("smb", "mid")),
    )


@st.composite
def journey_lists(draw: st.DrawFn) -> list[Journey]:
    def pick(options: Any) -> Any:
        return draw(st.sampled_from(list(options)))

    return [some_journey(pick) for _ in range(pick(range(7)))]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(journeys=journey_lists())
def test_any_journeys_are_counted_as_by_hand(shared: Database, journeys: list[Journey]) -> None:
    build(shared, journeys)
    assert told(shared) == counted(journeys)


@pytest.mark.parametrize("seed", range(3))
def test_many_journeys_are_counted_as_by_hand_and_keep_every_promise(
    shared: Database, seed: int
) -> None:
    pick = random.Random(seed).choice
    journeys = [some_journey(pick) for _ in range(400)]
    build(shared, journeys)
    assert told(shared) == counted(journeys)
    assert failures(shared, "funnel_conversion") == {}


def test_the_slices_add_up_to_the_journeys(shared: Database) -> None:
    journeys = [some_journey(random.Random(seed).choice) for seed in range(300)]
    build(shared, journeys)
    rows = shared.rows("select stage, sum(entered) as n from {funnel_conversion} group by stage")
    whole = {
        stage: sum(
            any(entry.stage == stage and entry.is_observed for entry in journey.entries)
            for journey in journeys
            if journey.is_primary
        )
        for stage in ("opportunity", "won")
    }
    assert {row["stage"]: row["n"] for row in rows if row["stage"] in whole} == whole


def test_a_return_to_a_stage_is_no_second_entry(database: Database) -> None:
    build(database, [Journey((Entry("mql", 0), Entry("lead", 3), Entry("mql", 40)))])
    rows = database.rows("select month, entered from {funnel_conversion} where stage = 'mql'")
    assert [tuple(row.values()) for row in rows] == [(date(2026, 1, 1), 1)]


def test_a_month_is_cut_in_the_agreements_time_zone(database: Database) -> None:
    # Noon in UTC of the 31st is February already in Kiritimati, and the evening before in Honolulu.
    journey = Journey((Entry("mql", 11),))
    months = []
    for zone in ("Pacific/Kiritimati", "Pacific/Honolulu"):
        build(database, [journey], time_zone=zone)
        months += [row["month"] for row in database.rows("select month from {funnel_conversion}")]
    assert months == [date(2026, 2, 1), date(2026, 1, 1)]


def test_an_entry_at_the_same_instant_is_a_later_one(database: Database) -> None:
    build(database, [Journey((Entry("lead", 0), Entry("mql", 0)))])
    rows = database.rows("select stage, went_to_next from {funnel_conversion} order by stage_order")
    assert [tuple(row.values()) for row in rows] == [("lead", 1), ("mql", 0)]


def test_a_win_without_a_date_went_on(database: Database) -> None:
    build(database, [Journey((Entry("opportunity", 0),), "won")])
    rows = database.rows("select went_to_next, went_on, won, exited from {funnel_conversion}")
    assert [tuple(row.values()) for row in rows] == [(0, 1, 1, 0)]


def test_a_deal_with_three_contacts_is_one_opportunity_of_three_mqls(database: Database) -> None:
    entries = (Entry("mql", 0), Entry("opportunity", 5, is_of_deal=True))
    members = [Journey(entries, is_primary=False)] * 2
    build(database, [Journey(entries), *members])
    rows = database.rows("select stage, entered, went_on from {funnel_conversion} order by stage")
    assert [tuple(row.values()) for row in rows] == [("mql", 3, 3), ("opportunity", 1, 0)]


def test_without_opportunity_on_the_ladder_deals_begin_at_won(database: Database) -> None:
    entries = (Entry("mql", 0), Entry("won", 5, is_of_deal=True))
    journeys = [Journey(entries, "won"), Journey(entries, "won", is_primary=False)]
    build(database, journeys, ladder=("mql", "won"))
    rows = database.rows("select stage, entered from {funnel_conversion} order by stage")
    assert [tuple(row.values()) for row in rows] == [("mql", 2), ("won", 1)]


def test_an_empty_warehouse_converts_nobody(database: Database) -> None:
    database.build_with_parents("funnel_conversion")
    assert database.rows("select * from {funnel_conversion}") == []
