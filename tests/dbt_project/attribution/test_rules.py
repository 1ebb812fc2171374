"""What touches earn by their place and age: against the rules worked out in fractions."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from tests.dbt_project.attribution.paths_by_hand import (
    BY_RULE,
    Conversion,
    World,
    attribute,
    conversions,
    earned_by_all,
)
from tests.dbt_project.attribution.test_paths import some_world
from tests.dbt_project.attribution.weights import DIRECT, HALF_LIFE_DAYS, weights_of
from tests.dbt_project.compiled import CompiledProject, Database

CLOSE = Fraction(3, 10**12)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many worlds: each fills it anew."""
    return project.database()


def expected(world: World, conversion: Conversion, model: str) -> Mapping[str, Fraction]:
    """The share of each touch that earns, by its key."""
    path = conversion.path
    if model == "last_non_direct":
        earning = [touch for touch in path if touch.channel != DIRECT] or path
        return {earning[-1].key: Fraction(1)}
    if model == "time_decay":
        ages = [(path[-1].at - touch.at) / timedelta(days=HALF_LIFE_DAYS) for touch in path]
        parts = {t.key: Fraction(0.5**age) for t, age in zip(path, ages, strict=True)}
    else:
        parts = _by_place(world, conversion, weights_of(model, conversion.kind))
    whole = sum(parts.values())
    return {key: part / whole for key, part in parts.items()}


def _by_place(
    world: World, conversion: Conversion, weights: Mapping[str, int]
) -> dict[str, Fraction]:
    path = conversion.path
    holders = {"first": path[0], "last": path[-1]}
    [journey] = [j for j in world.journeys if j.key == conversion.journey]
    if conversion.kind == "opportunity":
        reached = conversion.at
    else:
        before = _mql_before(world, conversion, journey.prospect)
        later = [at for at in journey.opportunities if before is None or at > before]
        reached = min(later, default=None)
    if reached and conversion.at and reached <= conversion.at:
        led_there = [touch for touch in path if touch.at <= reached]
        holders |= {"opportunity": led_there[-1]} if led_there else {}
    parts: Counter[str] = Counter()
    for role, touch in holders.items():
        if role in weights:
            parts[touch.key] += weights[role]
    middle = [touch.key for touch in path if touch.key not in parts]
    found = {key: Fraction(part) for key, part in parts.items()}
    return found | {key: Fraction(weights["middle"], len(middle)) for key in middle}


def _mql_before(world: World, conversion: Conversion, prospect: str | None) -> datetime | None:
    if conversion.kind != "mql" or conversion.at is None:
        return None
    entries = [at for j in world.journeys if j.prospect == prospect for at in j.mqls]
    return max((at for at in entries if at < conversion.at), default=None)


@pytest.mark.parametrize("seed", range(6))
def test_a_wide_world_earns_by_place_and_age_what_the_rules_say(
    shared: Database, seed: int
) -> None:
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    attribute(shared, world)
    found: dict[object, dict[str, Fraction]] = {}
    for model, kind, journey, at, touch, _, credit, _ in earned_by_all(shared):
        if model in BY_RULE and touch is not None:
            found.setdefault((model, kind, journey, at), {})[touch] = credit
    told = [c for c in conversions(world) if c.path]
    assert len(found) == len(told) * len(BY_RULE)
    for conversion in told:
        for model in BY_RULE:
            credits = found[model, conversion.kind, conversion.journey, conversion.at]
            shares = expected(world, conversion, model)
            assert sum(credits.values()) == 1
            assert credits.keys() == shares.keys()
            assert all(abs(credits[key] - share) <= CLOSE for key, share in shares.items())
