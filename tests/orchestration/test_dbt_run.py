"""dbt runs in a process of its own, and what it does is told while it does it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pytest

from orchestration.company import Company
from orchestration.warehouse.dbt_progress import BuildProgress, LogEvent
from orchestration.warehouse.dbt_run import DbtRun, run_dbt
from tests.orchestration.lakes import write_company
from tests.orchestration.nights import AGREEMENT, SOURCES

FILES = {
    "dbt_project.yml": "{name: tiny, profile: tiny}",
    "profiles.yml": """\
tiny:
  target: memory
  outputs: {memory: {type: duckdb, path: ':memory:', threads: 1}}
""",
    "models/nights.sql": "{% do log('a word from the project', info=true) %} select 1 as night",
    "models/broken.sql": "select nihgt from (select 1 as night)",
    "models/after_broken.sql": "select * from {{ ref('broken') }}",
    "models/models.yml": """\
models:
  - name: nights
    columns:
      - name: night
        data_tests:
          - not_null
          - accepted_values: {name: night_is_two, arguments: {values: [2]}}
          - accepted_values: {name: warns, arguments: {values: [2]}, config: {severity: warn}}
""",
}


@dataclass(frozen=True)
class Ran:
    """A run of dbt: what it told, how it ended, and the log that dbt itself wrote of it."""

    company: Company
    place: Sequence[str]
    told: Sequence[str]
    run: DbtRun
    log: Sequence[LogEvent]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A build of a project in which a model and a test fail, a test warns and one passes."""
    folder = tmp_path_factory.mktemp("tiny")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    company = write_company(folder, SOURCES, AGREEMENT)
    place = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    told: list[str] = []
    run = run_dbt(company, ["build", *place, "--log-format-file", "json"], told.append, models=3)
    log = (company.dbt / "logs" / "dbt.log").read_text().splitlines()
    return Ran(company, place, told, run, [json.loads(line) for line in log])


def _told_of(log: Sequence[LogEvent], seconds_between_events: int) -> list[str]:
    ticks = count(step=seconds_between_events)
    progress = BuildProgress(models=3, clock=lambda: next(ticks))
    return [line for event in log if (line := progress.line_after(event))]


def test_what_fails_is_told_by_name_and_at_once(ran: Ran) -> None:
    failed = [line for line in ran.told if line.endswith(": FAILED")]
    assert sorted(failed) == ["main.broken: FAILED", "test night_is_two: FAILED"]


def test_what_the_project_itself_logs_is_told(ran: Ran) -> None:
    assert "a word from the project" in ran.told


def test_every_ten_seconds_a_line_says_what_is_built_passed_failed_and_left_out(ran: Ran) -> None:
    def errors_first(event: LogEvent) -> tuple[bool, str]:
        return event["info"]["level"] != "error", event["info"]["name"]

    told = _told_of(sorted(ran.log, key=errors_first), 10)
    assert [line for line in told if line.startswith("dbt: ")] == [
        "dbt: 1 of 3 models built, 0 tests passed, 2 FAILED",
        "dbt: 1 of 3 models built, 1 tests passed, 2 FAILED",
        "dbt: 1 of 3 models built, 2 tests passed, 2 FAILED",
        "dbt: 1 of 3 models built, 2 tests passed, 2 FAILED, 1 left out",
    ]


def test_a_build_of_less_than_ten_seconds_tells_of_failures_alone(ran: Ran) -> None:
    told = sorted(_told_of(ran.log, 1))
    assert told == ["main.broken: FAILED", "test night_is_two: FAILED"]


def test_a_run_ends_with_how_each_model_and_test_ended(ran: Ran) -> None:
    ends = {result.unique_id.split(".")[2]: result.status for result in ran.run.results}
    assert ends == {
        "nights": "success",
        "broken": "error",
        "after_broken": "skipped",
        "night_is_two": "fail",
        "warns": "warn",
    } | {name: "pass" for name in ends if name.startswith("not_null")}
    assert ran.run.exit_code != 0


def test_of_a_parsed_project_what_is_named_is_built_and_tested_and_nothing_else(ran: Ran) -> None:
    parsed = ran.company.dbt / "target" / "partial_parse.msgpack"
    of_both = [r.unique_id for r in ran.run.results if r.status in {"success", "warn"}]
    run = run_dbt(
        ran.company,
        ["build", "--indirect-selection", "empty", *ran.place],
        print,
        models=1,
        parsed=parsed,
        nodes=of_both,
    )
    assert {r.unique_id: r.status for r in run.results} == {
        r.unique_id: r.status for r in ran.run.results if r.unique_id in of_both
    }
    assert len(of_both) == 2
    assert run.exit_code == 0


def test_dbt_ends_where_whoever_started_it_was_killed() -> None:
    """So that it lets go of the warehouse, whichever of its threads finds out."""
    told_to_nobody = (
        "import os, threading\n"
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1)\n"
        "from orchestration.dbt_process import _write\n"
        "teller = threading.Thread(target=_write, args=({},)); teller.start()\n"
        "threading.Event().wait()"
    )
    ended = subprocess.run([sys.executable, "-c", told_to_nobody], check=False, timeout=120)
    assert ended.returncode == 1
