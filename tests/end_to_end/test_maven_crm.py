"""Maven's CRM: 8,800 deals of a fictitious firm, held against SQL over the CSVs and lifelines."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from lifelines import KaplanMeierFitter

from tests.always_true import kept
from tests.end_to_end.real_data import REPOSITORY, real_data
from tests.end_to_end.risk_sets import Spell, curve
from tests.end_to_end.running import Published, run_tandem

pytestmark = pytest.mark.real_data

CURVE = "curve = 'opportunity_to_won' and unit = 'calendar' and segment = 'all' and cohort = 'all'"


@pytest.fixture(scope="module")
def data() -> Path:
    return real_data("maven_crm")


@pytest.fixture(scope="module")
def published(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    state = tmp_path_factory.mktemp("maven")
    outcome = run_tandem(REPOSITORY / "examples" / "maven_crm", state, data)
    assert outcome.exit_code == 0, outcome.output
    return Published(state / "maven_crm" / "published")


@pytest.fixture(scope="module")
def csv(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        file = data / "sales_pipeline.csv"
        connection.execute(f"create table deals as from read_csv('{file}')")
        yield connection


def test_what_is_always_true_was_tested_and_holds(published: Published) -> None:
    assert set(kept(published.folder.parent, REPOSITORY).values()) == {"good"}


def test_open_deals_count_as_open_and_none_is_dropped(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    expected = csv.sql(
        """
        select
            case when deal_stage in ('Won', 'Lost') then lower(deal_stage) else 'open' end,
            count(*)
        from deals group by all
        """
    ).fetchall()
    assert sum(count for _, count in expected) == 8800
    assert set(published.rows("select outcome, count(*) from fct_deal group by all")) == set(
        expected
    )
    assert set(
        published.rows("select outcome, count(*) from fct_funnel where is_primary group by all")
    ) == set(expected)


def test_deals_without_an_account_arrive(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    [(without,)] = csv.sql("select count(*) from deals where account is null").fetchall()
    assert without == 1425
    assert published.one("select count(*) from fct_deal where account_id is null") == without


def test_the_won_amount_agrees_with_sql_over_the_files(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    [(won,)] = csv.sql("select sum(close_value) from deals where deal_stage = 'Won'").fetchall()
    assert published.one("select sum(amount_reporting) from fct_deal where outcome = 'won'") == won
    assert published.one("select sum(amount) from fct_funnel where outcome = 'won'") == won


def test_every_attribution_model_gives_out_the_won_amount_to_the_cent(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    [(won,)] = csv.sql("select sum(close_value) from deals where deal_stage = 'Won'").fetchall()
    totals = published.rows(
        "select model, sum(amount) from attribution_channel where conversion = 'won' group by all"
    )
    assert {model for model, _ in totals} >= {"first", "last", "linear"}
    assert {amount for _, amount in totals} == {won}


def _durations(csv: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[int, str]]:
    return csv.execute(
        """
        select date_diff('day', engage_date, coalesce(close_date, $as_of::date)), deal_stage
        from deals where engage_date is not null
        """,
        {"as_of": as_of},
    ).fetchall()


def test_the_kaplan_meier_median_agrees_with_lifelines(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    as_of = published.one("select max(as_of)::date from fct_funnel")
    durations = _durations(csv, as_of)
    fitter = KaplanMeierFitter().fit(
        [days for days, _ in durations], [stage in {"Won", "Lost"} for _, stage in durations]
    )
    ours = dict(published.rows(f"select day, survival from cycle_time_curve where {CURVE}"))
    for day, survival in ours.items():
        assert survival == pytest.approx(fitter.predict(day), abs=1e-9)
    assert min(day for day, s in ours.items() if s <= 0.5) == fitter.median_survival_time_


def test_the_incidence_of_won_and_lost_agrees_with_its_definition(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    as_of = published.one("select max(as_of)::date from fct_funnel")
    causes = {"Won": "won", "Lost": "lost"}
    spells = [Spell(0, days, causes.get(stage)) for days, stage in _durations(csv, as_of)]
    expected = curve(spells, minimum_at_risk=20)
    ours = {
        day: (won, lost)
        for day, won, lost in published.rows(
            f"select day, cif_won, cif_lost from cycle_time_curve where {CURVE}"
        )
    }
    for day, point in expected.items():
        assert ours[day][0] == pytest.approx(point.incidence["won"], abs=1e-9)
        assert ours[day][1] == pytest.approx(point.incidence["lost"], abs=1e-9)


def test_the_two_spellings_of_one_product_are_one(published: Published) -> None:
    spellings = published.rows(
        "select pipeline from fct_deal where replace(pipeline, ' ', '') = 'GTXPro' group by all"
    )
    assert spellings == [("GTX Pro",)]
