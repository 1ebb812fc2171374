"""Run dbt in a process of its own, so that the warehouse is free again when it ends."""

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from orchestration.company import Company
from orchestration.warehouse.dbt_progress import BuildProgress, LogEvent, tells_of_a_result
from orchestration.warehouse.dbt_project import PROJECT, DbtFailed, DbtProject, dbt_environment

GOOD: Final = frozenset({"success", "pass", "warn", "no-op"})
"""The states of nodes that did what they should."""

_SHOWN: Final = 10
_UNPARSED: Final = "-"


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
    parsed: Path | None = None,
    nodes: Collection[str] = (),
    keep_open: Collection[int] = (),
) -> DbtRun:
    """Run dbt with these arguments: `build` of so many models or `test`, and what on.

    `tell` gets a line for each model or test that fails, every ten seconds one on how far dbt has
    come, and what the project itself logs. `parsed` is the project as `read_project` had it parsed;
    without it dbt parses. `nodes` are the ids of those of a parsed project that are to be taken;
    without any it is all, or what the arguments say. `keep_open` are descriptors that dbt's process
    inherits. An interrupt ends dbt.
    """
    process = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-m",
            "orchestration.dbt_process",
            str(parsed or _UNPARSED),
            *arguments,
        ],
        # Where `orchestration` is found.
        cwd=PROJECT.parent,
        env=dbt_environment(company),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=tuple(keep_open),
    )
    log = _Log(BuildProgress(models), tell)
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        # One that ended at once says why in its output.
        with suppress(BrokenPipeError), process.stdin as asked:
            json.dump(sorted(nodes), asked)
        for line in process.stdout:
            log.read(line)
        exit_code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return DbtRun(exit_code, tuple(log.results), tuple(log.errors))


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


@dataclass
class _Log:
    """What dbt's process says: told on where people want to know, errors and results kept."""

    progress: BuildProgress
    tell: Callable[[str], None]
    results: list[NodeResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in a line."""
        said = _said(line)
        if said is None:
            self.errors += [line.strip()] if line.strip() else []
        elif "results" in said:
            self.results += [_result(result) for result in said["results"]]
        else:
            self._hear(said)

    def _hear(self, event: LogEvent) -> None:
        name, message = event["info"]["name"], event["info"]["msg"].strip()
        told = self.progress.line_after(event)
        if told:
            self.tell(told)
        if name == "JinjaLogInfo":
            self.tell(message)
        elif event["info"]["level"] == "error" and message and not tells_of_a_result(event):
            self.errors.append(message)


def _said(line: str) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except json.JSONDecodeError:
        return None
    return said if isinstance(said, dict) and ("info" in said or "results" in said) else None


def _result(told: dict[str, Any]) -> NodeResult:
    at = told["completed_at"]
    return NodeResult(**{**told, "completed_at": datetime.fromisoformat(at) if at else None})


def _told(company: Company, project: DbtProject, result: NodeResult) -> str:
    node = project.node(result.unique_id) or {}
    name = node.get("name", result.unique_id)
    message = " ".join((result.message or result.status).split())
    if node.get("resource_type") != "test":
        return f"{name}: {message}"
    compiled = company.dbt / "target" / "compiled" / "tandem" / node["original_file_path"]
    query = compiled / node["path"] if compiled.suffix == ".yml" else compiled
    return f"test {name}: {message}. The rows are those of the query in {query}"
