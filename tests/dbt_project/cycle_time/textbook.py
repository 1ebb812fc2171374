"""Kaplan-Meier and Aalen-Johansen straight from their definitions, in exact fractions.

Independent of the models: sums over people and days, nothing running, no logarithms. Formulas:
Aalen and Johansen 1978; variances: Greenwood 1926, and for a cumulative incidence Marubini and
Valsecchi 1995, p. 341.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

CAUSES = ("won", "lost", "disqualified")


@dataclass(frozen=True)
class Spell:
    """At risk after day `entry` (from day 0 on where that is 0), up to and including `exit`."""

    entry: int
    exit: int
    outcome: str


@dataclass(frozen=True)
class Point:
    """What is estimated at one day."""

    at_risk: int
    survival: Fraction
    incidence: dict[str, Fraction]


def at_risk(spells: Sequence[Spell], day: int) -> list[Spell]:
    """The risk set of a day."""
    return [s for s in spells if (s.entry < day or s.entry == 0) and day <= s.exit]


def start(spells: Sequence[Spell], minimum: int) -> int | None:
    """The first day with so many at risk; None where there never are."""
    days = range(max((s.exit for s in spells), default=-1) + 1)
    return next((day for day in days if len(at_risk(spells, day)) >= minimum), None)


def curve(spells: Sequence[Spell], minimum: int = 1) -> dict[int, Point]:
    """The estimates on every day from the curve's start to the last exit."""
    first = start(spells, minimum)
    if first is None:
        return {}
    points: dict[int, Point] = {}
    survival, incidence = Fraction(1), dict.fromkeys(CAUSES, Fraction(0))
    for day in range(first, max(s.exit for s in spells) + 1):
        risk_set = at_risk(spells, day)
        exits = [s.outcome for s in risk_set if s.exit == day and s.outcome in CAUSES]
        if exits:
            n = len(risk_set)
            incidence = {
                cause: incidence[cause] + survival * Fraction(exits.count(cause), n)
                for cause in CAUSES
            }
            survival *= 1 - Fraction(len(exits), n)
        points[day] = Point(len(risk_set), survival, incidence)
    return points


def incidence_variance(spells: Sequence[Spell], cause: str, day: int, minimum: int = 1) -> Fraction:
    """Variance of a cumulative incidence at a day, summed over the days up to it."""
    points = curve(spells, minimum)
    reached = points[day].incidence[cause]
    total, before = Fraction(0), Fraction(1)
    for at, point in points.items():
        if at > day:
            break
        exits = [s.outcome for s in at_risk(spells, at) if s.exit == at and s.outcome in CAUSES]
        n, d, k = point.at_risk, len(exits), exits.count(cause)
        ahead = reached - point.incidence[cause]
        if d and ahead:
            total += ahead**2 * Fraction(d, n * (n - d))
        if d:
            total += before**2 * Fraction(k * (n - k), n**3) - 2 * ahead * before * Fraction(
                k, n**2
            )
        before = point.survival
    return total


def restricted_mean(spells: Sequence[Spell], horizon: int, minimum: int = 1) -> Fraction:
    """The area under survival from 0 to the horizon; 1 up to where the curve starts."""
    points = curve(spells, minimum)
    area, survival = Fraction(0), Fraction(1)
    for day in range(horizon):
        survival = points[day].survival if day in points else survival
        area += survival
    return area
