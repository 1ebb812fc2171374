"""dbt on a project that is parsed already: `python -m orchestration.dbt_process PARSED …`.

It is run in a process of its own. On its standard input stand the ids of the nodes that it is to
take, a JSON list; without any it takes what the arguments say. On its standard output it tells, a
line of JSON each, of the events that `run_dbt` reads, and at the end how every node ended. dbt's
own log lines would be ten times as many, and each is costly to write.
"""

import gc
import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict

_UNPARSED: Final = "-"
_TAKEN: Final = "taken"
_TOLD: Final = frozenset(
    {"LogModelResult", "LogTestResult", "LogNodeNoOpResult", "SkippingDetails", "JinjaLogInfo"}
)


def main(parsed: str, arguments: list[str], nodes: Collection[str]) -> int:
    """Run dbt with these arguments and return its exit code: 0 where all went well."""
    manifest = None if parsed == _UNPARSED else _read(Path(parsed), nodes)
    if manifest is not None and os.environ.get("TANDEM_DBT_TARGET") == "spark":
        _name_tables(manifest)
    # By names, dbt would hold each of a thousand nodes against each of hundreds of names.
    chosen = ["--select", f"tag:{_TAKEN}"] if nodes else []
    errors = 0

    def tell(event: EventMsg) -> None:
        nonlocal errors
        is_error = event.info.level == "error"
        errors += is_error
        if is_error or event.info.name in _TOLD:
            _write(msg_to_dict(event))

    quiet = ["--log-level", "none", "--no-write-json", "--no-use-colors"]
    ended = dbtRunner(manifest, callbacks=[tell]).invoke([*quiet, *arguments, *chosen])
    if isinstance(ended.result, RunExecutionResult):
        _write({"results": [_result(result) for result in ended.result.results]})
    if ended.exception is not None and not errors:
        sys.stdout.write(f"{ended.exception}\n")
    return 0 if ended.success else 1


def _read(parsed: Path, nodes: Collection[str]) -> Manifest:
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    for unique_id in nodes:
        manifest.nodes[unique_id].tags.append(_TAKEN)
    manifest.build_parent_and_child_maps()  # type: ignore[no-untyped-call]
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    # It stays to the end: nothing in it is worth looking at for what could be freed, and of what
    # comes later little is, in a process that ends within minutes.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return manifest


def _name_tables(manifest: Manifest) -> None:
    """Dbt works in this process's session with the engine, whose catalogue may be empty."""
    # Installed where there is such an engine.
    from orchestration.distributed.catalogue import fill_catalogue  # noqa: PLC0415
    from orchestration.distributed.session import connect  # noqa: PLC0415
    from orchestration.distributed.tables import Tables  # noqa: PLC0415

    nodes = [*manifest.nodes.values(), *manifest.sources.values()]
    fill_catalogue(
        connect(),
        Tables(os.environ["TANDEM_TABLES"]),
        [node.to_dict() for node in nodes if node.resource_type in ("model", "source")],
    )


def _result(result: Any) -> dict[str, Any]:
    ends = [part.completed_at for part in result.timing if part.completed_at]
    return {
        "unique_id": result.node.unique_id,
        "status": str(result.status),
        "seconds": result.execution_time,
        "completed_at": max(ends).isoformat() if ends else None,
        "failures": result.failures,
        "message": result.message,
    }


def _write(told: Mapping[str, Any]) -> None:
    """Tell whoever started this process; where they were killed, it ends at once.

    It holds the warehouse. dbt itself waits for ever where a thread of its own can't tell.
    """
    try:
        sys.stdout.write(json.dumps(told, default=str) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:], frozenset(json.load(sys.stdin))))
