"""How alike models rank the channels, and how far a channel depends on the model: against scipy."""

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from tests.dbt_project.attribution.paths_by_hand import MODELS, attribute
from tests.dbt_project.attribution.test_paths import some_world
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

TABLES = ("int_channel_credit", "attribution_agreement", "attribution_channel_range")
# Few different values, so that ties are common.
CREDITS = st.lists(
    st.lists(st.integers(0, 4), min_size=len(MODELS), max_size=len(MODELS)), min_size=1, max_size=9
)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many examples: each fills it anew."""
    return project.database()


def fill(database: Database, credits: list[list[int]]) -> None:
    """What each model gives to each channel, a row a channel; and build what is said of it."""
    database.fill(
        "attribution_channel",
        [
            {
                "model": model,
                "conversion": "won",
                "month": "2026-01-01",
                "channel": f"c{place}",
                "conversions": credit,
            }
            for place, of_models in enumerate(credits)
            for model, credit in zip(MODELS, of_models, strict=True)
        ],
    )
    database.build(*TABLES)


def correlation(found: float | None) -> float:
    return float("nan") if found is None else found


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(credits=CREDITS)
def test_the_correlations_are_scipys_ties_and_all(
    shared: Database, credits: list[list[int]]
) -> None:
    fill(shared, credits)
    ranked = np.array([of_models for of_models in credits if any(of_models)], dtype=float)
    found = {
        (row["model"], row["other_model"]): row
        for row in shared.rows("select * from {attribution_agreement}")
    }
    if not len(ranked):
        assert found == {}
        return
    pairs = list(combinations(sorted(MODELS), 2))
    assert found.keys() == set(pairs)
    for one, other in pairs:
        x, y = (ranked[:, MODELS.index(model)] for model in (one, other))
        row = found[one, other]
        assert row["channels"] == len(ranked)
        is_flat = len(set(x)) == 1 or len(set(y)) == 1
        rho = float("nan") if is_flat else spearmanr(x, y).statistic
        tau = float("nan") if is_flat else kendalltau(x, y).statistic
        assert correlation(row["spearman"]) == pytest.approx(rho, abs=1e-12, nan_ok=True)
        assert correlation(row["kendall"]) == pytest.approx(tau, abs=1e-12, nan_ok=True)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(credits=CREDITS)
def test_a_channel_lies_between_its_least_and_its_most_share(
    shared: Database, credits: list[list[int]]
) -> None:
    fill(shared, credits)
    total = np.array(credits, dtype=float).sum(axis=0)
    shares = {
        f"c{place}": [
            credit / whole for credit, whole in zip(of_models, total, strict=True) if whole
        ]
        for place, of_models in enumerate(credits)
        if any(of_models)
    }
    rows = shared.rows("select * from {attribution_channel_range}")
    assert {row["channel"]: (row["least_share"], row["most_share"]) for row in rows} == {
        channel: (pytest.approx(min(of)), pytest.approx(max(of))) for channel, of in shares.items()
    }
    assert [row["share_range"] for row in rows] == pytest.approx(
        [row["most_share"] - row["least_share"] for row in rows]
    )


def test_what_a_division_leaves_over_ranks_no_channel_above_another(database: Database) -> None:
    fill(database, [[1] * len(MODELS), [1] * len(MODELS), [2] * len(MODELS)])
    query = "select * from {attribution_agreement} order by model, other_model"
    told = database.rows(query)
    database.update(
        "attribution_channel",
        "conversions = conversions + 0.000000000001 "
        "where channel = 'c0' and model in ('linear', 'markov')",
    )
    database.build(*TABLES)
    assert database.rows(query) == told != []


@pytest.mark.parametrize("seed", range(3))
def test_of_what_a_wide_world_earns_every_promise_holds(shared: Database, seed: int) -> None:
    world = some_world(random.Random(seed).choice, people=12, most_touches=400)
    attribute(shared, world)
    shared.build(*TABLES)
    assert {table: failures(shared, table) for table in TABLES} == {table: {} for table in TABLES}
    [row] = shared.rows(
        "select count(*) as n, count(spearman) as known from {attribution_agreement}"
    )
    assert row["n"] == 3 * len(MODELS) * (len(MODELS) - 1) / 2
    assert row["known"] > 0


def test_where_nothing_earned_there_is_nothing_to_agree_on(database: Database) -> None:
    fill(database, [])
    assert database.rows("select * from {attribution_agreement}") == []
    assert database.rows("select * from {attribution_channel_range}") == []
