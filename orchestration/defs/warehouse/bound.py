"""The bind step: one op whose assets are the sources that dbt reads."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import dagster as dg

from connectors.sources import API_STREAMS, Sources
from orchestration.checks.landing import verdict_on_binding
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import OWNERS, STATISTICS, raw_key
from orchestration.defs.verdicts import check_result, told_checks
from orchestration.loading.attempts import failed_sources
from orchestration.warehouse.bind import Binding, bind
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.hold import hold_warehouse

_SOURCES: Final = dg.AssetKey(["bound", "sources"])
_CLOCK: Final = dg.AssetKey(["bound", "clock"])
_EVERY_ROW: Final = "every_row"


def bound_assets(company: Company, project: DbtProject) -> dg.AssetsDefinition:
    """The assets of all that the bind step makes for dbt."""
    specs = [
        _spec(node, company.sources)
        for node in project.manifest["sources"].values()
        if node["schema"] != STATISTICS
    ]

    @dg.multi_asset(
        name="bind",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(
                _EVERY_ROW,
                asset=_SOURCES,
                description="The night is bound to every row that the lake's log tells of. Nothing "
                "is built where it is not.",
                blocking=True,
            )
        ],
        description="Pin one version of every raw table, fix the clocks, and turn the agreement "
        "into tables. Refused where a required source is not ready.",
    )
    def bind_night(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with explained(context.op_execution_context), hold_warehouse(company):
            binding = bind(company, failed=failed_sources(company))
        for line in told(binding):
            context.log.info(line)
        for spec in specs:
            yield dg.MaterializeResult(asset_key=spec.key, metadata=_metadata(spec, binding))
        check = check_result(_SOURCES, _EVERY_ROW, verdict_on_binding(binding.sources))
        for line in told_checks("bound", [check]):
            context.log.warning(line)
        yield check

    return bind_night


def told(binding: Binding) -> Iterator[str]:
    """Lines on what the night is bound to."""
    as_of, known_at = f"{binding.as_of:%Y-%m-%d %H:%M}", f"{binding.known_at:%Y-%m-%d %H:%M}"
    if binding.damage:
        yield f"bound, and the warehouse made anew: {binding.damage}"
    yield f"bound: as of {as_of} UTC, known at {known_at} UTC"
    for source in binding.sources:
        synced = source.last_synced_at
        last = f"last loaded {synced:%Y-%m-%d %H:%M} UTC" if synced else "never loaded whole"
        yield (
            f"bound: {source.source} is {source.state}, {last}, {source.rows:,} rows, "
            f"{source.rejected:,} in quarantine"
        )


def _spec(node: Mapping[str, Any], sources: Sources) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey([node["schema"], node["identifier"]]),
        deps=[dg.AssetDep(key) for key in _behind(node, sources)],
        description=node["description"] or node["source_description"],
        group_name="bound",
        kinds={"duckdb"},
        owners=OWNERS,
    )


def _behind(node: Mapping[str, Any], sources: Sources) -> list[dg.AssetKey]:
    """The raw tables that an entity is made of; clocks are made of all.

    The agreement's tables go as far as the clock says. So what is downstream of a raw table is all
    that has to be made anew before the tables go together again.
    """
    if node["schema"] == "agreement":
        return [_CLOCK]
    kind = node["schema"].removeprefix("bound_")
    if kind in API_STREAMS:
        return [
            raw_key(source.name, stream.name)
            for source in sources.sources
            for stream in source.streams
            if source.kind == kind and stream.name == node["identifier"]
        ]
    entity = node["identifier"] if node["schema"] == "raw_files" else None
    return [
        raw_key(source.name, stream.name)
        for source in sources.sources
        for stream in source.streams
        if entity is None or (stream.fills and entity in {"rejects", *stream.entities})
    ]


def _metadata(spec: dg.AssetSpec, binding: Binding) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "as_of": dg.MetadataValue.text(str(binding.as_of)),
        "known_at": dg.MetadataValue.text(str(binding.known_at)),
        "agreement_version": dg.MetadataValue.text(binding.agreement_version),
    }
    if spec.key == _SOURCES:
        for source in binding.sources:
            metadata[f"source/{source.source}"] = dg.MetadataValue.json(
                {
                    "state": source.state,
                    "required": source.required,
                    "last_synced_at": str(source.last_synced_at),
                    "rows": source.rows,
                    "rejected": source.rejected,
                    "versions": dict(source.versions),
                }
            )
    return metadata
