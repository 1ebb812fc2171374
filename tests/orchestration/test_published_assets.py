"""Publishing as Dagster sees it: what is made of what is asked, and what a fault leaves made."""

from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.defs.naming import (
    PUBLISHED_CATALOGUE,
    PUBLISHED_DUCKDB,
    PUBLISHED_PARQUET,
    PUBLISHED_POSTGRES,
    PUBLISHED_REPORT,
    REFRESHED,
)
from orchestration.defs.publish.assets import published_assets
from orchestration.publish.postgres.target import Done, InPostgres
from orchestration.publish.versions import current_version
from orchestration.publish_settings import PostgresSettings, PublishSettings
from tests.orchestration.nights import PROJECT, build_night, make_company, nights_seen

ALL = {PUBLISHED_DUCKDB, PUBLISHED_PARQUET, PUBLISHED_CATALOGUE, PUBLISHED_REPORT}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = make_company(tmp_path)
    build_night(company, 1)
    return company


def _made(company: Company, selection: dg.AssetSelection | None = None) -> tuple[bool, set[object]]:
    result = dg.materialize(
        published_assets(company, PROJECT), selection=selection, raise_on_error=False
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


def _with_postgres(company: Company) -> Company:
    postgres = PostgresSettings(url_env="ACME_POSTGRES")
    return replace(company, publishing=PublishSettings(postgres=postgres))


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions that were copied to PostgreSQL, in place of copying them."""
    versions: list[str] = []

    def copy(company: Company, _: object) -> InPostgres:
        version = current_version(company)
        assert version is not None
        versions.append(version.version)
        return InPostgres(version.version, Done.TABLES, 1)

    monkeypatch.setattr("orchestration.defs.publish.assets.publish_to_postgres", copy)
    return versions


def test_postgres_is_an_asset_where_the_company_has_it_and_gets_what_the_files_got(
    company: Company, copied: list[str]
) -> None:
    assert _made(_with_postgres(company)) == (True, {*ALL, PUBLISHED_POSTGRES})
    version = current_version(company)
    assert version is not None
    assert copied == [version.version]


def test_a_quiet_night_looks_after_postgres_too(company: Company, copied: list[str]) -> None:
    _made(_with_postgres(company))
    made = {PUBLISHED_CATALOGUE, PUBLISHED_REPORT, PUBLISHED_POSTGRES}
    assert _made(_with_postgres(company), REFRESHED) == (True, made)
    assert len(set(copied)) == 2


def test_a_report_that_can_not_be_made_keeps_nothing_from_postgres(
    company: Company, copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.report.report.render", lambda *_: 1 / 0)
    made = {*ALL, PUBLISHED_POSTGRES} - {PUBLISHED_REPORT}
    assert _made(_with_postgres(company)) == (False, made)
    assert copied


def test_a_postgres_that_fails_is_red_where_the_files_are_green(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_POSTGRES", raising=False)
    assert _made(_with_postgres(company)) == (False, ALL)
    assert nights_seen(company) == {(1, 1)}


def test_what_every_night_makes_is_overdue_when_people_are_told_that_it_is_late(
    company: Company,
) -> None:
    late_after = company.operations.alerts.late_after
    overdue = {
        spec.key: spec.freshness_policy
        for asset in published_assets(_with_postgres(company), PROJECT)
        for spec in asset.specs
        if spec.freshness_policy
    }
    assert overdue.keys() == {PUBLISHED_CATALOGUE, PUBLISHED_REPORT, PUBLISHED_POSTGRES}
    policy = dg.FreshnessPolicy.time_window(fail_window=late_after)
    assert all(found == policy for found in overdue.values())
