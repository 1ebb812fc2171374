"""The dbt models as assets and their tests as asset checks, in one op."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import OWNERS
from orchestration.defs.plots import plots_of
from orchestration.defs.previews import preview_of_table
from orchestration.publish.build import run_nodes
from orchestration.publish.catalogue import PUBLIC_SCHEMA, personal_columns
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import DbtRun, NodeResult, check_run
from orchestration.warehouse.hold import hold_warehouse
from orchestration.warehouse.order import order_of
from orchestration.warehouse.sql import identifier

_UNIQUE_ID = "tandem/dbt_id"

ModelEvent = dg.MaterializeResult[None] | dg.AssetCheckResult


@dataclass(frozen=True)
class _Selection:
    """What a run is asked to build, by dbt's id, and the checks that it is asked for."""

    keys: Mapping[str, dg.AssetKey]
    checks: Mapping[str, dg.AssetCheckKey]


def model_assets(company: Company, project: DbtProject) -> dg.AssetsDefinition:
    """The assets and checks of the dbt project. Any selection of them can be built in a run."""

    @dg.multi_asset(
        name="build_models",
        specs=[_spec(node, project) for node in project.models.values()],
        check_specs=list(_check_specs(project)),
        can_subset=True,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[ModelEvent]:
        selection = _selected(context)
        with explained(context.op_execution_context):
            run, facts = _build(context, company, project, selection)
        context.log.info(_summary(run))
        yield from _events(run, selection, facts, project)
        with explained(context.op_execution_context):
            check_run(company, project, run)

    return models


def _spec(node: Mapping[str, Any], project: DbtProject) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(name, column["data_type"] or "?", column["description"])
        for name, column in node["columns"].items()
    ]
    return dg.AssetSpec(
        key=_key(node["unique_id"], project),
        deps=[_key(i, project) for i in node["depends_on"]["nodes"]],
        description=node["description"],
        # The folder below `models`.
        group_name=node["fqn"][1],
        kinds={"dbt", "duckdb"},
        owners=OWNERS,
        code_version=node["checksum"]["checksum"],
        metadata={
            _UNIQUE_ID: node["unique_id"],
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{node['database']}.{node['schema']}.{node['name']}",
        },
        skippable=True,
    )


def _check_specs(project: DbtProject) -> Iterator[dg.AssetCheckSpec]:
    """Each test as a check of the model that is built last of those that it reads."""
    last_models = order_of(project).last_models
    for unique_id, test in project.tests.items():
        if unique_id in last_models:
            on = _key(last_models[unique_id], project)
            read = {_key(i, project) for i in test["depends_on"]["nodes"]}
            yield dg.AssetCheckSpec(
                name=test["name"],
                asset=on,
                description=test["description"] or None,
                additional_deps=sorted(read - {on}, key=str),
                blocking=test["config"]["severity"].lower() == "error",
                metadata={_UNIQUE_ID: unique_id},
            )


def _key(unique_id: str, project: DbtProject) -> dg.AssetKey:
    """Schema and name of a model or source."""
    node = project.models.get(unique_id) or project.manifest["sources"][unique_id]
    return dg.AssetKey([node["schema"], node.get("identifier") or node["name"]])


def _selected(context: dg.AssetExecutionContext) -> _Selection:
    definition = context.assets_def
    keys = {
        definition.specs_by_key[key].metadata[_UNIQUE_ID]: key
        for key in context.selected_asset_keys
    }
    specs = {spec.key: spec for spec in definition.check_specs}
    checks = {specs[key].metadata[_UNIQUE_ID]: key for key in context.selected_asset_check_keys}
    return _Selection(keys, checks)


def _build(
    context: dg.AssetExecutionContext,
    company: Company,
    project: DbtProject,
    selection: _Selection,
) -> tuple[DbtRun, dict[str, dict[str, Any]]]:
    """Run dbt, keep the gate, and look at what was built; all while nobody else writes."""
    with hold_warehouse(company) as lock:
        run = run_nodes(
            company,
            project,
            list(selection.keys),
            list(selection.checks),
            lock=lock,
            run_id=context.run.run_id,
            tell=context.log.info,
        )
        return run, _facts(company, project, run.results)


def _facts(
    company: Company, project: DbtProject, results: Collection[NodeResult]
) -> dict[str, dict[str, Any]]:
    """Row counts of the tables that were built, and previews of the public ones."""
    facts: dict[str, dict[str, Any]] = {}
    with open_warehouse(company.warehouse) as connection:
        for result in results:
            model = project.models.get(result.unique_id)
            if model is None or not result.is_good:
                continue
            facts[result.unique_id] = {"seconds": round(result.seconds, 3)}
            schema, name = model["schema"], model["name"]
            if model["config"]["materialized"] != "view":
                relation = identifier(schema, name)
                [(count,)] = connection.execute(f"select count(*) from {relation}").fetchall()
                facts[result.unique_id]["dagster/row_count"] = count
            if schema == PUBLIC_SCHEMA:
                preview = preview_of_table(connection, schema, name, personal_columns(model))
                facts[result.unique_id]["preview"] = preview
                facts[result.unique_id] |= plots_of(connection, name)
    return facts


def _events(
    run: DbtRun,
    selection: _Selection,
    facts: Mapping[str, dict[str, Any]],
    project: DbtProject,
) -> Iterator[ModelEvent]:
    for result in run.results:
        key = selection.keys.get(result.unique_id)
        if key is not None and result.is_good:
            yield dg.MaterializeResult(asset_key=key, metadata=facts[result.unique_id])
    for result in run.results:
        check = selection.checks.get(result.unique_id)
        if check is not None and result.status != "skipped":
            yield _check_result(check, result, project.tests[result.unique_id])


def _check_result(
    check: dg.AssetCheckKey, result: NodeResult, test: Mapping[str, Any]
) -> dg.AssetCheckResult:
    is_warning = test["config"]["severity"].lower() == "warn"
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.WARN
        if is_warning or result.status == "warn"
        else dg.AssetCheckSeverity.ERROR,
        metadata={
            "status": result.status,
            "seconds": round(result.seconds, 3),
            **({"failures": result.failures} if result.failures is not None else {}),
            **({"message": result.message} if result.message else {}),
        },
    )


def _summary(run: DbtRun) -> str:
    models = [r for r in run.results if r.unique_id.startswith("model.")]
    tests = [r for r in run.results if not r.unique_id.startswith("model.")]
    warned = sum(result.status == "warn" for result in tests)
    return (
        f"dbt: {sum(r.is_good for r in models)} of {len(models)} models built, "
        f"{sum(r.is_good for r in tests)} of {len(tests)} tests passed"
        + (f", {warned} of them with a warning" if warned else "")
    )
