"""What is published: one op, since all of it is switched at once, and what is made of that."""

from collections.abc import Iterator
from typing import Any, Final

import dagster as dg

from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import (
    OWNERS,
    PUBLISHED_CATALOGUE,
    PUBLISHED_DUCKDB,
    PUBLISHED_OBJECT_STORE,
    PUBLISHED_PARQUET,
    PUBLISHED_POSTGRES,
    PUBLISHED_REPORT,
)
from orchestration.publish.agreement_change import change_of_night
from orchestration.publish.catalogue import PUBLIC_SCHEMA
from orchestration.publish.object_store import publish_to_object_store
from orchestration.publish.postgres.target import publish_to_postgres
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish.versions import PublishedVersion, current_version
from orchestration.warehouse.dbt_project import DbtProject

_CLOUDS: Final = {"s3": "s3", "gs": "gcs", "az": "azure"}
"""What Dagster's page shows as the kind of an object store."""


def published_assets(company: Company, project: DbtProject) -> list[dg.AssetsDefinition]:
    """The published files with the catalogue and the report, and where else they are set up to go.

    The catalogue, and the report with it, can be made anew alone; the tables always bring theirs.
    A report, a PostgreSQL or an object store that fails is red, and keeps none of the rest back.
    """
    files = [_files(company, project), _report(company)]
    if company.publishing.postgres:
        files.append(_postgres(company))
    if company.publishing.object_store:
        files.append(_object_store(company, company.publishing.object_store.url))
    return files


def _files(company: Company, project: DbtProject) -> dg.AssetsDefinition:
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
            _fresh_for(company),
        ),
    ]

    @dg.multi_asset(name="publish", specs=specs, can_subset=True)
    def published(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        asked = set(context.selected_asset_keys)
        with explained(context.op_execution_context):
            if asked == {PUBLISHED_CATALOGUE}:
                version = refresh_catalogue(company, project, context.run.run_id)
            else:
                change = change_of_night(company, project, context.log.info)
                table = change.table if change else None
                version = publish(company, project, context.run.run_id, table)
        context.log.info(f"published: version {version.version} in {company.published}")
        for key in sorted(asked, key=str):
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(company, version))

    return published


def _report(company: Company) -> dg.AssetsDefinition:
    @dg.asset(
        key=PUBLISHED_REPORT,
        deps=[PUBLISHED_CATALOGUE],
        description="One page for the weekly meeting of both teams, made of the published tables "
        "together with the catalogue, and switched together with them. It opens without a network.",
        group_name="published",
        freshness_policy=_fresh_for(company),
        kinds={"html"},
        owners=OWNERS,
    )
    def report() -> dg.MaterializeResult[None]:
        version = current_version(company)
        problem = version.report_problem if version else "nothing has been published"
        if version is None or problem:
            raise dg.Failure(
                f"The tables are published, and the report could not be made of them: {problem}",
                allow_retries=False,
            )
        return dg.MaterializeResult(metadata=_metadata(company, version))

    return report


def _postgres(company: Company) -> dg.AssetsDefinition:
    @dg.asset(
        key=PUBLISHED_POSTGRES,
        deps=[PUBLISHED_DUCKDB, PUBLISHED_PARQUET, PUBLISHED_CATALOGUE],
        description="The published tables in PostgreSQL, copied from the files and switched in one "
        "transaction. Where it missed a version, the next run brings it, quiet or not.",
        group_name="published",
        freshness_policy=_fresh_for(company),
        kinds={"postgres"},
        owners=OWNERS,
    )
    def postgres(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with explained(context.op_execution_context):
            copied = publish_to_postgres(company, context.log.warning)
        context.log.info(f"PostgreSQL has version {copied.version}; it took {copied.done}")
        return dg.MaterializeResult(
            metadata={"version": copied.version, "took": str(copied.done), "rows": copied.rows}
        )

    return postgres


def _object_store(company: Company, url: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=PUBLISHED_OBJECT_STORE,
        deps=[PUBLISHED_DUCKDB, PUBLISHED_PARQUET, PUBLISHED_CATALOGUE],
        description="The published files in an object store, copied and then switched by one write "
        "of `current.json`. Where it missed a version, the next run brings it, quiet or not.",
        group_name="published",
        freshness_policy=_fresh_for(company),
        kinds={_CLOUDS[url.partition("://")[0]]},
        owners=OWNERS,
    )
    def object_store(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with explained(context.op_execution_context):
            copied = publish_to_object_store(company, context.log.warning)
        return dg.MaterializeResult(
            metadata={
                "version": copied.version,
                "files_sent": copied.files,
                "bytes_sent": copied.size,
                "files_reused": copied.reused,
            }
        )

    return object_store


def _fresh_for(company: Company) -> dg.FreshnessPolicy:
    """How old what every night makes may be: what is older is what people are told of as late.

    The tables' own files have no such policy: a quiet night leaves them as they are.
    """
    return dg.FreshnessPolicy.time_window(fail_window=company.operations.alerts.late_after)


def _spec(
    key: dg.AssetKey,
    kind: str,
    description: str,
    deps: list[dg.AssetKey],
    fresh_for: dg.FreshnessPolicy | None = None,
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=key,
        deps=deps,
        description=description,
        group_name="published",
        kinds={kind},
        owners=OWNERS,
        freshness_policy=fresh_for,
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
