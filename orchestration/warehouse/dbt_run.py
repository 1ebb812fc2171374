"""Run dbt in a process of its own, so that the warehouse is free again when it ends."""

import json
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from orchestration.company import Company
from orchestration.warehouse.dbt_progress import BuildProgress, LogEvent, tells_of_a_result
from orchestration.warehouse.dbt_project import (
    DbtFailed,
    DbtProject,
    dbt_environment,
    dbt_executable,
)

GOOD: Final = frozenset({"success", "pass", "warn", "no-op"})
"""The states of nodes that did what they should."""

_SHOWN: Final = 10


@dataclass(frozen=True)
class NodeResult:
    """How dbt ended one model or test. `failures` are the rows that a test found."""

    unique_id: str
    status: str
    seconds: float
    completed_at: datetime | None
    failures: int | None
    message: str | None

    @property
    def is_good(self) -> bool:
        """Whether it did what it should; a test that only warns did."""
        return self.status in GOOD


@dataclass(frozen=True)
class DbtRun:
    """A run of dbt that came to its end: the nodes that it touched, and errors outside of nodes."""

    exit_code: int
    results: tuple[NodeResult, ...]
    errors: tuple[str, ...]


def run_dbt(
    company: Company,
    arguments: Sequence[str],
    tell: Callable[[str], None],
    *,
    models: int,
    keep_open: Collection[int] = (),
) -> DbtRun:
    """Run dbt with these arguments: `build` of so many models or `test`, and what on.

    `tell` gets a line for each model or test that fails, every ten seconds one on how far dbt has
    come, and what the project itself logs. `keep_open` are descriptors that dbt's process inherits.
    An interrupt ends dbt.
    """
    results_file = company.dbt / "target" / "run_results.json"
    results_file.unlink(missing_ok=True)
    process = subprocess.Popen(  # noqa: S603
        [dbt_executable(), "--log-format", "json", "--no-use-colors", *arguments],
        env=dbt_environment(company),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=tuple(keep_open),
    )
    try:
        errors = tuple(_follow(process.stdout or (), BuildProgress(models), tell))
        exit_code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    results: tuple[NodeResult, ...] = ()
    if results_file.exists():
        told = json.loads(results_file.read_text(encoding="utf-8"))
        results = tuple(_result(result) for result in told["results"])
    return DbtRun(exit_code, results, errors)


def check_run(company: Company, project: DbtProject, run: DbtRun) -> None:
    """Raise DbtFailed, which names what failed and where to look, unless all went well."""
    bad = [result for result in run.results if not result.is_good and result.status != "skipped"]
    if not bad and not run.exit_code:
        return
    skipped = sum(result.status == "skipped" for result in run.results)
    lines = [f"  {_told(company, project, result)}" for result in bad[:_SHOWN]]
    if len(bad) > _SHOWN:
        lines.append(f"  and {len(bad) - _SHOWN} more")
    if not bad:
        lines = [f"  {error}" for error in run.errors[:_SHOWN]]
    after = f"\n{skipped} models and tests after them were left out." if skipped else ""
    raise DbtFailed(
        "Nothing is published, since dbt did not come through:\n"
        + "\n".join(lines)
        + after
        + f"\nMend the models or the data and run again; all of dbt's log is in {company.dbt}/logs."
    )


def _follow(
    log: Iterable[str], progress: BuildProgress, tell: Callable[[str], None]
) -> Iterator[str]:
    """Read dbt's log to its end, tell of what people want to know, and yield the errors."""
    for line in log:
        event = _event(line)
        if event is None:
            if line.strip():
                yield line.strip()
            continue
        name, message = event["info"]["name"], event["info"]["msg"].strip()
        told = progress.line_after(event)
        if told:
            tell(told)
        if name == "JinjaLogInfo":
            tell(message)
        elif event["info"]["level"] == "error" and message and not tells_of_a_result(event):
            yield message


def _event(line: str) -> LogEvent | None:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return None
    return event if isinstance(event, dict) and "info" in event else None


def _result(told: dict[str, Any]) -> NodeResult:
    ends = [part["completed_at"] for part in told["timing"] if part.get("completed_at")]
    return NodeResult(
        unique_id=told["unique_id"],
        status=told["status"],
        seconds=told["execution_time"],
        completed_at=datetime.fromisoformat(max(ends)) if ends else None,
        failures=told.get("failures"),
        message=told.get("message"),
    )


def _told(company: Company, project: DbtProject, result: NodeResult) -> str:
    node = project.node(result.unique_id) or {}
    name = node.get("name", result.unique_id)
    message = " ".join((result.message or result.status).split())
    if node.get("resource_type") != "test":
        return f"{name}: {message}"
    compiled = company.dbt / "target" / "compiled" / "tandem" / node["original_file_path"]
    query = compiled / node["path"] if compiled.suffix == ".yml" else compiled
    return f"test {name}: {message}. The rows are those of the query in {query}"
