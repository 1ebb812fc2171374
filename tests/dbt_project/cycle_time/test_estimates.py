"""The estimates of cycle_time_curve against textbook sums in exact fractions, and lifelines."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from scipy.stats import norm

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.cycle_time import textbook
from tests.dbt_project.cycle_time.journeys import curve_rows, fill_agreement, summary_row
from tests.dbt_project.cycle_time.textbook import CAUSES, Spell
from tests.examples import examples

HORIZON = 20
Z = float(norm.ppf(0.975))


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many sets of spells: each fills it anew."""
    return project.database()


def estimate(database: Database, spells: Sequence[Spell], *, minimum: int = 1) -> None:
    """Build the marts from these spells."""
    counts = Counter(spells)
    database.fill(
        "int_cycle_count",
        [
            {
                "curve": "mql_to_won",
                "from_stage": "mql",
                "unit": "calendar",
                "segment": "all",
                "cohort": "all",
                "slice_kind": "all",
                "slice": "all",
                "standing": "at_risk",
                "outcome": spell.outcome,
                "entry_day": spell.entry,
                "exit_day": spell.exit,
                "spells": count,
            }
            for spell, count in counts.items()
        ],
    )
    fill_agreement(database, horizon_days=HORIZON, time_zone="UTC", minimum_at_risk=minimum)
    database.build_with_parents("cycle_time_curve", "cycle_time_summary", given=["int_cycle_count"])


@st.composite
def spell(draw: st.DrawFn) -> Spell:
    entry = draw(st.one_of(st.just(0), st.integers(1, 12)))
    exit_ = draw(st.integers(entry + 1 if entry else 0, 25))
    return Spell(entry, exit_, draw(st.sampled_from([*CAUSES, "open"])))


many_spells = st.lists(spell(), min_size=1, max_size=40)
prompt_spells = st.lists(
    st.builds(Spell, st.just(0), st.integers(0, 25), st.sampled_from([*CAUSES, "open"])),
    min_size=1,
    max_size=40,
)
often = settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(spells=many_spells, minimum=st.integers(1, 6))
def test_every_day_is_the_textbooks(
    shared: Database, spells: Sequence[Spell], minimum: int
) -> None:
    estimate(shared, spells, minimum=minimum)
    expected = textbook.curve(spells, minimum)
    rows = curve_rows(shared)
    moves = {s.exit for s in spells} | {s.entry for s in spells}
    assert [row["day"] for row in rows] == sorted(day for day in moves if day in expected)
    for row in rows:
        point = expected[row["day"]]
        assert row["at_risk"] == point.at_risk
        assert row["survival"] == pytest.approx(float(point.survival), abs=1e-12)
        for cause in CAUSES:
            assert row[f"cif_{cause}"] == pytest.approx(float(point.incidence[cause]), abs=1e-12)
            variance = textbook.incidence_variance(spells, cause, row["day"], minimum)
            assert row[f"cif_{cause}_se"] ** 2 == pytest.approx(float(variance), abs=1e-12)


def test_where_everybody_won_the_error_is_zero_and_there_is_no_interval(shared: Database) -> None:
    for count in (3, 7, 13):
        ends = enumerate((count, 5, 11, 2, 17, 23, 6), start=1)
        estimate(shared, [Spell(0, day, "won") for day, exits in ends for _ in range(exits)])
        *_, last = curve_rows(shared)
        assert last["cif_won"] == pytest.approx(1, abs=1e-12)
        assert (last["cif_won_se"], last["cif_won_low"], last["cif_won_high"]) == (0, None, None)


@often
@given(spells=many_spells, minimum=st.integers(1, 6))
def test_a_curve_keeps_its_promises(
    shared: Database, spells: Sequence[Spell], minimum: int
) -> None:
    estimate(shared, spells, minimum=minimum)
    rows = curve_rows(shared)
    for row in rows:
        shares = [row["survival"], *(row[f"cif_{cause}"] for cause in CAUSES)]
        assert sum(shares) == pytest.approx(1, abs=1e-12)
        assert all(-1e-12 <= share <= 1 + 1e-12 for share in shares)
        assert row["exited"] == sum(row[cause] for cause in CAUSES)
        for name in ("survival", "cif_won", "cif_lost", "cif_disqualified"):
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            assert low is None or 0 <= low <= row[name] <= high <= 1
    for row, after in pairwise(rows):
        assert after["survival"] <= row["survival"]
        assert all(after[f"cif_{cause}"] >= row[f"cif_{cause}"] for cause in CAUSES)
        gone = row["exited"] + row["censored"]
        entered = row["entered"] if row["day"] else 0
        assert after["at_risk"] == row["at_risk"] + entered - gone


