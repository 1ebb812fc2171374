"""Night after night: nothing new, something broken, something mended."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.running import Outcome, Published
from tests.end_to_end.small_company import EXPORTS, SmallCompany, small_company

OF_THE_NIGHT = {"catalogue", "catalogue_source", "catalogue_column"}
CUT_OFF = 'day,channel,amount\n2026-01-01,"sea'


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallCompany, Outcome]:
    """A company after its first night, and how that went."""
    made = small_company(tmp_path_factory.mktemp("acme"))
    outcome = made.run()
    assert outcome.exit_code == 0, outcome.output
    return made, outcome


@pytest.fixture(scope="module")
def company(first_night: tuple[SmallCompany, Outcome]) -> SmallCompany:
    """The company; each test leaves it as it found it."""
    return first_night[0]


def _content(published: Published) -> dict[str, Any]:
    """What the tables hold; those that tell of the night itself are left out."""
    return {
        table: published.rows(f"select count(*), sum(hash(t)::hugeint) from {table} t")
        for table in published.tables()
        if table not in OF_THE_NIGHT
    }


def _ads(company: SmallCompany) -> tuple[Any, ...]:
    [found] = company.published.rows(
        "select state, problem, age_hours from catalogue_source where source = 'ads'"
    )
    return found


def test_the_summary_says_what_came_how_it_stands_and_where_the_tables_are(
    first_night: tuple[SmallCompany, Outcome],
) -> None:
    company, outcome = first_night
    told = outcome.output
    assert "66.7% (10 won, 5 lost, 0 still open)" in told
    assert str(company.published.folder / "tandem.duckdb") in told
    assert [line.split()[0] for line in told.splitlines() if " fresh " in line] == ["ads", "crm"]


def test_a_night_with_nothing_new_builds_nothing(company: SmallCompany) -> None:
    before = _content(company.published)
    outcome = company.run()
    assert outcome.exit_code == 0
    assert "Nothing new" in outcome.output
    assert "models built" not in outcome.output
    assert _content(company.published) == before


@pytest.mark.slow
def test_the_same_lake_built_again_gives_the_same_tables(company: SmallCompany) -> None:
    before = _content(company.published)
    outcome = company.run("--rebuild")
    assert outcome.exit_code == 0
    assert "models built" in outcome.output
    assert _content(company.published) == before


def test_where_an_optional_source_is_broken_the_night_goes_on_and_says_so(
    company: SmallCompany,
) -> None:
    before = _content(company.published)
    company.export("spend.csv", CUT_OFF)
    outcome = company.run()
    assert outcome.exit_code == 0
    assert "spend.csv:2: a quoted value begins in this line and does not end" in outcome.output
    assert outcome.output.index("Not loaded: ads") < outcome.output.index("Nothing new since")
    state, problem, age = _ads(company)
    assert state == "failed"
    assert "Export it anew" in problem
    assert age is not None
    assert _content(company.published) == before
    company.export("spend.csv", EXPORTS["spend.csv"])
    assert company.run().exit_code == 0
    assert _ads(company)[:2] == ("fresh", None)


def test_where_a_required_source_is_broken_nothing_is_published_until_it_is_mended(
    company: SmallCompany,
) -> None:
    published = company.published.folder / "tandem.duckdb"
    before = published.read_bytes()
    company.export("leads.csv", "")
    outcome = company.run()
    assert outcome.exit_code != 0
    assert "leads.csv: the file is empty. Export it anew" in outcome.output
    assert published.read_bytes() == before
    company.export("leads.csv", EXPORTS["leads.csv"])
    assert company.run().exit_code == 0
    assert published.read_bytes() != before


def test_a_fault_in_the_configuration_is_told_before_anything_runs(tmp_path: Path) -> None:
    company = small_company(tmp_path)
    sources = tmp_path / "sources.yml"
    sources.write_text(sources.read_text().replace("key: id", "key: nummer", 1))
    outcome = company.run()
    assert outcome.exit_code != 0
    assert "sources.yml" in outcome.output
    assert "nummer" in outcome.output
    assert not (tmp_path / "data" / "acme" / "lake").exists()
