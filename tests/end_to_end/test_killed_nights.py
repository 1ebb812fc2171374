"""Nights that are killed for real, one step after the other, and then one that is left alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.running import REPOSITORY
from tests.end_to_end.small_company import SmallCompany, small_company

STEPS = (
    "crm.leads: 30 new rows",
    "bound: crm is fresh",
    "dbt: ",
    "statistics.cycle_time_trend: ",
)
"""Lines that a night says: in the load, before dbt begins, once a part of the models is built, and
after the first of the statistics."""


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path)


def _killed_after(company: SmallCompany, line: str) -> bool:
    """Whether a night came as far as this line, and so was killed."""
    folder = company.folder
    environment = {
        **os.environ,
        "TANDEM_COMPANY": str(folder),
        "TANDEM_DATA": str(folder / "data"),
        "TANDEM_SOURCE_DATA": str(folder / "exports"),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "orchestration", "run"],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as night:
        assert night.stdout is not None
        for said in night.stdout:
            if line in said:
                night.send_signal(signal.SIGKILL)
                return True
    return False


@pytest.mark.slow
def test_whatever_step_a_night_is_killed_in_the_next_one_is_right_by_itself(
    company: SmallCompany,
) -> None:
    for line in STEPS:
        assert _killed_after(company, line), line
        assert not (company.published.folder / "tandem.duckdb").exists()
    outcome = company.run()
    assert outcome.exit_code == 0, outcome.output
    assert "The run of build before this one was cut off." in outcome.output
    assert "10 won, 5 lost, 0 still open" in outcome.output
    assert company.published.one("select count(*) from fct_funnel") == 30
