"""Kaplan-Meier and Aalen-Johansen written out by their definitions, one day after the other.

An oracle for the published curves where no library gives exact ties with delayed entry. Source of
the formulas: Aalen and Johansen 1978; METRICS' risk set: entry < t <= exit, entry 0 counts from 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spell:
    """One journey: at risk from day `entry` to day `exit`, which it left for `cause` (or not)."""

    entry: int
    exit: int
    cause: str | None


@dataclass(frozen=True)
class Point:
    """The estimates at one day."""

    at_risk: int
    survival: float
    incidence: dict[str, float]


def curve(spells: Sequence[Spell], *, minimum_at_risk: int) -> dict[int, Point]:
    """The estimates at each day with an exit, from where `minimum_at_risk` are at risk on."""
    points: dict[int, Point] = {}
    survival, incidence = 1.0, dict.fromkeys({s.cause for s in spells if s.cause}, 0.0)
    for day in range(max(s.exit for s in spells) + 1):
        at_risk = [s for s in spells if (s.entry < day or s.entry == 0) and s.exit >= day]
        if len(at_risk) < minimum_at_risk and not points:
            continue
        exits = [s.cause for s in at_risk if s.exit == day and s.cause]
        if not exits:
            continue
        for cause in incidence:
            incidence[cause] += survival * exits.count(cause) / len(at_risk)
        survival *= 1 - len(exits) / len(at_risk)
        points[day] = Point(len(at_risk), survival, dict(incidence))
    return points
