"""What becomes of each deal, and when: the part with the true effect of joint nurture in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.draws import Bools, Floats, Ints, choose, exponential, quantile, whole
from connectors.sandbox.journeys import Journeys, Prospects
from connectors.sandbox.people import country_of, currency_of
from connectors.sandbox.world import World

HORIZON: Final = 540
"""Days after which nothing happens to an open deal any more."""
LOOK_BACK: Final = 37
LAG: Final = 7
"""Joint nurture at t: both teams touched in (t - LOOK_BACK, t - LAG] days."""

OPEN, WON, LOST = range(3)
OUTCOMES: Final = ("open", "won", "lost")
LARGE_FROM: Final = 40_000.0
"""From this worth in USD on a deal is large."""

CLOSE_REASONS: Final = ("Price", "Competitor", "No decision", "Timing", "Missing feature")
_REASON_WEIGHTS: Final = (0.24, 0.22, 0.3, 0.14, 0.1)
_AMOUNTS: Final = (
    ((0.0, 3e3), (0.25, 7e3), (0.5, 1.2e4), (0.75, 2.1e4), (0.95, 4.5e4), (1.0, 7e4)),
    ((0.0, 8e3), (0.25, 2e4), (0.5, 3.2e4), (0.75, 5.5e4), (0.95, 1.1e5), (1.0, 1.8e5)),
    ((0.0, 2.5e4), (0.25, 6e4), (0.5, 9.5e4), (0.75, 1.6e5), (0.95, 3.4e5), (1.0, 7.5e5)),
)
_WORTH_USD: Final = np.array([1.0, 1.28, 1.1])
_ROUND_TO: Final = 50

_ESTIMATE_OFF: Final = ((0.0, 0.7), (0.2, 0.85), (0.35, 1.0), (0.7, 1.0), (0.9, 1.2), (1.0, 1.5))
_NO_ESTIMATE: Final = 0.06
_DISCOUNTED: Final = 0.25
_BEFORE_DISCOUNT: Final = 1.1

_WON_A_DAY: Final = 0.0031
_WON_RAMP: Final = 35.0
_LOST_A_DAY: Final = 0.0150
_LOST_RAMP: Final = 25.0

# How likely each team is at work on a deal in a six-week block, by segment, and how often then.
_BLOCK: Final = 42
_MARKETING_ON: Final = np.array([0.26, 0.42, 0.60])
_SALES_ON: Final = np.array([0.52, 0.62, 0.74])
_LARGE_MORE: Final = 0.12
_MARKETING_DAILY: Final = (0.006, 0.085)
_SALES_DAILY: Final = (0.012, 0.19)

# In which stage a deal that is not won stays: Discovery, Proposal, Negotiation.
_LOST_FROM: Final = (0.3, 0.42, 0.28)
_FROM_DISCOVERY, _FROM_NEGOTIATION = 0, 2
_REOPENS: Final = 0.04
_REOPENED_WINS: Final = 0.45
_COLLEAGUES: Final = np.array(
    [[0.45, 0.4, 0.13, 0.02], [0.2, 0.4, 0.3, 0.1], [0.08, 0.27, 0.4, 0.25]]
)


@dataclass(frozen=True)
class Deals:
    """Deals, row by row; `row` is the place of the deal's prospect in its Prospects.

    The matrices have a column a day from the day of `opened_at` (at home) on: which days have a
    touch of each team, and on which days the deal is jointly nurtured. What they hold from the day
    of `closed_at` on did not happen.

    `estimate` (NaN: none) is what a deal is said to amount to from its start on, `quote` from its
    proposal on, `amount` from its negotiation on.
    """

    number: Ints
    row: Ints
    account: Ints
    segment: Ints
    currency: Ints
    estimate: Floats
    quote: Floats
    amount: Floats
    worth_usd: Floats
    is_large: Bools
    colleagues: Ints
    opened_at: Ints
    opened_day: Ints
    proposal_at: Ints
    negotiation_at: Ints
    outcome: Ints
    closed_at: Ints
    reason: Ints
    reopened_at: Ints
    closed_again_at: Ints
    closed_again: Ints
    marketing_days: NDArray[np.bool_]
    sales_days: NDArray[np.bool_]
    nurtured_days: NDArray[np.bool_]


def make_deals(
    world: World,
    prospects: Prospects,
    journeys: Journeys,
    marketing_before: tuple[Ints, Ints],
    sales_before: tuple[Ints, Ints],
) -> Deals:
    """The deals that the journeys led to.

    `marketing_before` and `sales_before` are the rows and instants of each team's touches on
    prospects before their deals: they too count for joint nurture.
    """
    row = np.nonzero(journeys.opportunity_at < world.end)[0]
    number = prospects.number[row]
    account, segment = prospects.account[row], prospects.segment[row]
    opened_at = journeys.opportunity_at[row]
    opened_day = world.calendar.local_day(opened_at)
    worth = _amounts(world, number, segment)
    currency = currency_of(country_of(world, account))
    amount = np.maximum(np.rint(worth / _WORTH_USD[currency] / _ROUND_TO), 1.0) * _ROUND_TO
    is_large = worth >= LARGE_FROM
    estimate, quote = _guesses(world, number, amount)

    marketing = _touch_days(
        world,
        "marketing",
        number,
        opened_day,
        share_on=_on(_MARKETING_ON, segment, is_large),
        daily=_MARKETING_DAILY,
    )
    sales = _touch_days(
        world,
        "sales",
        number,
        opened_day,
        share_on=_on(_SALES_ON, segment, is_large),
        daily=_SALES_DAILY,
    )
    nurtured = _recent(world, marketing, row, opened_day, marketing_before) & _recent(
        world, sales, row, opened_day, sales_before
    )
    outcome, closed_at = _closes(
        world, number, opened_day, segment=segment, is_large=is_large, nurtured=nurtured
    )
    # A deal that is opened and closed on one day closes after it was opened.
    closed_at = np.maximum(closed_at, opened_at + 1800)
    closed_at = np.where(outcome == OPEN, NEVER, closed_at)
    proposal_at, negotiation_at = _stages(world, number, opened_at, closed_at, outcome)
    reopened_at, closed_again_at, closed_again = _reopens(world, number, outcome, closed_at)
    return Deals(
        number=number,
        row=row,
        account=account,
        segment=segment,
        currency=currency,
        estimate=estimate,
        quote=quote,
        amount=amount,
        worth_usd=worth,
        is_large=is_large,
        colleagues=choose(world.draw("colleagues", number), _COLLEAGUES[segment]),
        opened_at=opened_at,
        opened_day=opened_day,
        proposal_at=proposal_at,
        negotiation_at=negotiation_at,
        outcome=outcome,
        closed_at=closed_at,
        reason=choose(world.draw("close reason", number), _REASON_WEIGHTS),
        reopened_at=reopened_at,
        closed_again_at=closed_again_at,
        closed_again=closed_again,
        marketing_days=marketing,
        sales_days=sales,
        nurtured_days=nurtured,
    )


def _amounts(world: World, number: Ints, segment: Ints) -> Floats:
    uniform = world.draw("amount", number)
    by_segment = np.stack([quantile(uniform, knots) for knots in _AMOUNTS])
    return by_segment[segment, np.arange(len(number))]


def _guesses(world: World, number: Ints, amount: Floats) -> tuple[Floats, Floats]:
    """What sales takes each deal for before and with its proposal."""
    off = quantile(world.draw("estimate", number), _ESTIMATE_OFF)
    estimate = np.maximum(np.rint(amount * off / _ROUND_TO), 1.0) * _ROUND_TO
    is_left_out = world.draw("no estimate", number) < _NO_ESTIMATE
    is_reduced = world.draw("discount", number) < _DISCOUNTED
    quote = np.where(is_reduced, np.rint(amount * _BEFORE_DISCOUNT / _ROUND_TO) * _ROUND_TO, amount)
    return np.where(is_left_out, np.nan, estimate), quote


def amounts_at(deals: Deals, instants: Ints) -> Floats:
    """What each deal is said to amount to at an instant of its own; NaN: nobody has said."""
    is_negotiated, is_proposed = instants >= deals.negotiation_at, instants >= deals.proposal_at
    return np.where(is_negotiated, deals.amount, np.where(is_proposed, deals.quote, deals.estimate))


def _on(shares: Floats, segment: Ints, is_large: Bools) -> Floats:
    return shares[segment] + _LARGE_MORE * is_large


def _touch_days(
    world: World,
    team: str,
    number: Ints,
    opened_day: Ints,
    *,
    share_on: Floats,
    daily: tuple[float, float],
) -> NDArray[np.bool_]:
    """On which days a team touches each deal: a lot in its blocks of work, rarely between them."""
    days = np.arange(HORIZON, dtype=np.int64)
    blocks = -(-HORIZON // _BLOCK)
    keys = number[:, None] * blocks + np.arange(blocks)
    is_on = world.draw(f"{team} block", keys) < share_on[:, None]
    chance = np.where(is_on, daily[1], daily[0])[:, days // _BLOCK]
    touched = world.draw(f"{team} day", number[:, None] * HORIZON + days) < chance
    return touched & world.calendar.works_on(opened_day[:, None] + days)


def _recent(
    world: World,
    touched: NDArray[np.bool_],
    row: Ints,
    opened_day: Ints,
    before: tuple[Ints, Ints],
) -> NDArray[np.bool_]:
    """Whether there is a touch in the days (t - LOOK_BACK, t - LAG] of each day t, those before the
    deal included.
    """
    deals = len(row)
    counts = np.zeros((deals, LOOK_BACK + HORIZON), dtype=np.int32)
    counts[:, LOOK_BACK:] = touched
    place_of_row = np.full(int(row.max(initial=-1)) + 1, -1, dtype=np.int64)
    place_of_row[row] = np.arange(deals)
    rows, instants = before
    rows, instants = rows[rows < len(place_of_row)], instants[rows < len(place_of_row)]
    place = place_of_row[rows]
    column = world.calendar.local_day(instants) - opened_day[place] + LOOK_BACK
    is_near = (place >= 0) & (column >= 0) & (column < LOOK_BACK)
    counts[place[is_near], column[is_near]] = 1
    reached = np.concatenate(
        [np.zeros((deals, 1), dtype=np.int32), np.cumsum(counts, axis=1, dtype=np.int32)], axis=1
    )
    days = np.arange(HORIZON) + LOOK_BACK
    return np.asarray(reached[:, days - LAG + 1] > reached[:, days - LOOK_BACK + 1])


def _closes(
    world: World,
    number: Ints,
    opened_day: Ints,
    *,
    segment: Ints,
    is_large: Bools,
    nurtured: NDArray[np.bool_],
) -> tuple[Ints, Ints]:
    """Outcome and close of each deal: won and lost compete, day by day."""
    truth = world.parameters
    days = np.arange(HORIZON, dtype=np.int64)
    works = world.calendar.works_on(opened_day[:, None] + days)
    won = _WON_A_DAY * np.minimum((days + 1) / _WON_RAMP, 1.0) * works
    won = won * np.where(nurtured, truth.nurture_on_won, 1.0)
    won *= (np.array(truth.segment_on_won)[segment] * np.where(is_large, truth.large_on_won, 1.0))[
        :, None
    ]
    lost = _LOST_A_DAY * np.minimum((days + 1) / _LOST_RAMP, 1.0) * works
    lost = lost * np.where(nurtured, truth.nurture_on_lost, 1.0)
    lost *= np.array(truth.segment_on_lost)[segment][:, None]
    reached = np.cumsum(won + lost, axis=1)
    threshold = exponential(world.draw("close", number))
    closes = reached[:, -1] > threshold
    day = np.argmax(reached > threshold[:, None], axis=1)
    each = np.arange(len(number))
    share = won[each, day] / np.maximum(won[each, day] + lost[each, day], 1e-12)
    is_won = world.draw("close how", number) < share
    second = whole(10 * 3600 + world.draw("close hour", number) * 7 * 3600)
    outcome = np.where(closes, np.where(is_won, WON, LOST), OPEN)
    return outcome, world.calendar.instant(opened_day + day, second)


def _stages(
    world: World, number: Ints, opened_at: Ints, closed_at: Ints, outcome: Ints
) -> tuple[Ints, Ints]:
    """When each deal reaches Proposal and Negotiation; lost ones often end before."""
    length = np.where(outcome == OPEN, HORIZON * DAY, closed_at - opened_at)
    first = whole(length * (0.2 + 0.25 * world.draw("proposal", number)))
    second = whole(length * (0.55 + 0.25 * world.draw("negotiation", number)))
    ends_in = choose(world.draw("how far", number), _LOST_FROM)
    is_proposed = (outcome == WON) | (ends_in != _FROM_DISCOVERY)
    is_negotiated = (outcome == WON) | (ends_in == _FROM_NEGOTIATION)
    proposal_at = np.where(is_proposed, opened_at + first, NEVER)
    return proposal_at, np.where(is_negotiated, opened_at + second, NEVER)


def _reopens(world: World, number: Ints, outcome: Ints, closed_at: Ints) -> tuple[Ints, Ints, Ints]:
    """When some lost deals are opened again, and how and when those end."""
    reopens = (outcome == LOST) & (world.draw("reopens", number) < _REOPENS)
    wait = 2400.0 + 9000.0 * world.draw("reopen wait", number)
    reopened_at = np.where(reopens, world.calendar.after(closed_at, wait), NEVER)
    length = 2400.0 + 12000.0 * world.draw("reopen length", number)
    closed_again_at = world.calendar.after(reopened_at, length)
    wins = world.draw("reopened wins", number) < _REOPENED_WINS
    return reopened_at, closed_again_at, np.where(reopens, np.where(wins, WON, LOST), OPEN)
