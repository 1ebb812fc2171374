"""Days in a state, re-entries summed: against plain means, Kaplan-Meier, and simulated truth."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from orchestration.statistics.occupation import Occupation, intervals, occupation
from tests.statistics.journeys import Journey, counts_of, stays_of

LEAD, MQL, WON, LOST = 1, 2, 3, 4
OPEN = (True, True, False, False)
HORIZON = 40


def found(journeys: Sequence[Journey], horizon: int = HORIZON, minimum: int = 1) -> Occupation:
    result = occupation(counts_of(stays_of(journeys), OPEN), horizon, minimum)
    assert result is not None
    return result


def standard_error(journeys: Sequence[Journey], state: int, horizon: int = HORIZON) -> float:
    """The half-width of an interval that is one standard error each way."""
    one_sigma = 0.6826894921370859
    bounds = intervals(found(journeys, horizon), stays_of(journeys), [state], one_sigma)
    assert bounds is not None
    return (bounds[0].high - bounds[0].low) / 2


def walk(turn: random.Random, until: int = 1_000) -> Journey:
    """To and fro between lead and mql, each stay longer than the one before, until a close."""
    day, at, entries, stays = 0, LEAD, [(0, LEAD)], 0
    while at in (LEAD, MQL):
        stays += 1
        day += turn.randint(1, 3 + 3 * stays)
        at = turn.choice([LEAD if at == MQL else MQL, MQL if at == LEAD else LEAD, WON, LOST])
        entries.append((day, at))
    return Journey(entries, until)


def test_a_journey_worked_by_hand() -> None:
    # Both wait as leads; one is an mql from day 2 to 5, the other is last seen on day 3.
    journeys = [
        Journey([(0, LEAD), (2, MQL), (5, WON)], until=40),
        Journey([(0, LEAD)], until=3),
        Journey([(0, LEAD), (4, LOST)], until=40),
    ]
    shares = found(journeys).shares
    # Day 2: one of three leaves lead; day 4: the one who is still watched there.
    assert shares[1][[LEAD, MQL]] == pytest.approx([1, 0])
    assert shares[3][[LEAD, MQL]] == pytest.approx([2 / 3, 1 / 3])
    assert shares[4][[LEAD, MQL, LOST]] == pytest.approx([0, 1 / 3, 2 / 3])
    assert found(journeys).days[[LEAD, MQL]] == pytest.approx([2 + 2 * 2 / 3, 3 * 1 / 3])


@pytest.mark.parametrize("seed", range(5))
def test_without_censoring_it_is_the_mean_of_the_summed_days(seed: int) -> None:
    turn = random.Random(seed)
    journeys = [walk(turn) for _ in range(60)]
    result = found(journeys)
    for state in (LEAD, MQL):
        days = [journey.days_in(state, HORIZON) for journey in journeys]
        assert result.days[state] == pytest.approx(np.mean(days), abs=1e-12)
        # ... and its standard error is that of a mean.
        expected = np.std(days, ddof=1) / np.sqrt(len(days))
        assert standard_error(journeys, state) == pytest.approx(expected, rel=1e-9)
    assert result.is_followed
    assert result.days.sum() == pytest.approx(HORIZON)


def test_with_one_state_it_is_the_restricted_mean_of_kaplan_and_meier() -> None:
    turn = random.Random(3)
    spans = [(turn.randint(1, 60), turn.randint(1, 60)) for _ in range(200)]
    journeys = [
        Journey([(0, LEAD), (lasts, WON)], until=until) for lasts, until in [*spans, (99, 50)]
    ]
    fitted = KaplanMeierFitter().fit(
        [min(span) for span in [*spans, (99, 50)]],
        [lasts <= until for lasts, until in [*spans, (99, 50)]],
    )
    expected = restricted_mean_survival_time(fitted, t=HORIZON)
    assert found(journeys).days[LEAD] == pytest.approx(expected, abs=1e-9)


def test_on_a_one_way_path_it_is_the_difference_of_two_kaplan_meier_areas() -> None:
    turn = random.Random(4)
    journeys, leads, both = [], [], []
    for _ in range(4_000):
        lead, mql, until = turn.randint(1, 20), turn.randint(1, 30), turn.randint(1, 80)
        journeys.append(Journey([(0, LEAD), (lead, MQL), (lead + mql, WON)], until))
        leads.append((min(lead, until), lead <= until))
        both.append((min(lead + mql, until), lead + mql <= until))
    areas = [
        restricted_mean_survival_time(
            KaplanMeierFitter().fit(*zip(*spells, strict=True)), t=HORIZON
        )
        for spells in (leads, both)
    ]
    days = found(journeys).days
    assert days[LEAD] == pytest.approx(areas[0], abs=1e-9)
    # Both are estimates of one figure; on finite data they may differ in the weight of a case.
    assert days[MQL] == pytest.approx(areas[1] - areas[0], abs=0.1)


def test_under_censoring_the_truth_comes_out_and_kaplan_meier_on_sums_misses_it() -> None:
    turn = random.Random(5)
    whole = [walk(turn) for _ in range(8_000)]
    truth = float(np.mean([journey.days_in(MQL, HORIZON) for journey in whole]))
    seen = [Journey(journey.entries, turn.randint(1, 60)) for journey in whole]
    ours = found(seen).days[MQL]
    close = standard_error(seen, MQL)
    assert close < 0.25
    assert ours == pytest.approx(truth, abs=3 * close)
    ended = [any(state in (WON, LOST) and day <= j.until for day, state in j.entries) for j in seen]
    summed = [j.days_in(MQL, min(HORIZON, j.until)) for j in seen]
    naive = restricted_mean_survival_time(KaplanMeierFitter().fit(summed, ended), t=HORIZON)
    assert abs(naive - truth) > 4 * close


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    turn = random.Random(6)
    truth = float(np.mean([walk(turn).days_in(MQL, HORIZON) for _ in range(40_000)]))
    rounds, held = 200, 0
    for _ in range(rounds):
        journeys = [Journey(walk(turn).entries, turn.randint(5, 80)) for _ in range(120)]
        bounds = intervals(found(journeys), stays_of(journeys), [MQL], 0.95)
        assert bounds is not None
        held += bounds[0].low <= truth <= bounds[0].high
    assert 0.90 <= held / rounds <= 0.99


def test_the_spread_is_that_of_leaving_each_account_out_in_turn() -> None:
    turn = random.Random(7)
    journeys = [
        Journey(walk(turn).entries, turn.randint(10, 80), account=number // 2)
        for number in range(120)
    ]
    without = [
        found([j for j in journeys if j.account != account]).days[MQL] for account in range(60)
    ]
    expected = np.sqrt(59 / 60 * ((np.array(without) - np.mean(without)) ** 2).sum())
    assert standard_error(journeys, MQL) == pytest.approx(expected, rel=0.05)


def test_two_like_journeys_of_an_account_tell_no_more_than_one() -> None:
    turn = random.Random(8)
    singles = [Journey(walk(turn).entries, turn.randint(10, 80), account=n) for n in range(50)]
    assert standard_error(singles * 2, MQL) == pytest.approx(standard_error(singles, MQL))


def test_late_entries_count_from_where_they_are_seen() -> None:
    turn = random.Random(9)
    whole = [walk(turn) for _ in range(6_000)]
    truth = float(np.mean([journey.days_in(MQL, HORIZON) for journey in whole]))
    # Of those that began before the source, only the ones that were still open are there.
    late = []
    for number, journey in enumerate(whole):
        seen = turn.randint(1, 15) if number % 2 else 0
        if journey.entries[-1][0] > seen or not seen:
            late.append(Journey(journey.entries, 200, seen))
    result = found(late)
    assert result.start == 0
    assert result.days[MQL] == pytest.approx(truth, abs=3 * standard_error(late, MQL))
    kept = np.mean([journey.days_in(MQL, HORIZON) for journey in late])
    assert kept - truth > 3 * standard_error(late, MQL)


def test_where_few_are_there_at_first_it_starts_later_and_is_about_those_open_then() -> None:
    turn = random.Random(10)
    journeys = [Journey(walk(turn).entries, 200, seen=5) for _ in range(80)]
    journeys = [journey for journey in journeys if journey.entries[-1][0] > 5]
    result = found(journeys, minimum=20)
    assert result.start == 6
    expected = [journey.days_in(MQL, HORIZON) - journey.days_in(MQL, 6) for journey in journeys]
    assert result.days[MQL] == pytest.approx(np.mean(expected))
    bounds = intervals(result, stays_of(journeys), [MQL], 0.6826894921370859)
    assert bounds is not None
    assert (bounds[0].high - bounds[0].low) / 2 == pytest.approx(
        np.std(expected, ddof=1) / np.sqrt(len(expected)), rel=1e-9
    )


def test_nobody_watched_up_to_the_horizon_is_told() -> None:
    assert not found([Journey([(0, LEAD)], until=30)]).is_followed
    assert found([Journey([(0, LEAD)], until=40)]).is_followed
    assert found([Journey([(0, LEAD), (9, WON)], until=30)]).is_followed


def test_with_too_few_there_is_no_estimate() -> None:
    counts = counts_of(stays_of([Journey([(0, LEAD)], until=30)] * 4), OPEN)
    assert occupation(counts, HORIZON, 5) is None


def test_one_account_has_no_interval() -> None:
    journeys = [Journey([(0, LEAD), (5, WON)], 50, account=0)] * 3
    assert intervals(found(journeys), stays_of(journeys), [LEAD], 0.95) is None
