"""Which touches are one: a system's record of what another system logged too."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from tests.dbt_project.oracle.records import Touch

Subject = object


def same_touches(
    touches: Iterable[Touch], subject_of: Callable[[Touch], Subject | None], minutes: int
) -> dict[Touch, Touch]:
    """Each copy with the touch that stands for it."""
    alike: dict[object, list[Touch]] = defaultdict(list)
    for touch in touches:
        subject = subject_of(touch)
        if subject is not None:
            alike[subject, touch.kind, touch.direction].append(touch)
    found: dict[Touch, Touch] = {}
    for group in alike.values():
        to_the_moment = [touch for touch in group if not touch.is_day_only]
        found |= _within(to_the_moment, timedelta(minutes=minutes))
        standing = [touch for touch in to_the_moment if touch not in found]
        found |= _by_day([touch for touch in group if touch.is_day_only], standing)
    return found


def _within(touches: list[Touch], near: timedelta) -> dict[Touch, Touch]:
    runs: list[list[Touch]] = []
    for touch in sorted(touches, key=lambda touch: (touch.at, touch.key)):
        if runs and touch.at - runs[-1][-1].at <= near:
            runs[-1].append(touch)
        else:
            runs.append([touch])
    found = {}
    for run in runs:
        for same in _nth_of_each_system(run):
            best = min(same, key=lambda touch: (-touch.n_known, touch.at, touch.key))
            found |= {t: best for t in same if t != best and abs(t.at - best.at) <= near}
    return found


def _by_day(by_day: list[Touch], standing: list[Touch]) -> dict[Touch, Touch]:
    found: dict[Touch, Touch] = {}
    for day in {touch.at.date() for touch in by_day}:
        alone = []
        for system in {touch.source for touch in by_day}:
            ours = [t for t in by_day if (t.source, t.at.date()) == (system, day)]
            theirs = [t for t in standing if t.source != system and t.at.date() == day]
            ours.sort(key=lambda touch: touch.key)
            theirs.sort(key=lambda touch: (touch.at, touch.key))
            found |= dict(zip(ours, theirs, strict=False))
            alone += ours[len(theirs) :]
        for same in _nth_of_each_system(sorted(alone, key=lambda touch: touch.key)):
            best = min(same, key=lambda touch: touch.key)
            found |= {touch: best for touch in same if touch != best}
    return found


def _nth_of_each_system(touches: list[Touch]) -> list[list[Touch]]:
    """The first ones of all systems, the second ones, and so on."""
    of_system: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches:
        of_system[touch.source].append(touch)
    most = max((len(each) for each in of_system.values()), default=0)
    return [[each[n] for each in of_system.values() if len(each) > n] for n in range(most)]
