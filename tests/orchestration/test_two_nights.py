"""Two nights at once, and one whose process was killed: a source is asked by one at a time."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import dagster as dg
import pytest

from connectors.errors import TransientError
from orchestration.company import Company, load_company
from orchestration.definitions import definitions_of
from orchestration.defs.alerts import tell_of_failure
from orchestration.defs.cut_off import CUT_OFF, cut_off_sensor, end_cut_off_runs, free_places
from orchestration.defs.naming import pool_of, raw_key
from orchestration.defs.publish.automation import BUILD, REFRESH, STARTED_BY, TERMINAL
from orchestration.defs.raw.assets import raw_assets
from orchestration.defs.raw.automation import MAINTAIN, NIGHTLY
from orchestration.defs.turn import executor_in_turn
from orchestration.instance import HOME
from orchestration.loading.attempts import (
    Attempt,
    AttemptState,
    failed_sources,
    hold_stream,
    last_attempts,
    now,
    problems,
    remember,
)
from orchestration.loading.load import load
from orchestration.locks import TerminalBusy, hold_terminal, hold_turn, is_held
from orchestration.warehouse.dbt_project import read_project
from tests.end_to_end.small_company import small_company
from tests.orchestration.alerts.receivers import webhook

SPEND = raw_key("ads", "spend")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    small_company(tmp_path)
    (tmp_path / "operations.yml").write_text("alerts: {to: [{kind: webhook, url_variable: HOOK}]}")
    monkeypatch.setenv("TANDEM_COMPANY", str(tmp_path))
    monkeypatch.setenv("TANDEM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANDEM_SOURCE_DATA", str(tmp_path / "exports"))
    monkeypatch.setenv("TANDEM_DAGSTER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("TANDEM_DAGSTER_POSTGRES", "")
    return load_company()


@pytest.fixture
def instance(company: Company) -> Iterator[dg.DagsterInstance]:
    """The instance that dagster.yaml makes."""
    with dg.DagsterInstance.from_config(str(HOME)) as made:
        yield made


def _load_spend(company: Company) -> None:
    load(company, "ads", "spend", "run", lambda _, __: None)


def test_of_two_runs_that_load_a_stream_at_once_the_second_tries_again_later(
    company: Company,
) -> None:
    with hold_stream(company, "ads", "spend"):
        with pytest.raises(TransientError, match="another run is loading it"):
            _load_spend(company)
        assert [*last_attempts(company)] == [], "how the first one ends is what counts"
    _load_spend(company)
    assert not failed_sources(company)


def test_a_stream_that_another_run_is_loading_keeps_no_night_from_building(
    company: Company,
) -> None:
    remember(company, Attempt("ads", "spend", AttemptState.LOADING, "other", now()))
    with hold_stream(company, "ads", "spend"):
        assert not failed_sources(company)
        assert problems(company) == {}
    assert failed_sources(company) == {"ads"}, "its process ended before it did"


def test_a_second_command_does_nothing_while_one_is_at_work(company: Company) -> None:
    refused = pytest.raises(TerminalBusy, match="this one did nothing")
    with hold_terminal(company.data), refused, hold_terminal(company.data):
        pass
    with hold_terminal(company.data):
        pass


def test_a_run_goes_on_once_the_one_before_it_is_over(company: Company) -> None:
    is_waiting, done = Event(), list[str]()

    def second() -> None:
        with hold_turn(company.data, lambda _: is_waiting.set()):
            done.append("second")

    other = Thread(target=second)
    with hold_turn(company.data, done.append):
        other.start()
        assert is_waiting.wait(timeout=30)
        done.append("first")
    other.join(timeout=30)
    assert done == ["first", "second"]


def _job_in_turn() -> dg.JobDefinition:
    company = load_company()

    @dg.op
    def tells_whose_turn_it_is(context: dg.OpExecutionContext) -> None:
        assert is_held(company.data / "turn.lock"), "another run could begin now"

    @dg.job(executor_def=executor_in_turn(company))
    def in_turn() -> None:
        tells_whose_turn_it_is()

    return in_turn


def test_a_run_that_dagster_starts_has_its_turn_to_its_end_and_no_longer(
    company: Company, instance: dg.DagsterInstance
) -> None:
    assert dg.execute_job(dg.reconstructable(_job_in_turn), instance).success
    assert not is_held(company.data / "turn.lock")


def test_every_job_of_a_company_is_executed_in_turn(company: Company) -> None:
    definitions = definitions_of(company, read_project(company))
    for job in (NIGHTLY, BUILD, REFRESH, MAINTAIN):
        assert definitions.resolve_job_def(job).executor_def.name == "in_turn"


def test_streams_of_a_source_are_in_its_pool_of_one(
    company: Company, instance: dg.DagsterInstance
) -> None:
    pools = {asset.key: asset.op.pool for asset in raw_assets(company)}
    assert pools[SPEND] == pool_of("ads")
    assert pools[raw_key("crm", "leads")] == pools[raw_key("crm", "deals")] == pool_of("crm")
    config = instance.event_log_storage.get_pool_config()
    assert config.default_pool_limit == 1
    assert config.pool_granularity is not None
    assert config.pool_granularity.value == "op"


def _cut_off_night(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A night of a terminal that was killed while it loaded what ads cost."""
    night = dg.DagsterRun(
        job_name="nightly", tags={STARTED_BY: TERMINAL}, status=dg.DagsterRunStatus.STARTED
    )
    instance.add_run(night)
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default(pool_of("ads"))
    claimed = storage.claim_concurrency_slot(pool_of("ads"), night.run_id, "raw__ads__spend")
    assert claimed.is_claimed
    return night


def _places_taken(instance: dg.DagsterInstance) -> int:
    return instance.event_log_storage.get_concurrency_info(pool_of("ads")).active_slot_count


def test_the_place_that_a_killed_run_left_taken_is_freed_and_the_next_run_loads(
    company: Company, instance: dg.DagsterInstance
) -> None:
    _cut_off_night(instance)
    free_places(company, instance)
    assert _places_taken(instance) == 0
    result = dg.materialize(
        [*raw_assets(company)], selection=dg.AssetSelection.assets(SPEND), instance=instance
    )
    assert result.success
    assert _places_taken(instance) == 0


def test_a_place_of_a_load_that_is_under_way_stays_taken(
    company: Company, instance: dg.DagsterInstance
) -> None:
    _cut_off_night(instance)
    with hold_stream(company, "ads", "spend"):
        free_places(company, instance)
        assert _places_taken(instance) == 1


def test_a_night_that_was_killed_is_marked_as_failed_and_people_are_told(
    company: Company, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = _cut_off_night(instance)
    with hold_terminal(company.data):
        skipped = cut_off_sensor()(dg.build_sensor_context(instance=instance))
        assert isinstance(skipped, dg.SkipReason)
        assert "at work" in (skipped.skip_message or "")
    [run] = end_cut_off_runs(instance)
    assert run.run_id == night.run_id
    ended = instance.get_run_by_id(night.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    assert end_cut_off_runs(instance) == []
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        tell_of_failure(company, instance, run, CUT_OFF)
    assert hook.posted[0]["troubles"] == [{"what": "nightly", "reason": CUT_OFF}]