@often
@given(spells=many_spells, minimum=st.integers(1, 6))
def test_the_summary_is_read_off_the_exact_curve(
    shared: Database, spells: Sequence[Spell], minimum: int
) -> None:
    estimate(shared, spells, minimum=minimum)
    row = summary_row(shared)
    points = textbook.curve(spells, minimum)
    won = {day: p.incidence["won"] for day, p in points.items() if day <= HORIZON}
    followed = bool(points) and (
        max(points) >= HORIZON or any(p.survival == 0 for p in points.values())
    )
    for percent in (25, 50, 75, 90):
        part = Fraction(percent, 100)
        closed = [day for day, p in points.items() if p.survival <= 1 - part]
        assert row[f"close_p{percent}"] == min(closed, default=None)
        reached = [day for day, share in won.items() if 0 < share >= part * max(won.values())]
        assert row[f"p{percent}"] == (min(reached, default=None) if followed else None)
    if followed:
        expected = textbook.restricted_mean(spells, HORIZON, minimum)
        assert row["restricted_mean"] == pytest.approx(float(expected), abs=1e-9)
        assert row["share_won"] == pytest.approx(float(max(won.values(), default=0)), abs=1e-12)
    else:
        assert row["restricted_mean"] is row["share_won"] is None
    assert row["n"] + row["n_off_curve"] == len(spells)


def _lifelines(spells: Sequence[Spell]) -> KaplanMeierFitter:
    """What stands at risk from day 0 on enters just before it, there."""
    return KaplanMeierFitter().fit(
        [s.exit for s in spells],
        [s.outcome != "open" for s in spells],
        entry=[s.entry if s.entry else -1 for s in spells],
    )


def _by_day(frame: Any) -> Mapping[float, tuple[float, float]]:
    return {day: (low, high) for day, low, high in frame.itertuples()}


@often
@given(spells=many_spells)
def test_survival_and_its_interval_are_lifelines(shared: Database, spells: Sequence[Spell]) -> None:
    # lifelines may refuse times at which nobody is under observation.
    last = max(s.exit for s in spells)
    assume(all(any(s.entry <= day < s.exit for s in spells) for day in range(last)))
    estimate(shared, spells)
    fitter = _lifelines(spells)
    intervals = _by_day(fitter.confidence_interval_)
    for row in curve_rows(shared):
        assert row["survival"] == pytest.approx(float(fitter.predict(row["day"])), abs=1e-9)
        if row["survival_low"] is not None:
            bounds = (row["survival_low"], row["survival_high"])
            assert bounds == pytest.approx(intervals[row["day"]], abs=1e-9)


@often
@given(spells=prompt_spells)
def test_the_restricted_mean_is_lifelines(shared: Database, spells: Sequence[Spell]) -> None:
    estimate(shared, [*spells, Spell(0, HORIZON, "open")])
    fitter = KaplanMeierFitter().fit(
        [s.exit for s in spells] + [HORIZON], [s.outcome != "open" for s in spells] + [False]
    )
    expected = restricted_mean_survival_time(fitter, t=HORIZON)
    assert summary_row(shared)["restricted_mean"] == pytest.approx(expected, abs=1e-9)


@often
@given(days=st.lists(st.integers(1, 200), min_size=2, max_size=40, unique=True), data=st.data())
def test_without_ties_incidence_and_variance_are_lifelines(
    shared: Database, days: Sequence[int], data: st.DataObject
) -> None:
    # lifelines breaks ties by random jitter, so it is an oracle only where there are none.
    outcomes = [data.draw(st.sampled_from([*CAUSES, "open"])) for _ in days]
    outcomes[0] = "won"
    estimate(shared, [Spell(0, day, outcome) for day, outcome in zip(days, outcomes, strict=True)])
    codes = {"open": 0, "won": 1, "lost": 2, "disqualified": 3}
    fitter = AalenJohansenFitter(calculate_variance=True).fit(
        np.array(days, dtype=float), [codes[outcome] for outcome in outcomes], event_of_interest=1
    )
    # Its variance is undefined where the last one left has an exit.
    variances = fitter.variance_.dropna()
    for row in curve_rows(shared):
        assert row["cif_won"] == pytest.approx(float(fitter.predict(row["day"])), abs=1e-9)
        if row["day"] in variances.index:
            assert row["cif_won_se"] ** 2 == pytest.approx(variances[row["day"]], abs=1e-9)


def test_a_large_curve_keeps_its_precision(shared: Database) -> None:
    generator = np.random.default_rng(11)
    days = generator.geometric(0.01, 20_000)
    outcomes = generator.choice([*CAUSES, "open"], 20_000, p=[0.2, 0.3, 0.1, 0.4])
    spells = [Spell(0, int(day), str(outcome)) for day, outcome in zip(days, outcomes, strict=True)]
    estimate(shared, spells)
    fitter = _lifelines(spells)
    rows = curve_rows(shared)
    expected = fitter.predict([row["day"] for row in rows]).to_numpy()
    assert [row["survival"] for row in rows] == pytest.approx(expected, abs=1e-9)
    last = rows[-1]
    shares = last["survival"] + sum(last[f"cif_{cause}"] for cause in CAUSES)
    assert shares == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.999999])
def test_the_normal_quantile_is_scipys(database: Database, level: float) -> None:
    sql = database.project.relations["int_cycle_curve"].sql or ""
    of_settings = sql.split("normal as (")[1].split("from settings")[0]
    [row] = database.rows(
        f"{of_settings} from (select cast({level} as double) as confidence_level)"
    )
    assert row["z"] == pytest.approx(norm.ppf((1 + level) / 2), rel=1e-13)
