"""The gate before readers: which model was built when, which test passed when, and on what."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from orchestration.files import replace_text
from orchestration.publish.recipes import recipes
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import NodeResult

_SHOWN: Final = 10
_PARTS: Final = ("models", "tests", "statistics")


class GateClosed(Exception):
    """Nothing is published, since a model or test is missing, outdated or failed; says which."""


@dataclass(frozen=True)
class Passed:
    """A model that was built, or a test that ran: how it ended, on what binding, by what recipe."""

    name: str
    status: str
    at: str | None
    run_id: str
    fingerprint: str
    recipe: str
    message: str | None = None


@dataclass(frozen=True)
class Gate:
    """What is known of the warehouse's models, tests and statistics, by dbt's id."""

    models: Mapping[str, Passed] = field(default_factory=dict)
    tests: Mapping[str, Passed] = field(default_factory=dict)
    statistics: Mapping[str, Passed] = field(default_factory=dict)


def read_gate(file: Path) -> Gate:
    """The gate as it was last written; where it never was, nothing is built."""
    if not file.exists():
        return Gate()
    told = json.loads(file.read_text(encoding="utf-8"))
    return Gate(
        **{
            part: {unique_id: Passed(**entry) for unique_id, entry in told.get(part, {}).items()}
            for part in _PARTS
        }
    )


def write_gate(file: Path, gate: Gate) -> None:
    """Replace the gate's file."""
    told = {
        part: {unique_id: asdict(entry) for unique_id, entry in sorted(getattr(gate, part).items())}
        for part in _PARTS
    }
    replace_text(file, json.dumps(told, indent=1) + "\n")


def opened_for(gate: Gate, project: DbtProject, nodes: Collection[str]) -> Gate:
    """The gate before dbt runs these nodes: they, and the tests of these models, are unknown.

    So a run that is killed half-way leaves the gate closed.
    """
    models = {unique_id for unique_id in nodes if unique_id in project.models}
    of_models = {
        unique_id
        for unique_id, test in project.tests.items()
        if models.intersection(test["depends_on"]["nodes"])
    }
    gone = {*nodes, *of_models}
    return Gate(
        models={unique_id: e for unique_id, e in gate.models.items() if unique_id not in gone},
        tests={unique_id: e for unique_id, e in gate.tests.items() if unique_id not in gone},
        statistics=gate.statistics,
    )


def with_results(
    gate: Gate,
    project: DbtProject,
    results: Iterable[NodeResult],
    *,
    run_id: str,
    fingerprint: str,
) -> Gate:
    """The gate after dbt ended with these results, on the binding of that fingerprint."""
    made = recipes(project)
    models, tests = dict(gate.models), dict(gate.tests)
    for result in results:
        node = project.node(result.unique_id)
        if node is None or result.status == "skipped":
            continue
        entry = Passed(
            name=node["name"],
            status="good" if result.is_good else "failed",
            at=result.completed_at.isoformat() if result.completed_at else None,
            run_id=run_id,
            fingerprint=fingerprint,
            recipe=made[result.unique_id],
            message=None if result.is_good else result.message,
        )
        (models if result.unique_id in project.models else tests)[result.unique_id] = entry
    return Gate(models, tests, gate.statistics)


def without_statistic(gate: Gate, unique_id: str) -> Gate:
    """The gate before a statistic is made anew: it is unknown."""
    statistics = {i: entry for i, entry in gate.statistics.items() if i != unique_id}
    return Gate(gate.models, gate.tests, statistics)


def with_statistic(
    gate: Gate, project: DbtProject, unique_id: str, *, run_id: str, fingerprint: str
) -> Gate:
    """The gate after a statistic was made, on the binding of that fingerprint."""
    entry = Passed(
        name=project.statistics[unique_id]["name"],
        status="good",
        at=datetime.now(UTC).replace(tzinfo=None).isoformat(),
        run_id=run_id,
        fingerprint=fingerprint,
        recipe=recipes(project)[unique_id],
    )
    return Gate(gate.models, gate.tests, {**gate.statistics, unique_id: entry})


def check_gate(gate: Gate, project: DbtProject, fingerprint: str | None) -> None:
    """Raise GateClosed unless all that stands is built and tested on this binding, as it is now.

    Tests of severity `warn` may fail; they too have to have run.
    """
    faults = list(_faults(gate, project, fingerprint))
    if not faults:
        return
    more = [f"  and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    raise GateClosed(
        "Nothing is published:\n"
        + "\n".join([*(f"  {told}" for told in faults[:_SHOWN]), *more])
        + "\nRun the build again; what failed has to be mended first."
    )


def _faults(gate: Gate, project: DbtProject, fingerprint: str | None) -> Iterator[str]:
    if fingerprint is None:
        yield "nothing is bound yet"
        return
    made = recipes(project)
    for entries, nodes, done in (
        (gate.models, project.models, "built"),
        (gate.tests, project.tests, "run"),
        (gate.statistics, project.statistics, "made"),
    ):
        for unique_id, node in nodes.items():
            told = _fault(entries.get(unique_id), fingerprint, made[unique_id], done)
            if told:
                yield f"{_name(node)} {told}"


def _fault(entry: Passed | None, fingerprint: str, recipe: str, done: str) -> str | None:
    if entry is None:
        return f"was not {done}, or a run of it was cut off"
    if entry.status != "good":
        return f"failed: {entry.message}"
    if entry.fingerprint != fingerprint:
        return f"was {done} on other data, another agreement or other code"
    if entry.recipe != recipe:
        return f"was {done} before its SQL, or that of a model below it, changed"
    return None


def _name(node: Mapping[str, Any]) -> str:
    kind = {"model": "model", "source": "statistic"}.get(node["resource_type"], "test")
    return f"{kind} {node['name']}"
