"""A past moment is built beside what the nights publish, and what can't be told is refused."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestration.company import Company
from orchestration.publish.publish import publish
from orchestration.publish.rebuild import rebuild
from orchestration.publish.versions import current_version
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import DbtRun
from orchestration.warehouse.freshness import BindError
from orchestration.warehouse.moments import moment, name_of
from tests.orchestration.lakes import load
from tests.orchestration.nights import MONDAY, PROJECT, build_night, make_company, nights_seen

TUESDAY = MONDAY + timedelta(days=1)
LAST_NIGHT, PAST_NIGHT = 4, 2


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company with loads of Monday and of Tuesday, and the night after them published."""
    made = make_company(tmp_path)
    load(made, "crm", "leads", [{"lead": "L2"}], TUESDAY)
    build_night(made, LAST_NIGHT)
    publish(made, PROJECT, "night")
    return made


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of dbt, the tables of a past night are made."""

    def build(
        company: Company, _: DbtProject, __: Sequence[str], ___: Collection[str], **____: Any
    ) -> DbtRun:
        build_night(company, PAST_NIGHT)
        return DbtRun(0, (), ())

    monkeypatch.setattr("orchestration.publish.rebuild.run_nodes", build)


def _rebuild(company: Company, as_of: datetime, known_at: datetime | None) -> Company:
    return rebuild(company, PROJECT, as_of, known_at, lambda _: None)[0]


@pytest.mark.usefixtures("dbt")
def test_a_rebuild_is_published_in_a_folder_of_its_two_clocks(company: Company) -> None:
    as_of, known_at = moment("2026-03-01", ZoneInfo("UTC")), MONDAY
    rebuilt = _rebuild(company, as_of, known_at)
    assert rebuilt.built == company.data / "rebuilt" / "2026-03-01_20260302T060000000000Z"
    assert nights_seen(rebuilt) == {(PAST_NIGHT, PAST_NIGHT)}
    published = current_version(rebuilt)
    assert published is not None
    assert (published.as_of, published.known_at) == (as_of.isoformat(), known_at.isoformat())


@pytest.mark.usefixtures("dbt")
def test_a_rebuild_leaves_what_the_night_built_and_published(company: Company) -> None:
    published, warehouse = current_version(company), company.warehouse.read_bytes()
    _rebuild(company, MONDAY, MONDAY)
    assert current_version(company) == published
    assert nights_seen(company) == {(LAST_NIGHT, LAST_NIGHT)}
    assert company.warehouse.read_bytes() == warehouse


@pytest.mark.usefixtures("dbt")
def test_a_rebuild_sees_what_was_loaded_by_known_at_alone(company: Company) -> None:
    for known_at, leads in ((MONDAY, {"L1"}), (TUESDAY, {"L1", "L2"})):
        rebuilt = _rebuild(company, MONDAY, known_at)
        with open_warehouse(rebuilt.warehouse) as connection:
            rows = connection.execute("select lead from raw_crm.leads").fetchall()
        assert {lead for (lead,) in rows} == leads


@pytest.mark.usefixtures("dbt")
def test_without_a_known_at_a_rebuild_is_as_known_at_the_newest_load(company: Company) -> None:
    published = current_version(_rebuild(company, MONDAY, None))
    assert published is not None
    assert published.known_at == TUESDAY.isoformat()


@pytest.mark.parametrize(
    ("as_of", "known_at", "told"),
    [
        (MONDAY, MONDAY - timedelta(hours=1), "before the first load of crm .* or a later one"),
        (TUESDAY, MONDAY, "as_of is 2026-03-03 06:00:00 UTC, after 2026-03-02 .* an earlier one"),
        (TUESDAY + timedelta(days=1), None, "as_of is 2026-03-04 .* after 2026-03-03 06:00:00"),
        (MONDAY, datetime(2999, 1, 1), "known_at is 2999-.* still to come. Leave it out"),
    ],
)
def test_what_nobody_can_know_is_refused_and_leaves_nothing_behind(
    company: Company, as_of: datetime, known_at: datetime | None, told: str
) -> None:
    with pytest.raises(BindError, match=told):
        _rebuild(company, as_of, known_at)
    assert not (company.data / "rebuilt").exists()


def test_a_day_stands_for_its_end_in_the_business_time_zone() -> None:
    assert moment("2026-06-30", ZoneInfo("America/New_York")) == datetime(
        2026, 7, 1, 3, 59, 59, 999999
    )


def test_an_instant_is_of_the_zone_that_it_names_else_of_the_business_one() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert moment("2026-06-30T12:00:00Z", zone) == datetime(2026, 6, 30, 12)
    assert moment("2026-06-30T12:00:00", zone) == datetime(2026, 6, 30, 10)


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", ""])
def test_a_day_that_does_not_exist_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BindError, match=r"no such day as .* Write a day as 2026-06-30"):
        moment(text, ZoneInfo("UTC"))


def test_two_moments_never_have_one_name() -> None:
    zone = ZoneInfo("Europe/Berlin")
    end = moment("2026-06-30", zone)
    names = {name_of(at, zone) for at in (end, end - timedelta(microseconds=1), MONDAY)}
    assert "2026-06-30" in names
    assert len(names) == 3
