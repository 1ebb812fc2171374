"""Time in a stage and what stands on it: a hand-worked table, and sums done journey by journey."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from lifelines import KaplanMeierFitter

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import fill_agreement

HORIZON = 100


@dataclass(frozen=True)
class Stay:
    """One entry of a journey to a stage."""

    journey: str
    exit: int
    left_as: str = "advanced"
    entry: int = 0


def durations(database: Database, stays: Sequence[Stay], *, minimum: int = 1) -> dict[str, Any]:
    """Build the tables from these stays; the row of all of them."""
    fill_agreement(database, minimum_at_risk=minimum, horizon_days=HORIZON, time_zone="UTC")
    journeys = [stay.journey for stay in stays]
    database.fill(
        "int_stage_spell",
        [
            {
                "event_id": str(number),
                "journey_id": stay.journey,
                "stage": "mql",
                "unit": "calendar",
                "segment": "smb",
                "cohort": "2026-03",
                "channel": "search",
                "owner": "una",
                "left_as": stay.left_as,
                "entry_day": stay.entry,
                "exit_day": stay.exit,
                "standing": "at_risk",
                "is_only": journeys.count(stay.journey) == 1,
            }
            for number, stay in enumerate(stays)
        ],
    )
    database.build_with_parents("stage_duration", given=["int_stage_spell"])
    [row] = database.rows("select * from {stage_duration} where slice_kind = 'all'")
    return row


def curve(database: Database) -> dict[int, dict[str, Any]]:
    rows = database.rows("select * from {stage_duration_curve} where slice_kind = 'all'")
    return {row["day"]: row for row in rows}


def test_a_hand_worked_table_with_ties_and_one_who_is_still_there(database: Database) -> None:
    stays = [Stay("a", 2), Stay("b", 2, "closed"), Stay("c", 4, "open"), Stay("d", 4, "returned")]
    row = durations(database, [*stays, Stay("e", 10)])
    found = {day: (r["at_risk"], r["survival"]) for day, r in curve(database).items()}
    assert found == {
        0: (5, 1.0),
        2: (5, pytest.approx(3 / 5)),
        4: (3, pytest.approx(2 / 5)),
        10: (1, 0.0),
    }
    last = curve(database)[10]
    assert (last["cif_advanced"], last["cif_returned"], last["cif_closed"]) == (
        pytest.approx(1 / 5 + 2 / 5),
        pytest.approx(1 / 5),
        pytest.approx(1 / 5),
    )
    assert (row["p25"], row["p50"], row["p75"], row["p90"]) == (2, 4, 10, 10)
    assert row["restricted_mean"] == pytest.approx(2 + 2 * 3 / 5 + 6 * 2 / 5)
    assert row["naive_mean"] == pytest.approx((2 + 2 + 4 + 10) / 4)
    assert (row["status"], row["n"], row["events"], row["journeys"]) == ("ok", 5, 4, 5)


def test_a_journey_that_came_back_is_one_journey_of_two_entries(database: Database) -> None:
    row = durations(database, [Stay("a", 2), Stay("a", 5), Stay("b", 4)])
    assert (row["n"], row["events"], row["journeys"]) == (3, 3, 2)


def test_too_few_at_risk_give_a_row_that_says_so(database: Database) -> None:
    row = durations(database, [Stay("a", 2), Stay("b", 5)], minimum=3)
    assert (row["status"], row["p50"], row["restricted_mean"]) == ("too few", None, None)
    assert (row["n"], row["n_off_curve"]) == (0, 2)


def test_without_follow_up_to_the_horizon_there_is_no_restricted_mean(database: Database) -> None:
    row = durations(database, [Stay("a", 2), Stay("b", 9, "open")])
    assert (row["status"], row["p50"]) == ("follow-up too short", 2)
    assert row["restricted_mean"] is None


def random_stays(seed: int) -> list[Stay]:
    turn = random.Random(seed)
    stays = []
    for journey in range(30):
        for _ in range(turn.choice([1, 1, 2, 3])):
            entry = turn.choice([0, 0, 0, turn.randint(1, 8)])
            left_as = turn.choice(["advanced", "returned", "closed", "open"])
            stays.append(Stay(str(journey), entry + turn.randint(1, 20), left_as, entry))
    return [*stays, *(Stay(f"late{n}", 40, "open") for n in range(3))]


@pytest.mark.parametrize("seed", range(3))
def test_survival_with_late_entries_is_that_of_lifelines(seed: int, database: Database) -> None:
    stays = random_stays(seed)
    durations(database, stays)
    fitted = KaplanMeierFitter().fit(
        [stay.exit for stay in stays],
        [stay.left_as != "open" for stay in stays],
        entry=[stay.entry for stay in stays],
    )
    for day, row in curve(database).items():
        assert row["survival"] == pytest.approx(float(fitted.predict(day)), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_variance_adds_up_what_each_journey_moves_as_a_whole(
    seed: int, database: Database
) -> None:
    stays = random_stays(seed)
    durations(database, stays)
    rows = curve(database)
    for day, row in rows.items():
        moved: dict[str, float] = {}
        for at in (at for at in rows if at <= day):
            n, d = rows[at]["at_risk"], rows[at]["exited"]
            for stay in stays:
                here = stay.exit >= at and (stay.entry < at or stay.entry == at == 0)
                leaves = here and stay.exit == at and stay.left_as != "open"
                moved[stay.journey] = (
                    moved.get(stay.journey, 0.0) + here * (1 / (n - d) - 1 / n) - leaves / (n - d)
                )
        expected = row["survival"] * math.sqrt(sum(moves**2 for moves in moved.values()))
        assert row["survival_se"] == pytest.approx(expected, abs=1e-9)


def test_stays_of_journeys_of_their_own_have_the_binomial_variance_without_censoring(
    database: Database,
) -> None:
    durations(database, [Stay(str(n), n + 1) for n in range(10)])
    row = curve(database)[4]
    assert row["survival_se"] == pytest.approx(math.sqrt(0.6 * 0.4 / 10))


def test_the_mean_of_the_ended_is_short_where_most_are_still_there_and_ours_is_right(
    database: Database,
) -> None:
    # Every stay lasts 1 to 60 days, 30.5 on average; each has been watched for 1 to 100.
    turn = random.Random(11)
    stays = []
    for number in range(3_000):
        lasts, watched = turn.randint(1, 60), turn.choice([*range(1, 30), 100])
        left_as = "advanced" if lasts <= watched else "open"
        stays.append(Stay(str(number), min(lasts, watched), left_as))
    row = durations(database, stays)
    assert row["events"] < row["n"] / 2
    assert row["restricted_mean"] == pytest.approx(30.5, abs=1.5)
    assert row["naive_mean"] < 20


def test_an_open_deal_is_held_against_those_of_its_stage_and_told_its_chance(
    database: Database,
) -> None:
    fill_agreement(database, minimum_at_risk=1, horizon_days=HORIZON, time_zone="UTC")
    names = ("young", "old", "beyond")
    database.fill(
        "fct_deal", [{"deal_id": name, "journey_id": name, "outcome": "open"} for name in names]
    )
    ages = {"young": 5, "old": 40, "beyond": 90}
    database.fill(
        "int_stage_spell",
        [
            {
                "event_id": name,
                "journey_id": name,
                "stage": "opportunity",
                "segment": "smb",
                "unit": "calendar",
                "left_as": "open",
                "exit_day": age,
                "standing": "at_risk",
            }
            for name, age in ages.items()
        ],
    )
    group = {"stage": "opportunity", "unit": "calendar", "segment": "all", "slice_kind": "all"}
    database.fill("stage_duration", [{**group, "status": "ok", "p90": 30}])
    database.fill(
        "stage_duration_curve",
        [
            {**group, "starts_at_day": 0, "day": day, "survival": survival}
            for day, survival in ((0, 1.0), (10, 0.5), (30, 0.1), (60, 0.1))
        ],
    )
    database.fill(
        "int_cycle_journey",
        [
            {
                "journey_id": name,
                "from_stage": "opportunity",
                "started_on": "2026-01-01",
                "ended_on": f"2026-0{1 + age // 30}-{1 + age % 28:02}",
                "is_excluded": False,
            }
            for name, age in (("young", 5), ("old", 5))
        ],
    )
    database.fill(
        "cycle_time_curve",
        [
            {
                "from_stage": "opportunity",
                "unit": "calendar",
                "segment": "all",
                "cohort": "all",
                "starts_at_day": 0,
                "day": day,
                "survival": survival,
                "cif_won": won,
            }
            for day, survival, won in ((0, 1.0, 0.0), (4, 0.8, 0.1), (20, 0.5, 0.3), (50, 0.4, 0.4))
        ],
    )
    database.build("open_deal_aging")
    rows = {row["deal_id"]: row for row in database.rows("select * from {open_deal_aging}")}
    assert rows["young"]["share_gone_by_this_age"] == 0.0
    assert (rows["young"]["is_stalled"], rows["old"]["is_stalled"]) == (False, True)
    assert rows["old"]["share_gone_by_this_age"] == pytest.approx(0.9)
    assert rows["beyond"]["share_gone_by_this_age"] is None
    assert rows["young"]["won_within_30"] == pytest.approx((0.3 - 0.1) / 0.8)
    assert rows["young"]["won_within_90"] is None
    assert rows["beyond"]["won_within_30"] is None


def velocities(database: Database, *, segment: str) -> list[dict[str, Any]]:
    """Velocity of two open opportunities and two won, one of them longer ago than the horizon."""
    fill_agreement(database, horizon_days=365, time_zone="UTC", reporting_currency="USD")
    outcomes = {"a": "open", "b": "open", "won": "won", "long_ago": "won"}
    closes = {"won": "2026-08-01", "long_ago": "2024-08-01"}
    database.fill(
        "fct_funnel",
        [
            {
                "journey_id": name,
                "deal_id": name,
                "is_primary": True,
                "segment": segment,
                "outcome": outcome,
                "opportunity_at": "2026-01-01",
            }
            for name, outcome in outcomes.items()
        ],
    )
    database.fill(
        "fct_deal",
        [
            {
                "deal_id": name,
                "outcome": outcome,
                "amount_reporting": 300,
                "closed_at": closes.get(name),
            }
            for name, outcome in outcomes.items()
        ],
    )
    summary = {"from_stage": "opportunity", "cohort": "all", "segment": "all", "unit": "calendar"}
    database.fill("cycle_time_summary", [{**summary, "status": "ok", "share_won": 0.25, "p50": 50}])
    database.build("velocity")
    return database.rows("select * from {velocity}")


def test_velocity_is_the_product_of_its_four_parts(database: Database) -> None:
    [row] = velocities(database, segment="smb")
    parts = ("open_opportunities", "share_won", "mean_won_amount", "median_cycle", "n_amounts")
    assert tuple(row[part] for part in parts) == (2, 0.25, 300.0, 50, 1)
    assert row["velocity"] == pytest.approx(2 * 0.25 * 300 / 50)


def test_a_company_without_segments_has_one_velocity(database: Database) -> None:
    [row] = velocities(database, segment="all")
    assert (row["segment"], row["open_opportunities"]) == ("all", 2)
