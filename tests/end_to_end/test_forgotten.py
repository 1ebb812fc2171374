"""Somebody is forgotten in a company that runs: gone from every file, and not back by night."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.running import Outcome
from tests.end_to_end.small_company import EXPORTS, SmallCompany, small_company

pytestmark = pytest.mark.slow

HOSTILE = "o'brien;--%x@acme.example"
LEADS = (
    EXPORTS["leads.csv"].replace("7,7@acme.example", f"7,{HOSTILE}", 1)
    + "31,O'BRIEN;--%X@ACME.example,2026-01-07 10:00:00\n"
    + f"32,{HOSTILE},no time\n"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    company = small_company(tmp_path_factory.mktemp("forgotten"))
    company.export("leads.csv", LEADS)
    agreement = company.folder / "agreement.yml"
    agreement.write_text(agreement.read_text() + "excluded_share_limit: 5 %\n")
    outcome = company.run()
    assert outcome.exit_code == 0, outcome.output
    return company


@pytest.fixture(scope="module")
def before(company: SmallCompany) -> dict[str, object]:
    return _figures(company)


@pytest.fixture(scope="module")
def outcome(company: SmallCompany, before: dict[str, object]) -> Outcome:
    assert any("brien" in text.lower() for text in _texts(company.folder / "data"))
    return company.forget(HOSTILE)


def _figures(company: SmallCompany) -> dict[str, object]:
    return {
        "won": company.published.one(
            "select sum(amount_reporting) from fct_deal where outcome = 'won'"
        ),
        "prospects": company.published.one("select count(*) from dim_prospect"),
        "records": company.published.one("select count(*) from bridge_record_prospect"),
        "others": company.published.rows(
            "select prospect_id, email from dim_prospect where email not like 'o%' order by all"
        ),
    }


def _texts(folder: Path) -> Iterator[str]:
    """All that can be read below a folder, whatever wraps it: an eye of the test's own."""
    for file in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        yield str(file)
        # SQLite removes its journals when it is read to the end.
        content = file.read_bytes() if file.exists() else b""
        yield from (content.decode(code, errors="ignore") for code in ("utf-8", "utf-16-le"))
        if file.suffix == ".parquet":
            yield str(duckdb.read_parquet(str(file)).fetchall())
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                tables = connection.execute("select schema_name, table_name from duckdb_tables()")
                for schema, table in tables.fetchall():
                    yield str(connection.table(f'"{schema}"."{table}"').fetchall())
        elif content.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(file)) as database:
                yield "\n".join(database.iterdump())


def test_it_says_what_goes_and_proves_that_nothing_is_left(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, outcome.output
    assert "crm.leads: 3 rows go" in outcome.output
    assert "0 traces left" in outcome.output


def test_no_file_tells_of_them(company: SmallCompany, outcome: Outcome) -> None:
    assert not [text[:300] for text in _texts(company.folder / "data") if "brien" in text.lower()]


def test_all_other_people_and_all_deals_are_as_they_were(
    company: SmallCompany, outcome: Outcome, before: dict[str, object]
) -> None:
    after = _figures(company)
    assert after["won"] == before["won"]
    assert after["others"] == before["others"]
    assert (before["prospects"], after["prospects"]) == (30, 29)
    assert (before["records"], after["records"]) == (31, 29)


def test_what_the_catalogue_counts_is_what_the_lake_has(
    company: SmallCompany, outcome: Outcome
) -> None:
    told = company.published.rows(
        "select row_count, in_quarantine from catalogue_source where source = 'crm'"
    )
    files = company.folder / "data" / "acme" / "lake" / "crm" / "*" / "*.parquet"
    rows = duckdb.read_parquet(str(files), union_by_name=True)
    [(accepted, rejected)] = rows.aggregate(
        "count(*) filter (_reject_reason is null), count(*) filter (_reject_reason is not null)"
    ).fetchall()
    assert told == [(accepted, rejected)]
    assert rejected == 0


def test_the_next_night_counts_them_and_brings_nobody_back(
    company: SmallCompany, outcome: Outcome
) -> None:
    company.export("leads.csv", LEADS + f"33,{HOSTILE},2026-01-09 10:00:00\n")
    night = company.run("--rebuild")
    assert night.exit_code == 0, night.output
    assert "4 suppressed" in night.output
    assert company.published.one("select count(*) from dim_prospect") == 29
    assert not [text[:300] for text in _texts(company.folder / "data") if "brien" in text.lower()]
