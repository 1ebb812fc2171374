"""People are told of a run that failed, what failed in it and why, and of tables that are late."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from connectors.typed_yaml import ConfigurationError
from orchestration.alerts import alert_of_late_tables
from orchestration.company import Company, load_company
from orchestration.defs.alerts import TOLD, alert_sensors, tell_of_failure
from orchestration.operations import load_operations
from orchestration.publish.versions import PublishedVersion, switch_to, unfinished_version
from tests.end_to_end.small_company import small_company
from tests.orchestration.alerts.receivers import Webhook, webhook

_OPERATIONS = """\
web_ui: https://tandem.acme.example/
alerts:
  late_after: 30 hours
  to:
    - {kind: webhook, url_variable: HOOK}
"""
PUBLISHED_AT = datetime(2026, 11, 2, 2, 0)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with webhook() as made:
        monkeypatch.setenv("HOOK", made.url)
        yield made


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company whose operations.yml names one webhook."""
    folder = small_company(tmp_path).folder
    (folder / "operations.yml").write_text(_OPERATIONS)
    monkeypatch.setenv("TANDEM_COMPANY", str(folder))
    monkeypatch.setenv("TANDEM_DATA", str(tmp_path / "data"))
    return load_company()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def failed_run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run whose step `leads` failed with a reason, and a check of `deals` with another."""

    @dg.asset
    def leads() -> None:
        raise dg.Failure("exports/leads.csv: the line 7 is cut off. Export it again.")

    @dg.asset(check_specs=[dg.AssetCheckSpec("has_rows", asset="deals")])
    def deals() -> Iterator[dg.MaterializeResult[None]]:
        check = dg.AssetCheckResult(passed=False, check_name="has_rows", description="0 rows")
        yield dg.MaterializeResult(check_results=[check])

    @dg.asset(deps=[leads])
    def funnel() -> None:
        """Waits for the leads, so it never starts."""

    result = dg.materialize([leads, deals, funnel], instance=instance, raise_on_error=False)
    assert not result.success
    return result.dagster_run


def publish(company: Company, at: datetime) -> None:
    """Have the company published something at a time."""
    told = dict.fromkeys(PublishedVersion.__dataclass_fields__, "-")
    version = PublishedVersion(**{**told, "version": "1", "published_at": at.isoformat()})
    with unfinished_version(company, "1") as folder:
        switch_to(company, folder, version)


def test_a_failed_run_is_told_with_what_failed_and_why(
    company: Company, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    run = failed_run(instance)
    tell_of_failure(company, instance, run, "it was cut off")
    [told] = hook.posted
    assert told["troubles"] == [
        {"what": "deals, check has_rows", "reason": "0 rows"},
        {"what": "leads", "reason": "exports/leads.csv: the line 7 is cut off. Export it again."},
    ]
    assert told["link"] == f"https://tandem.acme.example/runs/{run.run_id}"
    assert told["standing"] == "Nothing has been published yet."


def test_of_a_run_that_was_cut_off_the_end_is_told(
    company: Company, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    run = instance.add_run(dg.DagsterRun(job_name="build"))
    tell_of_failure(company, instance, run, "its process ended")
    assert hook.posted[0]["troubles"] == [{"what": "build", "reason": "its process ended"}]


def test_the_sensor_tells_once_of_a_run(
    company: Company, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    run = failed_run(instance)
    sensor = _sensor("tell_of_failed_runs")
    assert isinstance(sensor, dg.RunStatusSensorDefinition)
    for _ in range(2):
        present = instance.get_run_by_id(run.run_id)
        assert present is not None
        [failure] = instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE
        ).records
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=failure.event_log_entry.get_dagster_event(),
            dagster_instance=instance,
            dagster_run=present,
        ).for_run_failure()
        sensor(context)
        assert TOLD in (instance.get_run_by_id(run.run_id) or run).tags
    assert len(hook.posted) == 1


def test_where_nobody_is_named_nobody_is_told(
    company: Company, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    (company.folder / "operations.yml").unlink()
    tell_of_failure(load_company(), instance, failed_run(instance), "it was cut off")
    assert hook.requests == 0


@pytest.mark.parametrize(("hours", "is_late"), [(30, False), (31, True)])
def test_tables_are_late_past_the_hours_agreed(company: Company, hours: int, is_late: bool) -> None:
    publish(company, PUBLISHED_AT)
    alert = alert_of_late_tables(company, PUBLISHED_AT + timedelta(hours=hours))
    assert (alert is not None) == is_late
    assert alert is None or "published 31 hours ago, at 2026-11-02 02:00 UTC" in alert.standing


def test_a_company_that_never_published_is_not_late(company: Company) -> None:
    assert alert_of_late_tables(company, datetime(2026, 11, 2)) is None


def test_late_tables_are_told_once_a_day(
    company: Company, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    publish(company, PUBLISHED_AT)
    sensor = _sensor("tell_of_late_tables")
    cursor = None
    for _ in range(2):
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        sensor.evaluate_tick(context)
        cursor = context.cursor
    assert [told["title"] for told in hook.posted] == ["acme: the published tables are late"]


def test_an_address_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "operations.yml"
    file.write_text("alerts:\n  to:\n    - {kind: slack, url_variable: https://hooks.example/T0}\n")
    with pytest.raises(
        ConfigurationError, match=r"operations\.yml:3: .*environment variable"
    ) as no:
        load_operations(file)
    assert "hooks.example" not in str(no.value)


def _sensor(name: str) -> dg.SensorDefinition:
    [sensor] = [sensor for sensor in alert_sensors() if sensor.name == name]
    return sensor
