"""A load as Dagster sees it: what its checks find is on the asset, and people are told of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from connectors.lake import open_table, raw_arrow_schema
from connectors.sync_state import Counts
from orchestration.company import Company, load_company
from orchestration.defs.alerts import alert_sensors
from orchestration.defs.naming import raw_key
from orchestration.defs.raw.assets import raw_assets
from tests.end_to_end.small_company import EXPORTS, SmallCompany, small_company
from tests.orchestration.alerts.receivers import Webhook, webhook
from tests.orchestration.lakes import raw_schema

SPEND = raw_key("ads", "spend")
OPERATIONS = """\
alerts: {to: [{kind: webhook, url_variable: HOOK}]}
checks: {volume: {few: 1}}
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    made = small_company(tmp_path)
    (tmp_path / "operations.yml").write_text(OPERATIONS)
    monkeypatch.setenv("TANDEM_COMPANY", str(tmp_path))
    monkeypatch.setenv("TANDEM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANDEM_SOURCE_DATA", str(tmp_path / "exports"))
    return made


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with webhook() as made:
        monkeypatch.setenv("HOOK", made.url)
        yield made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def _load(instance: dg.DagsterInstance, key: dg.AssetKey = SPEND) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [*raw_assets(load_company())], selection=dg.AssetSelection.assets(key), instance=instance
    )


def _checks(
    result: dg.ExecuteInProcessResult,
) -> dict[str, tuple[bool, dg.AssetCheckSeverity, str | None]]:
    found = result.get_asset_check_evaluations()
    assert {check.asset_key for check in found} == {SPEND}
    return {c.check_name: (c.passed, c.severity, c.description) for c in found}


def test_each_load_is_checked_four_ways_and_a_first_one_passes(
    small: SmallCompany, instance: dg.DagsterInstance
) -> None:
    checks = _checks(_load(instance))
    assert checks.keys() == {"volume", "columns", "landing", "quarantine"}
    assert all(passed for passed, _, _ in checks.values())


def test_a_column_that_came_and_a_type_that_no_longer_fits_stand_on_the_asset(
    small: SmallCompany, instance: dg.DagsterInstance
) -> None:
    _load(instance)
    small.export("spend.csv", "day,channel,amount,team\n2026-02-01,search,much,x\n")
    checks = _checks(_load(instance))
    passed, severity, told = checks["columns"]
    assert (passed, severity) == (False, dg.AssetCheckSeverity.WARN)
    assert told == "team (text) is new; its values land in _extra."
    assert checks["quarantine"][:2] == (False, dg.AssetCheckSeverity.WARN)


def _earlier_weeks(company: Company) -> None:
    """The same weekday of four weeks before, each with records, as the lake tells of them."""
    schema = raw_schema(company, "ads", "spend")
    table = open_table(company.lake, "ads", "spend", schema)
    columns = raw_arrow_schema(schema)
    for week in range(5, 0, -1):
        at = datetime.now(UTC) - timedelta(weeks=week)
        table.append(columns.empty_table(), None, Counts(rows=20 + week), at)
        table.end(columns, None, at, None)


def test_a_source_that_suddenly_brings_nothing_is_red_and_people_are_told_once(
    small: SmallCompany, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    _earlier_weeks(load_company())
    small.export("spend.csv", EXPORTS["spend.csv"].splitlines()[0] + "\n")
    result = _load(instance)
    assert result.success
    passed, severity, told = _checks(result)["volume"]
    assert (passed, severity) == (False, dg.AssetCheckSeverity.ERROR)
    _told_of(result, instance)
    _told_of(result, instance)
    [posted] = hook.posted
    assert posted["troubles"] == [{"what": "raw/ads/spend, check volume", "reason": told}]
    assert posted["title"].startswith("acme: checks of ")


def test_a_stream_whose_volume_is_ignored_is_green_whatever_it_brings(
    small: SmallCompany, instance: dg.DagsterInstance
) -> None:
    file = small.folder / "operations.yml"
    file.write_text(OPERATIONS.replace("few: 1", "few: 1, of: {ads.spend: ignored}"))
    _earlier_weeks(load_company())
    small.export("spend.csv", EXPORTS["spend.csv"].splitlines()[0] + "\n")
    passed, _, told = _checks(_load(instance))["volume"]
    assert passed
    assert told is not None
    assert "has this stream's volume ignored" in told


def test_what_is_only_worth_a_look_is_told_to_nobody(
    small: SmallCompany, instance: dg.DagsterInstance, hook: Webhook
) -> None:
    _load(instance)
    small.export("spend.csv", "day,channel,amount,team\n2026-02-01,search,1,x\n")
    result = _load(instance)
    assert not _checks(result)["columns"][0]
    _told_of(result, instance)
    assert hook.posted == []


def _told_of(result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> None:
    """What the daemon does once the run is over."""
    [sensor] = [one for one in alert_sensors() if one.name == "tell_of_red_checks"]
    assert isinstance(sensor, dg.RunStatusSensorDefinition)
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    [ended] = instance.get_records_for_run(
        run.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS
    ).records
    sensor(
        dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=ended.event_log_entry.get_dagster_event(),
            dagster_instance=instance,
            dagster_run=run,
        )
    )


def test_a_raw_table_is_overdue_when_its_source_is_stale(small: SmallCompany) -> None:
    sources = small.folder / "sources.yml"
    sources.write_text(
        sources.read_text().replace("required: false", "required: false\n    stale_after: 48 hours")
    )
    policies = {
        spec.key: spec.freshness_policy
        for asset in raw_assets(load_company())
        for spec in asset.specs
    }
    assert policies[SPEND] == dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=48))
    assert policies[raw_key("crm", "leads")] is None, (
        "a source that is never stale is never overdue"
    )
