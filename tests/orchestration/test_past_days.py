"""A past day is a partition in the web UI: its run is the rebuild of that day."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.defs.naming import BUILT, PUBLISHED_AS_OF
from orchestration.defs.publish.assets import published_assets
from orchestration.defs.publish.past import past_assets
from orchestration.defs.raw.assets import raw_assets
from orchestration.publish.publish import publish
from orchestration.publish.versions import current_version
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import DbtRun
from tests.orchestration.lakes import load
from tests.orchestration.nights import MONDAY, PROJECT, build_night, make_company, nights_seen

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company with loads of two days; instead of dbt, a night's tables are made."""

    def build(
        company: Company, _: DbtProject, __: Sequence[str], ___: Collection[str], **____: Any
    ) -> DbtRun:
        build_night(company, 3)
        return DbtRun(0, (), ())

    monkeypatch.setattr("orchestration.publish.rebuild.run_nodes", build)
    made = make_company(tmp_path)
    load(made, "crm", "leads", [{"lead": "L2"}], TUESDAY)
    build_night(made, 1)
    publish(made, PROJECT, "night")
    return made


def _made(company: Company, day: str, **config: str) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [past_assets(company, PROJECT)],
        partition_key=day,
        run_config={"ops": {"rebuilt__published_as_of": {"config": config}}},
        raise_on_error=False,
    )


def test_a_day_is_published_as_it_stood_at_its_end_beside_what_the_night_published(
    company: Company,
) -> None:
    result = _made(company, "2026-03-01")
    assert result.success
    [event] = result.get_asset_materialization_events()
    assert (event.asset_key, event.partition) == (PUBLISHED_AS_OF, "2026-03-01")
    rebuilt = company.rebuilt("2026-03-01_20260303T060000000000Z")
    version = current_version(rebuilt)
    assert version is not None
    assert version.as_of == "2026-03-01T23:59:59.999999"
    assert nights_seen(rebuilt) == {(3, 3)}
    assert nights_seen(company) == {(1, 1)}


def test_a_day_may_be_asked_for_as_it_was_known_then(company: Company) -> None:
    assert _made(company, "2026-03-01", known_at=f"{MONDAY.isoformat()}Z").success
    version = current_version(company.rebuilt("2026-03-01_20260302T060000000000Z"))
    assert version is not None
    assert version.known_at == MONDAY.isoformat()


def test_a_day_of_which_nothing_can_be_known_yet_fails_with_the_reason(company: Company) -> None:
    result = _made(company, "2026-03-04")
    assert not result.success
    [failure] = result.get_step_failure_events()
    description = failure.step_failure_data.user_failure_data
    assert description is not None
    assert "as_of is 2026-03-04" in (description.description or "")


def test_the_days_begin_where_the_sources_do(company: Company) -> None:
    first, *others = company.sources.sources
    seen_from = first.model_copy(update={"observed_from": datetime(2025, 11, 3, tzinfo=UTC)})
    sources = company.sources.model_copy(update={"sources": (seen_from, *others)})
    partitions = past_assets(replace(company, sources=sources), PROJECT).partitions_def
    assert partitions is not None
    assert partitions.get_first_partition_key() == "2025-11-03"


def test_a_night_builds_no_past_day(company: Company) -> None:
    assets = [*raw_assets(company), *published_assets(company, PROJECT)]
    with_past = [*assets, past_assets(company, PROJECT)]
    assert BUILT.resolve(with_past) == BUILT.resolve(assets) != set()
