"""What is published: one op, since all of it is switched at once."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import (
    OWNERS,
    PUBLISHED_CATALOGUE,
    PUBLISHED_DUCKDB,
    PUBLISHED_PARQUET,
    PUBLISHED_REPORT,
)
from orchestration.publish.catalogue import PUBLIC_SCHEMA
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish.versions import PublishedVersion
from orchestration.warehouse.dbt_project import DbtProject


def published_assets(company: Company, project: DbtProject) -> dg.AssetsDefinition:
    """The published DuckDB file and Parquet, the catalogue, and the report.

    The catalogue and the report can be made anew alone; the tables always bring theirs.
    """
    models = [
        dg.AssetKey([node["schema"], node["name"]])
        for node in project.models.values()
        if node["schema"] == PUBLIC_SCHEMA
    ]
    specs = [
        _spec(
            PUBLISHED_DUCKDB,
            "duckdb",
            "The published tables as one DuckDB file, schema `marts`, for any client of version 1 "
            "or later. Replaced at once; who has it open keeps what was there.",
            models,
        ),
        _spec(
            PUBLISHED_PARQUET,
            "parquet",
            "The same tables as Parquet, a folder each, switched together with the DuckDB file.",
            models,
        ),
        _spec(
            PUBLISHED_CATALOGUE,
            "duckdb",
            "What each published table is and how fresh it is; the state and age of each source.",
            # Of the models too: what stands between some of them would part this op otherwise.
            [dg.AssetKey(["bound", "sources"]), dg.AssetKey(["bound", "clock"]), *models],
        ),
        _spec(
            PUBLISHED_REPORT,
            "html",
            "One page for the weekly meeting of both teams, made of the published tables and "
            "switched together with them. It opens without a network.",
            [dg.AssetKey(["bound", "sources"]), dg.AssetKey(["bound", "clock"]), *models],
        ),
    ]

    @dg.multi_asset(name="publish", specs=specs, can_subset=True)
    def published(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        asked = set(context.selected_asset_keys)
        with explained(context.op_execution_context):
            if asked <= {PUBLISHED_CATALOGUE, PUBLISHED_REPORT}:
                version = refresh_catalogue(company, project, context.run_id)
            else:
                version = publish(company, project, context.run_id)
        context.log.info(f"published: version {version.version} in {company.published}")
        failed = {PUBLISHED_REPORT} if version.report_problem else set()
        for key in sorted(asked - failed, key=str):
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(company, version))
        if failed & asked:
            raise dg.Failure(
                f"The tables are published, and the report could not be made of them: "
                f"{version.report_problem}",
                allow_retries=False,
            )

    return published


def _spec(key: dg.AssetKey, kind: str, description: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=key,
        deps=deps,
        description=description,
        group_name="published",
        kinds={kind},
        owners=OWNERS,
        skippable=True,
    )


def _metadata(company: Company, version: PublishedVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "as_of": version.as_of,
        "known_at": version.known_at,
        "agreement_version": version.agreement_version,
        "tables_at": version.tables_at,
        "place": dg.MetadataValue.path(str(company.published)),
    }
