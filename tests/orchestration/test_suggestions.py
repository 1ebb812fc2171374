"""Suggestions are made between two runs of dbt where the agreement asks for them, else never."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from orchestration.company import Company
from orchestration.publish.build import run_nodes
from orchestration.publish.gate import read_gate
from orchestration.statistics import suggest
from orchestration.statistics.suggest import TRAITS, SplinkMissing
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_run import DbtRun
from tests.orchestration.lakes import load, write_company
from tests.orchestration.nights import AGREEMENT, MONDAY, SOURCES
from tests.orchestration.tiny_project import data_test, model, result, tiny_project

REVIEW = model("identity_suggestion", "select 1 as night", reads=["int_prospect_traits"])
REVIEW["depends_on"]["nodes"].append("source.tandem.statistics.identity_suggestion")
PROJECT = tiny_project(
    model("int_prospect_traits", "select 1 as night", schema="intermediate"),
    REVIEW,
    data_test("suggestions_are_whole", "identity_suggestion"),
)
NODES = [*PROJECT.models, *PROJECT.tests]
LATER = ["identity_suggestion", "suggestions_are_whole"]


def _company(folder: Path, identity: str) -> Company:
    company = write_company(folder, SOURCES, AGREEMENT + identity)
    load(company, "crm", "leads", [{"lead": "L1"}], MONDAY)
    load(company, "ads", "clicks", [{"click": "C1"}], MONDAY)
    bind(company)
    return company


@pytest.fixture
def off(tmp_path: Path) -> Company:
    """A company whose agreement says nothing of suggestions."""
    return _company(tmp_path, "")


@pytest.fixture
def on(tmp_path: Path) -> Company:
    """A company whose agreement asks for suggestions."""
    return _company(tmp_path, "identity: {suggest: {at_least: 0.9}}\n")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was asked of dbt, instead of which all is built with one prospect to compare."""
    runs: list[list[str]] = []

    def dbt(company: Company, arguments: Sequence[str], *_: Any, **__: Any) -> DbtRun:
        runs.append(list(arguments))
        columns = ", ".join(f"'p' as {name}" for name in TRAITS.names)
        with open_warehouse(company.warehouse) as connection:
            connection.execute("create schema if not exists intermediate")
            connection.execute(
                f"create or replace table intermediate.int_prospect_traits as select {columns}"
            )
        later = {i for i in NODES if (PROJECT.node(i) or {})["name"] in LATER}
        built = later if "--select" in arguments else set(NODES) - later
        return DbtRun(0, tuple(result(i, "pass") for i in built), ())

    monkeypatch.setattr("orchestration.publish.build.run_dbt", dbt)
    return runs


def _build(company: Company, nodes: Sequence[str] = NODES) -> list[str]:
    told: list[str] = []
    run_nodes(company, PROJECT, ["build"], nodes, lock=0, run_id="night", tell=told.append)
    return told


def _suggestions(company: Company) -> list[Any]:
    with open_warehouse(company.warehouse) as connection:
        return connection.execute("from statistics.identity_suggestion").fetchall()


def test_without_the_switch_dbt_runs_once_and_the_library_is_not_even_looked_for(
    off: Company, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggest, "find_spec", pytest.fail)
    assert _build(off) == []
    assert asked == [["build"]]
    assert _suggestions(off) == []


def test_with_the_switch_they_are_made_between_two_runs_of_dbt(
    on: Company, asked: list[list[str]]
) -> None:
    assert _build(on) == [
        "suggestions: 0 pairs of prospects that may be one person, since 1 prospects are too few "
        "to learn from, which takes 20"
    ]
    assert asked == [["build", "--exclude", *LATER], ["build", "--select", *LATER]]
    assert set(read_gate(on.gate).models) == set(PROJECT.models)
    assert set(read_gate(on.gate).tests) == set(PROJECT.tests)


def test_a_build_of_other_models_makes_none(on: Company, asked: list[list[str]]) -> None:
    assert _build(on, ["model.tiny.int_prospect_traits"]) == []
    assert asked == [["build"]]


def test_where_the_library_is_missing_nothing_is_built(
    on: Company, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    monkeypatch.setattr(suggest, "find_spec", lambda _: None)
    with pytest.raises(SplinkMissing, match="make suggestions"):
        _build(on)
    assert asked == []


def test_a_night_is_bound_without_suggestions(on: Company, asked: list[list[str]]) -> None:
    with open_warehouse(on.warehouse) as connection:
        connection.execute(
            "insert into statistics.identity_suggestion values ('p', 'q', 0.95, 'same name')"
        )
    bind(on)
    assert _suggestions(on) == []
