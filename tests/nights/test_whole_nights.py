"""Nights as they run, with dbt: what is advanced, what is built in full, and why."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.full_build import build
from benchmarks.night import compare
from benchmarks.scaled_company import add_night, make_scaled, scaled_company
from orchestration.company import Company
from orchestration.nights import night
from orchestration.nights.base import kept_base
from orchestration.nights.night import forget_built
from orchestration.publish.build import run_nodes, waves
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse, remove_warehouse
from orchestration.warehouse.dbt_project import read_project
from orchestration.warehouse.hold import hold_warehouse

PROSPECTS = 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a simulated company that has been built, and is small all the same."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night, "FEWEST", 0)
        patch.setattr(night, "MOST", 1.0)
        make_scaled(folder, 1, PROSPECTS)
        _build(folder)
        yield folder


@pytest.fixture
def company(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "company"))


def _build(folder: Path, told: list[str] | None = None) -> Company:
    built = scaled_company(folder)
    build(
        built, read_project(built), is_tested=False, tell=[].append if told is None else told.append
    )
    return built


def _is_advanced(told: list[str]) -> bool:
    return any("tables were advanced" in line for line in told)


def test_a_night_leaves_the_tables_that_a_whole_build_leaves(company: Path) -> None:
    told: list[str] = []
    add_night(company, days=7, share=1)
    of_night = _build(company, told).warehouse
    grown = of_night.rename(of_night.with_name("of_night.duckdb"))

    remove_warehouse(of_night)
    assert compare(grown, _build(company).warehouse) == {}
    assert _is_advanced(told)


def test_what_is_not_advanced_is_built_by_dbt(company: Path) -> None:
    add_night(company, days=7, share=1)
    told, names = _night(company)

    assert _is_advanced(told)
    assert {"fct_touch", "fct_funnel"} <= names


def test_after_a_build_of_some_tables_alone_all_are_built_in_full(company: Path) -> None:
    _night(company, "fct_touch")
    with open_warehouse(scaled_company(company).warehouse) as connection:
        assert kept_base(connection) is None

    told, names = _night(company)
    assert not _is_advanced(told)
    assert "fct_touch" in names


def _night(folder: Path, *only: str) -> tuple[list[str], set[str]]:
    """Build these models, or all that no statistic leads to; what was told, and what was built."""
    company = scaled_company(folder)
    project = read_project(company)
    told: list[str] = []
    names = {i: node["name"] for i, node in project.models.items()}
    wanted = [i for i, name in names.items() if not only or name in only]
    if not only:
        bind(company)
        wanted = list(waves(project)[0].models)
    with hold_warehouse(company) as lock:
        run = run_nodes(company, project, wanted, (), lock=lock, run_id="r", tell=told.append)
    return told, {names[result.unique_id] for result in run.results if result.is_good}


def test_what_stands_already_is_built_in_full_when_it_is_asked_for_again(company: Path) -> None:
    told, names = _night(company)

    assert not _is_advanced(told)
    assert "fct_touch" in names


def test_after_it_was_asked_to_forget_a_night_builds_in_full(company: Path) -> None:
    add_night(company, days=7, share=1)
    forget_built(scaled_company(company))

    told, _ = _night(company)
    assert not _is_advanced(told)
