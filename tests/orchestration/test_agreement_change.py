"""What another agreement moves is told cell by cell, on one pair of clocks."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.company import Company
from orchestration.publish.agreement_change import (
    AgreementChange,
    change_between,
    change_of_night,
    compare_agreements,
)
from orchestration.publish.catalogue import AGREEMENT_CHANGES
from orchestration.publish.gate import write_gate
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish.versions import agreement_before, published_agreement
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtFailed, DbtProject
from orchestration.warehouse.dbt_run import DbtRun
from orchestration.warehouse.freshness import BindError
from tests.orchestration.lakes import load
from tests.orchestration.nights import MONDAY, PROJECT, build_night, make_company
from tests.orchestration.tiny_project import all_good, model, tiny_project

SCORECARD = {**model("alignment_scorecard", "select 1"), "columns": {}}
WITH_SCORECARD = tiny_project(*PROJECT.models.values(), *PROJECT.tests.values(), SCORECARD)
COLUMNS = (
    "metric varchar, month date, segment varchar, slice_kind varchar, slice varchar, "
    "numerator bigint, n bigint, value double, target double, status varchar, "
    "agreement_version varchar, as_of timestamp, known_at timestamp"
)
JUNE = date(2026, 6, 1)
Cell = tuple[str, int, float | None]


def write_scorecard(file: Path, version: str, cells: Sequence[Cell], target: float | None) -> None:
    """A scorecard of these measures, each with its n and its value."""
    with open_warehouse(file) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.alignment_scorecard ({COLUMNS})")
        for metric, n, value in cells:
            row = (metric, JUNE, "all", "all", "all", None, n, value, target)
            row += ("ok" if n else "no data", version, MONDAY, MONDAY)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into marts.alignment_scorecard values ({marks})", row)


def moved(
    folder: Path,
    was: Sequence[Cell],
    now: Sequence[Cell],
    targets: tuple[float | None, float | None] = (None, None),
) -> AgreementChange:
    files = folder / "was.duckdb", folder / "now.duckdb"
    for file, version, cells, target in zip(
        files, ("first", "second"), (was, now), targets, strict=True
    ):
        write_scorecard(file, version, cells, target)
    return change_between(*files, started=0)


def changes(found: AgreementChange) -> dict[str, tuple[Any, ...]]:
    assert found.table.cast(AGREEMENT_CHANGES).schema == AGREEMENT_CHANGES
    return {
        row["metric"]: (row["change"], row["value_before"], row["value_after"], row["difference"])
        for row in found.table.to_pylist()
    }


def test_each_cell_with_a_case_says_how_it_moved(tmp_path: Path) -> None:
    found = moved(
        tmp_path,
        [
            ("rate", 4, 0.75),
            ("same", 3, 1.0),
            ("gone", 2, 0.5),
            ("new", 0, None),
            ("none", 0, None),
        ],
        [("rate", 5, 0.25), ("same", 3, 1.0), ("new", 2, 1.0), ("none", 0, None)],
    )
    assert changes(found) == {
        "rate": ("moved", 0.75, 0.25, -0.5),
        "same": ("same", 1.0, 1.0, 0.0),
        "gone": ("vanished", 0.5, None, None),
        "new": ("appeared", None, 1.0, None),
    }
    assert {(r["agreement_before"], r["agreement_after"]) for r in found.table.to_pylist()} == {
        ("first", "second")
    }


def test_a_promise_that_changed_moves_a_cell_whose_value_stays(tmp_path: Path) -> None:
    found = moved(tmp_path, [("rate", 4, 0.75)], [("rate", 4, 0.75)], (0.6, 0.9))
    assert changes(found) == {"rate": ("moved", 0.75, 0.75, 0.0)}


def test_what_is_told_is_where_each_measure_moved_most(tmp_path: Path) -> None:
    found = moved(
        tmp_path, [("rate", 4, 0.75), ("same", 3, 1.0)], [("rate", 4, 0.5), ("same", 3, 1.0)]
    )
    assert found.told == [["rate", "1", "0", "0", "0", "2026-06-01", "0.75", "0.5"]]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose night is built by the agreement `first`, and published."""
    made = make_company(tmp_path)
    built(made, 0.75)
    publish(made, WITH_SCORECARD, "first night")
    return made


def built(company: Company, value: float) -> None:
    """Build a night in which one measure has this value."""
    build_night(company, 1, WITH_SCORECARD)
    cells = [("acceptance_rate", 4, value)]
    write_scorecard(company.warehouse, company.agreement.version, cells, None)
    with open_warehouse(company.warehouse) as connection:
        known_at = "(select known_at from bound.clock)"
        connection.execute(f"update marts.alignment_scorecard set known_at = {known_at}")
        [(fingerprint,)] = connection.execute("select fingerprint from bound.binding").fetchall()
    write_gate(company.gate, all_good(WITH_SCORECARD, fingerprint))


