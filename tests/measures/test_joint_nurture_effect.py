"""Whether working together pays: every estimand, and what is said where the data can't tell."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from lifelines import CoxTimeVaryingFitter

from connectors.sandbox.parameters import Parameters
from orchestration.measures.figures import Settings
from orchestration.measures.joint_nurture_effect import EFFECTS, joint_nurture_effect
from orchestration.statistics.adjustment import bands
from tests.dbt_project.compiled import CompiledProject
from tests.measures.simulated_deals import lives_of_deals

SETTINGS = Settings(0.95, 20)

Tables = tuple[pa.Table, pa.Table]


@pytest.fixture(scope="module")
def company(project: CompiledProject) -> Tables:
    return lives_of_deals(project, Parameters(prospects=8_000))


@pytest.fixture(scope="module")
def effects(company: Tables) -> pd.DataFrame:
    return joint_nurture_effect(*company, SETTINGS).to_pandas()


def _the(effects: pd.DataFrame, estimand: str, ending: str) -> pd.Series:
    found = effects[
        (effects.estimand == estimand) & (effects.ending == ending) & (effects.segment == "all")
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_the_hazard_ratio_is_that_of_lifelines(project: CompiledProject) -> None:
    # Fewer than for the other tests: what lifelines takes grows with the square of their number.
    company = lives_of_deals(project, Parameters(prospects=3_000))
    effects = joint_nurture_effect(*company, SETTINGS).to_pandas()
    deals, spells = (table.to_pandas() for table in company)
    deals["band"] = bands(deals.amount.astype(float).to_numpy(), 4).astype(str)
    spans = spells.merge(deals.drop(columns="ended_as"), on="deal_id")
    for ending in ("won", "lost"):
        found = _the(effects, "hazard_ratio", ending)
        assert found.adjusted_for == "segment, amount, cohort"
        levels = pd.get_dummies(spans[["segment", "band", "cohort"]], drop_first=False, dtype=float)
        kept = _kept(deals, ending)
        frame = pd.DataFrame(
            {
                "deal_id": spans.deal_id,
                "start": spans.from_day - 1,
                "stop": spans.to_day,
                "event": spans.ended_as == ending,
                "joint": spans.is_joint.astype(float),
                **{name: levels[name] for name in kept},
            }
        )
        fit = CoxTimeVaryingFitter().fit(
            frame, id_col="deal_id", start_col="start", stop_col="stop", event_col="event"
        )
        assert found.value == pytest.approx(float(np.exp(fit.params_["joint"])), rel=1e-4)


def _kept(deals: pd.DataFrame, ending: str) -> list[str]:
    """The columns that the levels with five events or more give, but the most frequent of each."""
    names = []
    for factor in ("segment", "band", "cohort"):
        events = deals[deals.ended_as == ending].groupby(factor).size()
        most = deals.groupby(factor).size().sort_index().idxmax()
        names += [f"{factor}_{level}" for level, n in events.items() if n >= 5 and level != most]
    return names


def test_more_deals_are_won_while_both_teams_work_and_ever_against_never_hides_it(
    effects: pd.DataFrame,
) -> None:
    ours, naive = _the(effects, "hazard_ratio", "won"), _the(effects, "naive_hazard_ratio", "won")
    assert ours.low < Parameters().nurture_on_won < ours.high
    assert ours.p_value < 0.05
    assert naive.value < 1


def test_every_estimand_is_there_for_all_and_each_segment(effects: pd.DataFrame) -> None:
    landmarks = effects[effects.landmark_day.notna()]
    assert sorted(effects.segment.unique()) == ["all", "enterprise", "mid", "smb"]
    assert sorted(landmarks.landmark_day.unique()) == [14, 30, 60]
    assert len(effects) == 4 * 2 * (1 + 3 * 3 + 2)
    assert set(effects[effects.horizon_days.notna()].estimand) == {
        "landmark_share_difference",
        "landmark_days_difference",
    }


def test_other_lags_show_the_hazard_ratio_alone(company: Tables) -> None:
    deals, spells = company
    other = spells.set_column(
        spells.column_names.index("lag_days"), "lag_days", pa.array([14] * len(spells), pa.int32())
    )
    found = joint_nurture_effect(deals, other, SETTINGS)
    assert set(found["estimand"].to_pylist()) == {"hazard_ratio"}


def test_the_same_deals_give_the_same_figures_in_any_order(company: Tables) -> None:
    deals, spells = company
    shuffled = deals.take(np.random.default_rng(1).permutation(len(deals)))
    turned = spells.take(np.arange(len(spells))[::-1])
    one_landmark = Settings(0.95, 20, landmarks=(30,))
    ours = joint_nurture_effect(deals, spells, one_landmark)
    assert joint_nurture_effect(shuffled, turned, one_landmark).equals(ours)


def _one_group(n: int, *, joint: bool, ended_as: str) -> Tables:
    names = pa.array([f"d{number:03}" for number in range(n)], pa.string())
    ends = pa.array([ended_as] * n, pa.string())
    deals = pa.table(
        {
            "deal_id": names,
            "cluster_id": names,
            "segment": ["smb"] * n,
            "source": ["Web"] * n,
            "amount": pa.array([None] * n, pa.decimal128(18, 2)),
            "cohort": ["2026-Q1"] * n,
            "last_day": [30 + number for number in range(n)],
            "ended_as": ends,
        }
    )
    spells = pa.table(
        {
            "lag_days": [7] * n,
            "deal_id": names,
            "from_day": [0] * n,
            "to_day": [30 + number for number in range(n)],
            "is_joint": [joint] * n,
            "ended_as": ends,
        }
    )
    return deals, spells


@pytest.mark.parametrize(
    ("n", "joint", "ended_as", "status"),
    [
        (25, True, "won", "not estimable"),
        (25, False, "won", "not estimable"),
        (25, True, "open", "too few"),
        (5, True, "won", "too few"),
    ],
)
def test_where_nobody_or_everybody_is_exposed_or_nothing_ends_the_row_says_so(
    n: int, joint: bool, ended_as: str, status: str
) -> None:
    found = joint_nurture_effect(*_one_group(n, joint=joint, ended_as=ended_as), SETTINGS)
    [ratio] = [
        row
        for row in found.to_pylist()
        if row["estimand"] == "hazard_ratio" and row["ending"] == "won"
    ]
    assert (ratio["status"], ratio["value"], ratio["n"]) == (status, None, n)


def test_a_landmark_at_which_no_deal_is_open_any_more_has_no_data() -> None:
    deals, spells = _one_group(3, joint=True, ended_as="won")
    found = joint_nurture_effect(deals, spells, SETTINGS).to_pylist()
    late = [row["status"] for row in found if row["landmark_day"] == 60]
    assert set(late) == {"no data"}


def test_without_deals_there_are_no_rows() -> None:
    deals, spells = _one_group(0, joint=True, ended_as="won")
    found = joint_nurture_effect(deals, spells, SETTINGS)
    assert found.num_rows == 0
    assert found.schema == EFFECTS
