"""The dbt models as assets and their tests as asset checks, in one op."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import OWNERS, STATISTICS
from orchestration.defs.previews import preview_of_table
from orchestration.publish.build import run_nodes
from orchestration.publish.catalogue import PUBLIC_SCHEMA
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import DbtRun, NodeResult, check_run
from orchestration.warehouse.hold import hold_warehouse
from orchestration.warehouse.sql import identifier

_UNIQUE_ID = "dagster_dbt/unique_id"

ModelEvent = dg.MaterializeResult[None] | dg.AssetCheckResult


class _Translator(DagsterDbtTranslator):
    """Names, groups and owners of dbt's models, as the other assets have them."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Schema and name."""
        name = dbt_resource_props.get("identifier") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The folder below `models`; sources are what a night is bound to."""
        if dbt_resource_props["resource_type"] == "source":
            return STATISTICS if dbt_resource_props["schema"] == STATISTICS else "bound"
        return str(dbt_resource_props["fqn"][1])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description of the model's yml, without its SQL."""
        return str(dbt_resource_props["description"])

    def get_owners(self, _: Mapping[str, Any]) -> Sequence[str]:
        """The same for all."""
        return OWNERS


@dataclass(frozen=True)
class _Selection:
    """What a run is asked to build, by dbt's id, and the checks that it is asked for."""

    keys: Mapping[str, dg.AssetKey]
    checks: Mapping[str, dg.AssetCheckKey]


def model_assets(company: Company, project: DbtProject) -> dg.AssetsDefinition:
    """The assets and checks of the dbt project. Any selection of them can be built in a run."""

    @dbt_assets(
        manifest=_with_every_test_on_a_model(project.manifest),
        dagster_dbt_translator=_Translator(),
        name="build_models",
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


def _with_every_test_on_a_model(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest, with a test over several models put on the one that is built last of them.

    dagster-dbt leaves out a test that is on no model, and one that is on the first of its models
    would run before the last is built, where statistics are made between the two.
    """
    parents = {**manifest["parent_map"]}
    ids = {node["name"]: unique_id for unique_id, node in manifest["nodes"].items()}
    for unique_id, node in manifest.get("sources", {}).items():
        reads = node.get("config", {}).get("meta", {}).get("reads", ())
        parents[unique_id] = [ids[name] for name in reads]
    below: dict[str, frozenset[str]] = {}

    def all_below(unique_id: str) -> frozenset[str]:
        if unique_id not in below:
            direct = parents.get(unique_id, [])
            below[unique_id] = frozenset(direct).union(*(all_below(parent) for parent in direct))
        return below[unique_id]

    nodes = dict(manifest["nodes"])
    for unique_id, node in manifest["nodes"].items():
        models = [i for i in node["depends_on"].get("nodes", []) if i.startswith("model.")]
        if node["resource_type"] == "test" and models:
            last = max(models, key=lambda model: (len(all_below(model)), model))
            nodes[unique_id] = {**node, "attached_node": last}
    return {**manifest, "nodes": nodes}


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
            run_id=context.run_id,
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
                preview = preview_of_table(connection, schema, name)
                facts[result.unique_id]["preview"] = preview
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
