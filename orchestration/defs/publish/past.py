"""The funnel as it stood on past days: an asset of a partition a day, for backfills."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import dagster as dg

from connectors.sources import Source
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import OWNERS, PUBLISHED_AS_OF, raw_key
from orchestration.publish.rebuild import rebuild
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.moments import moment

_KNOWN_AT: Final = "known_at"
_FIRST_DAY: Final = date(2015, 1, 1)
"""Where no source says from when on it was observed."""


def past_assets(company: Company, project: DbtProject) -> dg.AssetsDefinition:
    """The published tables as of each day, made by the rebuild that `make rebuild` makes."""
    sources = company.sources.sources
    days = dg.DailyPartitionsDefinition(
        start_date=f"{_first_day(sources)}", timezone=company.agreement.time_zone
    )

    @dg.asset(
        key=PUBLISHED_AS_OF,
        deps=[raw_key(source.name, s.name) for source in sources for s in source.streams],
        partitions_def=days,
        config_schema={
            _KNOWN_AT: dg.Field(
                str,
                is_required=False,
                description="The day or instant up to which loads count; without it, all do.",
            )
        },
        group_name="rebuilt",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        description="The funnel as it stood at the end of a day, built, tested and published in a "
        "folder of its own beside what the nights publish. A day is a whole build: choose few.",
    )
    def published_as_of(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        known_at: str | None = context.op_execution_context.op_config.get(_KNOWN_AT)
        zone = company.agreement.zone
        with explained(context.op_execution_context):
            rebuilt, version = rebuild(
                company,
                project,
                moment(context.partition_key, zone),
                moment(known_at, zone) if known_at else None,
                context.log.info,
            )
        context.log.info(f"published: version {version.version} in {rebuilt.published}")
        metadata: dict[str, Any] = {
            "as_of": version.as_of,
            "known_at": version.known_at,
            "agreement_version": version.agreement_version,
            "place": dg.MetadataValue.path(str(rebuilt.published)),
        }
        return dg.MaterializeResult(metadata=metadata)

    return published_as_of


def _first_day(sources: Iterable[Source]) -> date:
    return min(
        (source.observed_from.date() for source in sources if source.observed_from),
        default=_FIRST_DAY,
    )
