"""Whole nights that are started at once, each in a process of its own, as a scheduler may do."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from orchestration.company import load_company
from orchestration.instance import instance_environment
from tests.end_to_end.running import REPOSITORY
from tests.end_to_end.small_company import SmallCompany, small_company

pytestmark = pytest.mark.slow

NIGHT = [sys.executable, "-m", "orchestration", "run"]
OF_DAGSTER = [sys.executable, "-m", "dagster", "job", "execute", "-m", "orchestration.definitions"]
WHOLE = (30, 30, 10, 5)
A_NIGHT = 1800
"""Seconds that a night may take."""


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path)


def _environment(company: SmallCompany) -> dict[str, str]:
    """The environment of all of a company's processes, those of Dagster's own commands too."""
    folder = company.folder
    given = {
        **os.environ,
        "TANDEM_COMPANY": str(folder),
        "TANDEM_DATA": str(folder / "data"),
        "TANDEM_SOURCE_DATA": str(folder / "exports"),
    }
    return instance_environment(load_company(given), given)


def _start(company: SmallCompany, command: Iterable[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*command],
        cwd=REPOSITORY,
        env=_environment(company),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    said, _ = process.communicate(timeout=A_NIGHT)
    return process.returncode, said


def _funnel(company: SmallCompany) -> tuple[int, ...]:
    """How many rows the funnel has, how many journeys, and how many of them are won and lost."""
    [counts] = company.published.rows(
        "select count(*), count(distinct journey_id), count(won_at), count(lost_at) from fct_funnel"
    )
    return counts


def test_of_two_nights_started_at_once_one_builds_and_the_other_says_why_it_did_nothing(
    company: SmallCompany,
) -> None:
    nights = [_start(company, NIGHT) for _ in range(2)]
    (built, said), (refused, why) = sorted(_ended(night) for night in nights)
    assert (built, refused) == (0, 2), f"{said}\n{why}"
    assert "this one did nothing" in why
    assert said.count("crm.leads: 30 new rows") == 1
    assert len([*(company.published.folder / "versions").iterdir()]) == 1
    assert _funnel(company) == WHOLE


def test_a_build_that_dagster_starts_in_the_middle_of_a_night_waits_for_it(
    company: SmallCompany,
) -> None:
    night = _start(company, NIGHT)
    assert night.stdout is not None
    # Then dbt is about to begin: whoever bound now would close the gate before this night.
    assert any("bound: ads is fresh" in line for line in night.stdout), "it never came so far"
    build = _start(company, [*OF_DAGSTER, "-j", "build"])
    assert _ended(night)[0] == 0
    assert _funnel(company) == WHOLE
    ended, said = _ended(build)
    assert ended == 0, said
    assert "this one goes on when that one is over" in said
    assert _funnel(company) == WHOLE