def by_another(company: Company, **changed: Any) -> Company:
    """The company after it signed another agreement, its night built by that."""
    agreement = company.agreement.model_copy(update={"version": "second", **changed})
    other = replace(company, agreement=agreement)
    load(other, "crm", "leads", [{"lead": "L2"}], MONDAY.replace(day=3))
    bind(other)
    built(other, 0.5)
    return other


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, datetime]]:
    """Instead of dbt, the tables are made; which agreement and known_at each was bound to."""
    bound: list[tuple[str, datetime]] = []

    def build(
        company: Company, _: DbtProject, __: Sequence[str], ___: Collection[str], **____: Any
    ) -> DbtRun:
        with open_warehouse(company.warehouse) as connection:
            clock = "select agreement_version, known_at from bound.clock"
            bound.extend(connection.execute(clock).fetchall())
        built(company, 0.75 if company.agreement.version == "first" else 0.5)
        return DbtRun(0, (), ())

    monkeypatch.setattr("orchestration.publish.rebuild.run_nodes", build)
    return bound


def read(company: Company) -> list[tuple[Any, ...]]:
    query = (
        "select agreement_before, agreement_after, value_before, value_after, known_at "
        "from marts.agreement_change"
    )
    with duckdb.connect(company.published_warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def night(company: Company) -> list[str]:
    """Publish what is built as a night does, and what it told."""
    told: list[str] = []
    change = change_of_night(company, WITH_SCORECARD, told.append)
    publish(company, WITH_SCORECARD, "night", change.table if change else None)
    return told


TUESDAY = MONDAY.replace(day=3)


def test_a_night_by_the_same_agreement_compares_nothing(company: Company) -> None:
    assert read(company) == []
    assert night(company) == []
    assert read(company) == []


def test_the_first_night_by_another_agreement_publishes_what_it_moved(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    other = by_another(company)
    told = night(other)
    assert dbt[0] == ("first", TUESDAY)
    assert read(other) == [("first", "second", 0.75, 0.5, TUESDAY)]
    assert "The agreement is second and was first" in told[0]
    assert "was reckoned in" in told[-1]


def test_what_moved_stays_published_until_the_next_change(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    other = by_another(company)
    night(other)
    builds = len(dbt)
    night(other)
    refresh_catalogue(other, WITH_SCORECARD, "refresh")
    assert len(dbt) == builds
    assert read(other) == [("first", "second", 0.75, 0.5, TUESDAY)]
    assert agreement_before(other) == company.agreement.as_text()
    assert published_agreement(other) == other.agreement.as_text()


def test_an_agreement_that_was_changed_without_a_new_name_is_another_one(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    night(by_another(company, version="first", horizon_days=90))
    assert dbt


def test_where_nothing_was_loaded_since_the_published_tables_are_the_earlier_side(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    agreement = company.agreement.model_copy(update={"version": "second"})
    other = replace(company, agreement=agreement)
    bind(other)
    built(other, 0.5)
    night(other)
    assert dbt == []
    assert read(other) == [("first", "second", 0.75, 0.5, MONDAY)]


def test_a_night_goes_on_where_the_earlier_agreement_can_no_longer_be_built_by(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> DbtRun:
        raise DbtFailed("a word is unknown")

    monkeypatch.setattr("orchestration.publish.rebuild.run_nodes", fail)
    other = by_another(company)
    told = night(other)
    assert "can't be told: a word is unknown" in told[-1]
    assert "make compare-agreements" in told[-1]
    assert read(other) == []
    assert published_agreement(other) == other.agreement.as_text()


def test_by_hand_an_agreement_that_is_edited_is_held_against_the_published_one(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    agreement = company.agreement.model_copy(update={"version": "second"})
    draft = replace(company, agreement=agreement)
    change, file = compare_agreements(draft, WITH_SCORECARD, None, lambda _: None)
    assert changes(change) == {"acceptance_rate": ("moved", 0.75, 0.5, -0.25)}
    assert dbt == [("second", MONDAY)]
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) from '{file}'").fetchall() == [(1,)]
    assert published_agreement(company) == company.agreement.as_text()


def test_by_hand_the_published_one_is_held_against_the_one_before(
    company: Company, dbt: list[tuple[str, datetime]]
) -> None:
    other = by_another(company)
    night(other)
    change, _ = compare_agreements(other, WITH_SCORECARD, None, lambda _: None)
    assert changes(change) == {"acceptance_rate": ("moved", 0.75, 0.5, -0.25)}
    assert {version for version, _ in dbt} == {"first"}


def test_by_hand_any_earlier_file_may_be_named(
    company: Company, tmp_path: Path, dbt: list[tuple[str, datetime]]
) -> None:
    earlier = tmp_path / "earlier.yml"
    text = (company.folder / "agreement.yml").read_text().replace("version: first", "version: old")
    earlier.write_text(text)
    compare_agreements(company, WITH_SCORECARD, earlier, lambda _: None)
    assert [version for version, _ in dbt] == ["old"]


@pytest.mark.parametrize(
    ("before", "told"),
    [(None, "No earlier agreement is kept. Name the file"), ("agreement.yml", "say the same")],
)
def test_by_hand_it_is_said_where_there_is_nothing_to_compare(
    company: Company, before: str | None, told: str
) -> None:
    file = company.folder / before if before else None
    with pytest.raises(BindError, match=told):
        compare_agreements(company, WITH_SCORECARD, file, lambda _: None)
