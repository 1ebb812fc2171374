"""The walk through stays: worked by hand, against every way written out, and against draws."""

import random
from fractions import Fraction

import numpy as np
import pytest

from orchestration.statistics.occupation import Counts
from orchestration.statistics.walk import (
    Kernel,
    cut,
    ends_at,
    entries,
    kernel,
    median,
    quantile,
    untold,
)

START, LEAD, SALE, WON, LOST = range(5)
OPEN = np.array([False, True, True, False, False])
HORIZON = 20


def a_kernel(*ways: tuple[int, int, int, float], followed: int = HORIZON) -> Kernel:
    """Stays by (state, days, to, chance)."""
    leaves = np.zeros((HORIZON + 1, 5, 5))
    leaves[0, START, LEAD] = 1
    for state, days, to, chance in ways:
        leaves[days, state, to] += chance
    return Kernel(leaves, np.full(5, followed), OPEN)


HALVES = a_kernel(
    (LEAD, 1, SALE, 0.5),
    (LEAD, 7, SALE, 0.25),
    (LEAD, 9, LOST, 0.25),
    (SALE, 2, WON, 0.5),
    (SALE, 6, WON, 0.25),
    (SALE, 4, LEAD, 0.25),
)


def every_way(of: Kernel, day: int, state: int, chance: Fraction, arrived: list[Fraction]) -> None:
    """Follow each way to its end, adding up the chances of coming to won by day."""
    if state == WON:
        arrived[day] += chance
        return
    for days, to in zip(*np.nonzero(of.leaves[:, state]), strict=True):
        if day + days <= HORIZON:
            step = Fraction(float(of.leaves[days, state, to]))
            every_way(of, day + int(days), int(to), chance * step, arrived)


def test_a_walk_worked_by_hand() -> None:
    one_way = a_kernel(
        (LEAD, 1, SALE, 0.5), (LEAD, 7, SALE, 0.5), (SALE, 2, WON, 0.5), (SALE, 3, LOST, 0.5)
    )
    found = entries(one_way, START)
    assert {day: found[day, WON] for day in np.nonzero(found[:, WON])[0]} == {3: 0.25, 9: 0.25}
    assert median(found, WON) == 3
    # Cut to a day as a lead, all come three days after the start.
    faster = entries(cut(one_way, LEAD, 1), START)
    assert {day: faster[day, WON] for day in np.nonzero(faster[:, WON])[0]} == {3: 0.5}


def test_it_is_the_sum_over_every_way() -> None:
    arrived = [Fraction(0)] * (HORIZON + 1)
    every_way(HALVES, 0, START, Fraction(1), arrived)
    assert entries(HALVES, START)[:, WON] == pytest.approx([float(part) for part in arrived])


def test_stays_of_no_day_lead_on_within_the_day() -> None:
    at_once = a_kernel(
        (LEAD, 0, SALE, 0.5), (LEAD, 3, WON, 0.5), (SALE, 0, LEAD, 0.5), (SALE, 5, WON, 0.5)
    )
    # To and fro within day 0: 1 + 1/4 + 1/16 + ... entries as a lead.
    found = entries(at_once, START)
    assert found[0, [LEAD, SALE]] == pytest.approx([4 / 3, 2 / 3])
    assert found[[3, 5], WON] == pytest.approx([2 / 3, 1 / 3])


def test_it_is_what_many_draws_come_to() -> None:
    turn = random.Random(1)
    ways = {
        state: [
            (days, to, HALVES.leaves[days, state, to])
            for days, to in zip(*np.nonzero(HALVES.leaves[:, state]), strict=True)
        ]
        for state in (START, LEAD, SALE)
    }
    won = []
    for _ in range(20_000):
        day, state = 0, START
        while state in ways and day <= HORIZON:
            days, to, _ = turn.choices(ways[state], [way[2] for way in ways[state]])[0]
            day, state = day + int(days), int(to)
        if state == WON and day <= HORIZON:
            won.append(day)
    found = entries(HALVES, START)
    assert len(won) / 20_000 == pytest.approx(found[:, WON].sum(), abs=0.02)
    assert np.mean(won) == pytest.approx(
        (found[:, WON] * np.arange(HORIZON + 1)).sum() / found[:, WON].sum(), abs=0.15
    )
    assert median(found, WON) == np.median(won)


def test_the_median_is_among_those_that_arrive_by_the_horizon() -> None:
    late = a_kernel((LEAD, 4, WON, 0.2), (LEAD, 8, WON, 0.4))
    assert median(entries(late, START), WON) == 8
    assert median(entries(late, START), LOST) is None


def test_a_cut_sends_those_who_stay_longer_where_such_go() -> None:
    shorter = cut(HALVES, LEAD, 5)
    assert shorter.leaves[1, LEAD, SALE] == 0.5
    assert shorter.leaves[5, LEAD, [SALE, LOST]] == pytest.approx([0.25, 0.25])
    assert shorter.leaves[6:, LEAD].sum() == 0
    # A quarter is never seen to leave: it goes as the others do that stay for long.
    staying = a_kernel((LEAD, 1, SALE, 0.5), (LEAD, 9, LOST, 0.25))
    assert cut(staying, LEAD, 5).leaves[5, LEAD, LOST] == pytest.approx(0.5)


def test_a_cut_at_what_is_the_longest_stay_changes_nothing() -> None:
    assert cut(HALVES, LEAD, 9).leaves == pytest.approx(HALVES.leaves)


def test_the_quarter_is_the_first_day_by_which_so_many_have_left() -> None:
    assert quantile(HALVES, LEAD, 0.25) == 1
    assert quantile(HALVES, LEAD, 0.75) == 7
    assert quantile(a_kernel((LEAD, 3, WON, 0.2)), LEAD, 0.25) is None


def test_nothing_comes_after_where_the_walk_ends() -> None:
    reopened = a_kernel((LEAD, 2, WON, 1.0), (WON, 3, LEAD, 1.0))
    assert entries(ends_at(reopened, WON), START)[:, WON].sum() == 1
    assert entries(reopened, START)[:, WON].sum() == 4


def test_the_kernel_counts_open_stays_for_as_long_as_they_were_watched() -> None:
    # Four stays as a lead: to a sale on day 2, last seen on day 2, lost on day 5, won on day 5.
    moved, at_risk = np.zeros((6, 5, 5)), np.zeros((6, 5))
    at_risk[:3, LEAD], at_risk[3:, LEAD] = 4, 2
    moved[2, LEAD, SALE], moved[5, LEAD, LOST], moved[5, LEAD, WON] = 1, 1, 1
    of = kernel(Counts(moved, at_risk, OPEN), HORIZON)
    assert of.leaves[2, LEAD, SALE] == 0.25
    assert of.leaves[5, LEAD, [LOST, WON]] == pytest.approx([0.375, 0.375])
    assert (of.followed[LEAD], of.followed[SALE]) == (5, -1)


def test_what_goes_on_beyond_all_that_was_watched_is_untold() -> None:
    half = a_kernel((LEAD, 2, SALE, 0.5), (SALE, 1, WON, 1.0), followed=15)
    assert untold(half, entries(half, START)) == pytest.approx(0.5)
    # Who comes to a sale on day 2 has 18 days to the horizon, and all leave within one.
    told = a_kernel((LEAD, 2, SALE, 0.5), (SALE, 1, WON, 1.0), followed=HORIZON)
    assert untold(told, entries(told, START)) == 0
