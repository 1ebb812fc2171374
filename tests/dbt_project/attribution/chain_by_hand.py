"""The Markov chain of hand-made worlds, solved in fractions and anew without each channel."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from tests.dbt_project.attribution.paths_by_hand import (
    Deal,
    Journey,
    Touch,
    World,
    conversions,
    is_own,
    path_of,
    touches_of,
)

START, CONVERSION, NOTHING = "(start)", "(conversion)", "(nothing)"
KINDS = ("mql", "opportunity", "won")

Steps = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Ended:
    """A path that ended: what it leads to, whether it came there, and why not."""

    kind: str
    channels: tuple[str, ...]
    how: str


def ended_paths(world: World) -> Iterator[Ended]:
    """Every path of a world that is over, by the book."""
    for conversion in conversions(world):
        yield Ended(conversion.kind, _channels(conversion.path), "converted")
    deals = {deal.key: deal for deal in world.deals}
    for journey in world.journeys:
        deal = deals.get(journey.deal or journey.member_of or "")
        for kind in KINDS:
            if _takes_part(journey, kind) and not _came_to(journey, deal, kind):
                yield from _unconverted(world, journey, deal, kind)


def steps_by_kind(world: World) -> dict[str, Steps]:
    """How often the paths of a world step from one state to the next, by conversion."""
    found: dict[str, Steps] = defaultdict(Counter)
    for path in ended_paths(world):
        end = CONVERSION if path.how == "converted" else NOTHING
        found[path.kind].update(pairwise((START, *path.channels, end)))
    return dict(found)


def conversion_rate(steps: Mapping[tuple[str, str], int], removed: str | None = None) -> Fraction:
    """How often a walk converts where each step to the removed channel leads to nothing."""
    states = sorted({one for one, _ in steps} - {removed})
    total: Counter[str] = Counter()
    for (one, _), count in steps.items():
        total[one] += count
    # x of a state = its step to conversion + the sum over next states of its step there * their x.
    rows = []
    for state in states:
        row = [Fraction(state == other) for other in states] + [Fraction(0)]
        for (one, other), count in steps.items():
            if one == state and other == CONVERSION:
                row[-1] += Fraction(count, total[state])
            elif one == state and other in states:
                row[states.index(other)] -= Fraction(count, total[state])
        rows.append(row)
    return _solved(rows)[states.index(START)] if states else Fraction(0)


def removal_effects(steps: Mapping[tuple[str, str], int]) -> dict[str, Fraction]:
    """The share of the conversions that goes with each channel; none where nothing converts."""
    channels = {state for step in steps for state in step} - {START, CONVERSION, NOTHING}
    rate = conversion_rate(steps)
    if rate == 0:
        return {}
    return {channel: 1 - conversion_rate(steps, channel) / rate for channel in channels}


def shares(path: Sequence[Touch], effects: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """What each touch of a path earns, by its key."""
    channels = _channels(path)
    total = sum((effects.get(channel, Fraction(0)) for channel in set(channels)), Fraction(0))
    if total == 0:
        return {touch.key: Fraction(1, len(path)) for touch in path}
    often = Counter(channels)
    return {
        touch.key: effects[channel] / total / often[channel]
        for touch, channel in zip(path, channels, strict=True)
    }


def _channels(path: Sequence[Touch]) -> tuple[str, ...]:
    return tuple(touch.channel or "unknown" for touch in path)


def _takes_part(journey: Journey, kind: str) -> bool:
    return journey.prospect is not None if kind == "mql" else journey.member_of is None


def _came_to(journey: Journey, deal: Deal | None, kind: str) -> bool:
    if kind == "won":
        return deal.outcome == "won" if deal else journey.won_at is not None
    return bool(journey.mqls if kind == "mql" else journey.opportunities)


def _unconverted(world: World, journey: Journey, deal: Deal | None, kind: str) -> Iterator[Ended]:
    if kind == "mql":
        touches = [t for t in world.touches if t.prospect == journey.prospect and is_own(world, t)]
    else:
        touches = touches_of(world, journey)
    closed_at = deal.closed_at if deal else journey.won_at or journey.given_up_at
    if deal.outcome != "open" if deal else closed_at:
        before = _earned_until(world, journey, kind, closed_at)
        path = path_of(touches, closed_at, before, world.window_days)
        yield Ended(kind, _channels(path), "closed")
        return
    before = _earned_until(world, journey, kind, world.as_of)
    ever = path_of(touches, world.as_of, before, 10_000)
    marks = [journey.opened_at] if journey.opened_at else []
    marks += [touch.at for touch in ever]
    if marks and max(marks) < world.as_of - timedelta(days=world.window_days):
        path = path_of(ever, ever[-1].at, None, world.window_days) if ever else ()
        yield Ended(kind, _channels(path), "silent" if ever else "old")


def _earned_until(
    world: World, journey: Journey, kind: str, end: datetime | None
) -> datetime | None:
    if kind != "mql" or end is None:
        return None
    entries = [at for j in world.journeys if j.prospect == journey.prospect for at in j.mqls]
    return max((at for at in entries if at <= end), default=None)


def _solved(rows: list[list[Fraction]]) -> list[Fraction]:
    """The solution of linear equations, each a row of coefficients and its right side."""
    for n in range(len(rows)):
        pivot = next(m for m in range(n, len(rows)) if rows[m][n] != 0)
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for m in range(len(rows)):
            if m != n and rows[m][n] != 0:
                rows[m] = [a - rows[m][n] * b for a, b in zip(rows[m], rows[n], strict=True)]
    return [row[-1] for row in rows]
