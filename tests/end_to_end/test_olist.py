"""Olist's marketing funnel: 8,000 real leads and 842 won deals, held against SQL over the CSVs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.always_true import kept
from tests.end_to_end.real_data import REPOSITORY, real_data
from tests.end_to_end.risk_sets import Spell, curve
from tests.end_to_end.running import Published, run_tandem

pytestmark = pytest.mark.real_data

OBSERVED_FROM = date(2017, 12, 1)


@pytest.fixture(scope="module")
def data() -> Path:
    return real_data("olist")


@pytest.fixture(scope="module")
def published(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    state = tmp_path_factory.mktemp("olist")
    outcome = run_tandem(REPOSITORY / "examples" / "olist", state, data)
    assert outcome.exit_code == 0, outcome.output
    return Published(state / "olist" / "published")


@pytest.fixture(scope="module")
def csv(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, file in {
            "leads": "olist_marketing_qualified_leads_dataset.csv",
            "deals": "olist_closed_deals_dataset.csv",
        }.items():
            connection.execute(f"create table {name} as from read_csv('{data / file}')")
        yield connection


def test_what_is_always_true_was_tested_and_holds(published: Published) -> None:
    assert set(kept(published.folder.parent, REPOSITORY).values()) == {"good"}


def test_every_lead_and_every_deal_arrives(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    [(leads, deals)] = csv.sql(
        "select (select count(*) from leads), (select count(*) from deals)"
    ).fetchall()
    assert (leads, deals) == (8000, 842)
    assert published.one("select count(*) from fct_funnel where mql_at is not null") == leads
    assert published.one("select count(*) from dim_prospect") == leads
    assert published.one("select count(*) from fct_deal where outcome = 'won'") == deals
    assert published.one("select count(*) from fct_funnel where outcome = 'won'") == deals


def test_won_by_origin_agrees_with_sql_over_the_files(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    expected = csv.sql(
        """
        select origin, count(*), count(deals.mql_id)
        from leads left join deals using (mql_id) group by all
        """
    ).fetchall()
    assert set(expected) == set(
        published.rows(
            """
            select first_channel, count(*), count(*) filter (outcome = 'won')
            from fct_funnel where is_primary group by all
            """
        )
    )


def test_the_deal_dated_before_its_lead_is_in_quarantine_with_its_reason(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    [(lead,)] = csv.sql(
        "select mql_id from leads join deals using (mql_id) where won_date < first_contact_date"
    ).fetchall()
    quarantined = published.rows(
        "select source_record_id from quarantine where reason = 'negative_duration'"
    )
    assert len(quarantined) == 1
    assert lead in quarantined[0][0]


def _spells(csv: duckdb.DuckDBPyConnection, as_of: date) -> list[Spell]:
    """Days from first contact to won; what began before the deals were recorded enters late."""
    rows = csv.execute(
        """
        select
            greatest(date_diff('day', first_contact_date, $observed_from::date), 0),
            date_diff('day', first_contact_date, coalesce(won_date::date, $as_of::date)),
            won_date is not null
        from leads left join deals using (mql_id)
        where won_date is null or won_date >= first_contact_date
        """,
        {"observed_from": OBSERVED_FROM, "as_of": as_of},
    ).fetchall()
    return [Spell(entry, exit_, "won" if won else None) for entry, exit_, won in rows]


@pytest.fixture(scope="module")
def published_curve(published: Published) -> dict[int, Any]:
    return {
        row[0]: row
        for row in published.rows(
            """
            select day, at_risk, survival, cif_won, won from cycle_time_curve
            where curve = 'mql_to_won' and unit = 'calendar' and segment = 'all' and cohort = 'all'
            """
        )
    }


def test_the_cycle_time_curve_agrees_with_its_definition_over_the_files(
    published: Published, csv: duckdb.DuckDBPyConnection, published_curve: dict[int, Any]
) -> None:
    as_of = published.one("select max(as_of)::date from fct_funnel")
    expected = curve(_spells(csv, as_of), minimum_at_risk=20)
    assert len(expected) > 100
    for day, point in expected.items():
        _, at_risk, survival, cif_won, _ = published_curve[day]
        assert at_risk == point.at_risk
        assert survival == pytest.approx(point.survival, abs=1e-9)
        assert cif_won == pytest.approx(point.incidence["won"], abs=1e-9)


def test_the_median_cycle_agrees_with_its_definition_over_the_files(
    published: Published, csv: duckdb.DuckDBPyConnection
) -> None:
    as_of = published.one("select max(as_of)::date from fct_funnel")
    [(median, horizon)] = published.rows(
        """
        select p50, horizon_days from cycle_time_summary
        where curve = 'mql_to_won' and unit = 'calendar' and segment = 'all' and cohort = 'all'
        """
    )
    points = curve(_spells(csv, as_of), minimum_at_risk=20)
    reached = {day: p.incidence["won"] for day, p in points.items() if day <= horizon}
    half = max(reached.values()) / 2
    assert median == min(day for day, share in reached.items() if share >= half)


def test_leads_from_before_the_first_recorded_deal_enter_late(
    csv: duckdb.DuckDBPyConnection, published_curve: dict[int, Any]
) -> None:
    [(early, all_leads)] = csv.execute(
        "select count(*) filter (first_contact_date < ?), count(*) from leads", [OBSERVED_FROM]
    ).fetchall()
    first = published_curve[min(published_curve)]
    assert early > 1000
    assert first[1] <= all_leads - early
