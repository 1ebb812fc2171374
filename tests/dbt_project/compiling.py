"""Compile the dbt project as it was parsed: `python -m tests.dbt_project.compiling PARSED`."""

import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


def main(parsed: str) -> int:
    """Run dbt, whose own way to take what was parsed asks whether each file is as it was then."""
    manifest = Manifest.from_msgpack(Path(parsed).read_bytes())
    manifest.build_parent_and_child_maps()  # type: ignore[no-untyped-call]
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    ended = dbtRunner(manifest).invoke(["compile", "--quiet"])
    if ended.exception is not None:
        sys.stdout.write(f"{ended.exception}\n")
    return 0 if ended.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
