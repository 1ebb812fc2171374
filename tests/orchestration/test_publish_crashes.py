"""Killed at any moment of a publish: readers see one whole version, and the next publish works."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.company import Company
from orchestration.publish.publish import publish
from orchestration.publish.versions import current_version
from tests.orchestration.driven import Ask, driven
from tests.orchestration.nights import PROJECT, build_night, make_company, nights_seen

Kills = Callable[[str, int, int], bool]


def killing(company: Company, ask: Ask) -> Kills:
    """Have a process publish; whether it came as far as a step, and so was killed."""

    def kills(what: str, night: int, step: int) -> bool:
        answer = ask(company.folder, what, night, step)
        assert answer in {"killed", "done 0"}
        return answer == "killed"

    return kills


def _seen(company: Company) -> set[tuple[int, int]]:
    """What readers see, where they see anything."""
    return nights_seen(company) if company.published_warehouse.exists() else set()


def _leftovers(company: Company) -> list[str]:
    return [path.name for path in company.published.rglob(".*")]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return make_company(tmp_path)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with driven("tests.orchestration.publishing") as found:
        yield found


@pytest.fixture
def kills(company: Company, ask: Ask) -> Kills:
    return killing(company, ask)


EVERY_STEP = pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.slow)])
"""Killed before every third operation on a file, and, where there is time, before each."""


@EVERY_STEP
def test_readers_see_one_whole_version_wherever_a_publish_is_killed(
    company: Company, kills: Kills, stride: int
) -> None:
    seen: set[tuple[int, int]] = set()
    switched_at = []

    def killed(night: int, step: int) -> bool:
        nonlocal seen
        if not kills("publish", night, step):
            return False
        before, seen = seen, _seen(company)
        assert seen in (before, {(night, night)})
        assert company.published_parquet.exists() == company.published_warehouse.exists()
        if seen != before:
            switched_at.append(step)
        return True

    step = 1
    while killed(step, step):
        step += stride
    seen = {(step, step)}
    assert nights_seen(company) == seen
    # The last steps, which come after the switch, are all tried.
    for night, last in enumerate(range(step - stride, step), start=step + 1):
        killed(night, last)
    assert step > 20
    assert switched_at, "no kill came after the switch"
    build_night(company, step + stride + 1)
    publish(company, PROJECT, "run")
    assert nights_seen(company) == {(step + stride + 1,) * 2}
    assert _leftovers(company) == []


@EVERY_STEP
def test_readers_see_one_whole_version_wherever_a_refresh_is_killed(
    company: Company, kills: Kills, stride: int
) -> None:
    build_night(company, 1)
    publish(company, PROJECT, "run")
    versions = {current_version(company)}
    step = 1
    while kills("refresh", 1, step):
        assert nights_seen(company) == {(1, 1)}
        versions.add(current_version(company))
        step += stride
    assert step > 20
    assert len(versions) > 1
    assert _leftovers(company) == []


def test_a_reader_that_was_open_before_a_kill_reads_on(company: Company, kills: Kills) -> None:
    build_night(company, 1)
    publish(company, PROJECT, "run")
    with duckdb.connect(company.published_warehouse, read_only=True) as reader:
        assert kills("publish", 2, 15)
        build_night(company, 3)
        publish(company, PROJECT, "run")
        assert reader.execute("select night from marts.all_deals").fetchall() == [(1,)]
    assert nights_seen(company) == {(3, 3)}
