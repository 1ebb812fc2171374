"""What happens to each prospect on the way from aware to opportunity."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.draws import Bools, Floats, Ints, choose, exponential, whole
from connectors.sandbox.people import account_of, employees_of, segment_of
from connectors.sandbox.world import World

PASSES: Final = 3
"""How often a prospect is handed to sales at most."""
ATTEMPTS: Final = 6
"""How often sales tries to reach a prospect in one pass at most."""

ACCEPTED, REJECTED, RECYCLED, IGNORED = range(4)
DECISIONS: Final = ("accepted", "rejected", "recycled", "ignored")

# Columns: smb, mid, enterprise; one row a channel.
_CHANNEL_WEIGHTS: Final = np.array(
    [
        [0.26, 0.22, 0.10, 0.06, 0.08, 0.12, 0.16],
        [0.20, 0.20, 0.16, 0.11, 0.10, 0.14, 0.09],
        [0.12, 0.16, 0.17, 0.19, 0.12, 0.20, 0.04],
    ]
)
_BECOMES_LEAD: Final = np.array([0.72, 0.66, 0.84, 0.80, 0.88, 0.55, 0.60])
_LEAD_DAYS: Final = np.array([6.0, 14.0, 4.0, 5.0, 5.0, 9.0, 10.0])
_BECOMES_MQL: Final = np.array([0.52, 0.48, 0.55, 0.60, 0.75, 0.62, 0.40])
_JUNK: Final = 0.08
_MQL_DAYS: Final = 16.0
_DECISIONS_FIRST: Final = np.array(
    [
        [0.60, 0.18, 0.10, 0.12],
        [0.64, 0.15, 0.10, 0.11],
        [0.60, 0.17, 0.12, 0.11],
        [0.66, 0.13, 0.10, 0.11],
        [0.80, 0.06, 0.07, 0.07],
        [0.76, 0.09, 0.10, 0.05],
        [0.50, 0.26, 0.10, 0.14],
    ]
)
_DECISIONS_LATER: Final = (0.60, 0.14, 0.08, 0.18)
_ATTEMPTS_DECIDED: Final = (0.42, 0.24, 0.16, 0.10, 0.05, 0.03)
_ATTEMPTS_IGNORED: Final = (0.55, 0.28, 0.17)
_PROMPT: Final = 0.72
_PROMPT_MINUTES: Final = 95.0
_SLOW_MINUTES: Final = 640.0
_GAP_MINUTES: Final = 420.0
_TWO_WAY: Final = 0.65
_DECISION_MINUTES: Final = 160.0
# On to the next stage, disqualified, recycled.
_LEFT_DISQUALIFIED, _LEFT_RECYCLED = 1, 2
_AFTER_SAL: Final = (0.70, 0.18, 0.12)
_SAL_MINUTES: Final = 2400.0
_AFTER_SQL: Final = (0.78, 0.13, 0.09)
_SQL_MINUTES: Final = 2100.0
_RETURNS: Final = 0.5
_RETURN_DAYS: Final = 40.0
# Some who were disqualified qualify anew later, in a journey of their own.
_COMES_BACK: Final = 0.08
_COME_BACK_DAYS: Final = 75.0
_REST: Final = 0.45
"""Nobody returns before this share of the mean wait."""


_REJECT_REASONS: Final = ("No fit", "Bad data", "Duplicate", "No budget", "Student or competitor")
_RECYCLE_REASONS: Final = ("Not now", "No answer", "No budget")
REASONS: Final = (*_REJECT_REASONS, *_RECYCLE_REASONS)
"""Why sales does not want a prospect: for good, then for the time being."""

JUNK_REASON: Final = "Bad data"
"""Why a lead that never qualified is sorted out."""


@dataclass(frozen=True)
class Prospects:
    """Prospects, row by row, before anything happens to them."""

    number: Ints
    account: Ints
    segment: Ints
    channel: Ints
    aware_at: Ints


@dataclass(frozen=True)
class Pass:
    """One way of each prospect through marketing's handoff and sales' qualification.

    All times in seconds, NEVER for what does not happen. `attempt_at` has a column an attempt.
    `left` is why the prospect left sales after it was accepted: 1 disqualified, 2 recycled.
    """

    mql_at: Ints
    attempt_at: Ints
    decision: Ints
    decided_at: Ints
    two_way: Bools
    sal_at: Ints
    sql_at: Ints
    left: Ints
    left_at: Ints
    opportunity_at: Ints
    recycled_at: Ints
    disqualified_at: Ints


@dataclass(frozen=True)
class Journeys:
    """What happens to each prospect before its deal.

    `journey_of_pass` says, for each pass, in which of the prospect's journeys it is, from 1: one
    that was disqualified is over, and a new qualification opens the next.
    """

    lead_at: Ints
    junk_at: Ints
    passes: tuple[Pass, ...]
    journey_of_pass: tuple[Ints, ...]
    opportunity_at: Ints
    disqualified_at: Ints


def make_prospects(world: World, numbers: Ints) -> Prospects:
    """The prospects of these numbers, with how and when they first hear of the company."""
    account = account_of(world, numbers)
    segment = segment_of(employees_of(world, account))
    return Prospects(
        number=numbers,
        account=account,
        segment=segment,
        channel=choose(world.draw("channel", numbers), _CHANNEL_WEIGHTS[segment]),
        aware_at=world.arrivals(numbers),
    )


def make_journeys(world: World, prospects: Prospects) -> Journeys:
    """What happens to the prospects until sales opens a deal, or none."""
    numbers, channel = prospects.number, prospects.channel
    becomes = world.draw("becomes lead", numbers) < _BECOMES_LEAD[channel]
    wait = _days(world, "lead", numbers, _LEAD_DAYS[channel])
    lead_at = _if(becomes, prospects.aware_at + 120 + wait)

    fate = world.draw("lead fate", numbers)
    wait = _days(world, "mql", numbers, np.full(len(numbers), _MQL_DAYS))
    qualifies = becomes & (fate < _BECOMES_MQL[channel])
    is_junk = becomes & (fate > 1.0 - _JUNK)
    junk_at = _if(is_junk, world.calendar.after(lead_at, wait / DAY * 500.0))

    first = _if(qualifies, lead_at + 300 + wait)
    passes: list[Pass] = []
    journey = np.ones(len(numbers), dtype=np.int64)
    journey_of_pass: list[Ints] = []
    for which in range(PASSES):
        keys = numbers * PASSES + which
        way = _make_pass(world, keys, channel, first, is_first=which == 0)
        passes.append(way)
        journey_of_pass.append(journey)
        is_over = way.disqualified_at < NEVER
        returns = world.draw("returns", keys) < np.where(is_over, _COMES_BACK, _RETURNS)
        left_at = np.minimum(way.recycled_at, way.disqualified_at)
        rest = np.where(is_over, _COME_BACK_DAYS, _RETURN_DAYS)
        wait = whole(rest * _REST * DAY) + _days(world, "return", keys, rest)
        first = _if(returns & (left_at < NEVER), left_at + wait)
        journey = journey + is_over
    return Journeys(
        lead_at=lead_at,
        junk_at=junk_at,
        passes=tuple(passes),
        journey_of_pass=tuple(journey_of_pass),
        opportunity_at=np.minimum.reduce([way.opportunity_at for way in passes]),
        disqualified_at=np.minimum.reduce([junk_at, *(way.disqualified_at for way in passes)]),
    )


def rejected_because(world: World, numbers: Ints, which: int) -> Ints:
    """Why the prospects would be disqualified in that pass, as places in REASONS."""
    keys = numbers * PASSES + which
    return whole(world.draw("reject reason", keys) * len(_REJECT_REASONS))


def recycled_because(world: World, numbers: Ints, which: int) -> Ints:
    """Why the prospects would be recycled in that pass, as places in REASONS."""
    keys = numbers * PASSES + which
    place = whole(world.draw("recycle reason", keys) * len(_RECYCLE_REASONS))
    return len(_REJECT_REASONS) + place


def _make_pass(world: World, keys: Ints, channel: Ints, mql_at: Ints, *, is_first: bool) -> Pass:
    happens = mql_at < NEVER
    weights = _DECISIONS_FIRST[channel] if is_first else np.array(_DECISIONS_LATER)
    decision = choose(world.draw("decision", keys), weights)
    attempt_at, last = _attempts(world, keys, mql_at, decision)
    decided_at = world.calendar.after(last, 10 + _minutes(world, "decide", keys, _DECISION_MINUTES))
    decided_at = _if(happens & (decision != IGNORED), decided_at)
    two_way = (decision == ACCEPTED) | (
        (decision != IGNORED) & (world.draw("two way", keys) < _TWO_WAY)
    )
    sal_at = _if(decision == ACCEPTED, decided_at)

    after_sal = choose(world.draw("after sal", keys), _AFTER_SAL)
    leaves_sal = world.calendar.after(sal_at, 30 + _minutes(world, "sal", keys, _SAL_MINUTES))
    sql_at = _if(after_sal == 0, leaves_sal)
    after_sql = choose(world.draw("after sql", keys), _AFTER_SQL)
    leaves_sql = world.calendar.after(sql_at, 30 + _minutes(world, "sql", keys, _SQL_MINUTES))
    opportunity_at = _if((sql_at < NEVER) & (after_sql == 0), leaves_sql)

    left = np.where(sql_at < NEVER, after_sql, after_sal)
    left_at = np.where(sql_at < NEVER, leaves_sql, leaves_sal)
    left_at = _if((left > 0) & (sal_at < NEVER), left_at)
    is_recycled = decision == RECYCLED
    is_rejected = decision == REJECTED
    return Pass(
        mql_at=mql_at,
        attempt_at=attempt_at,
        decision=decision,
        decided_at=decided_at,
        two_way=two_way,
        sal_at=sal_at,
        sql_at=sql_at,
        left=left,
        left_at=left_at,
        opportunity_at=opportunity_at,
        recycled_at=np.where(is_recycled, decided_at, _if(left == _LEFT_RECYCLED, left_at)),
        disqualified_at=np.where(is_rejected, decided_at, _if(left == _LEFT_DISQUALIFIED, left_at)),
    )


def _attempts(world: World, keys: Ints, mql_at: Ints, decision: Ints) -> tuple[Ints, Ints]:
    """The instants at which sales tries, a column an attempt, and the last of them."""
    uniform = world.draw("attempts", keys)
    tries = np.where(
        decision == IGNORED,
        choose(uniform, _ATTEMPTS_IGNORED),
        1 + choose(uniform, _ATTEMPTS_DECIDED),
    )
    is_prompt = world.draw("prompt", keys) < _PROMPT
    mean = np.where(is_prompt, _PROMPT_MINUTES, _SLOW_MINUTES)
    at = world.calendar.after(mql_at, 2 + mean * exponential(world.draw("delay", keys)))
    columns, last = [], np.full(len(keys), NEVER, dtype=np.int64)
    for which in range(ATTEMPTS):
        happens = (which < tries) & (mql_at < NEVER)
        columns.append(_if(happens, at))
        last = np.where(happens, at, last)
        gap = _minutes(world, f"gap {which}", keys, _GAP_MINUTES)
        at = world.calendar.after(at, 60 + gap)
    return np.stack(columns, axis=1), last


def _minutes(world: World, purpose: str, keys: Ints, mean: float) -> Floats:
    return mean * exponential(world.draw(purpose + " time", keys))


def _days(world: World, purpose: str, keys: Ints, mean: Floats) -> Ints:
    """Waiting times in seconds, of `mean` days."""
    return whole(mean * DAY * exponential(world.draw(purpose + " wait", keys)))


def _if(condition: Bools, at: Ints) -> Ints:
    """The instants where the condition holds, else NEVER; never later than NEVER."""
    return np.where(condition, np.minimum(at, NEVER), NEVER)
