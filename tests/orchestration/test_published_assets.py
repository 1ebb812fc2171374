"""Publishing as Dagster sees it: what is made of what is asked, and what a fault leaves made."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.defs.naming import (
    PUBLISHED_CATALOGUE,
    PUBLISHED_DUCKDB,
    PUBLISHED_PARQUET,
    PUBLISHED_REPORT,
    REFRESHED,
)
from orchestration.defs.publish.assets import published_assets
from orchestration.publish.versions import current_version
from tests.orchestration.nights import PROJECT, build_night, make_company

ALL = {PUBLISHED_DUCKDB, PUBLISHED_PARQUET, PUBLISHED_CATALOGUE, PUBLISHED_REPORT}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = make_company(tmp_path)
    build_night(company, 1)
    return company


def _made(company: Company, selection: dg.AssetSelection | None = None) -> tuple[bool, set[object]]:
    result = dg.materialize(
        [published_assets(company, PROJECT)], selection=selection, raise_on_error=False
    )
    events = result.get_asset_materialization_events()
    return result.success, {event.asset_key for event in events}


def test_the_report_is_an_asset_beside_the_tables(company: Company) -> None:
    assert _made(company) == (True, ALL)
    assert company.published_report.exists()


def test_a_night_that_brought_nothing_new_makes_catalogue_and_report_anew(
    company: Company,
) -> None:
    _made(company)
    before = current_version(company)
    assert _made(company, REFRESHED) == (True, {PUBLISHED_CATALOGUE, PUBLISHED_REPORT})
    after = current_version(company)
    assert before is not None
    assert after is not None
    assert after.version > before.version
    assert after.tables_at == before.tables_at


def test_a_report_that_can_not_be_made_is_red_where_the_tables_are_green(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("no share of nothing")

    monkeypatch.setattr("orchestration.report.report.render", broken)
    assert _made(company) == (False, ALL - {PUBLISHED_REPORT})
