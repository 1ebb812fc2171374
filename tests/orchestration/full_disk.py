"""A night of a terminal on a disk that is full, then one with room: what test_full_disk.py runs.

    python -m tests.orchestration.full_disk <folder of the company>

The company's data lies on a disk of its own. Its jobs make one asset each, which says so.
"""

import errno
import os
import sys
from pathlib import Path

import dagster as dg

from orchestration import terminal
from orchestration.company import load_company
from orchestration.defs.log import READABLE_LOG, readable_logger
from orchestration.instance import instance_environment
from tests.orchestration.nights import PROJECT

_LEFT = 64 << 10


def _definitions(*_: object) -> dg.Definitions:
    @dg.asset
    def night(context: dg.AssetExecutionContext) -> None:
        context.log.info("the night did its work")

    jobs = [
        dg.define_asset_job(name, selection=[night], config=READABLE_LOG)
        for name in ("nightly", "build", "refresh")
    ]
    return dg.Definitions(
        assets=[night],
        jobs=jobs,
        executor=dg.in_process_executor,
        loggers={"console": readable_logger},
    )


def _fill(file: Path) -> None:
    """Take all room on the disk but for a few pages of a database."""
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        filler.truncate(max(0, filler.tell() - _LEFT))


def main() -> None:
    """Two nights; prints what they say, and before the second one a line of its own."""

    folder = Path(sys.argv[1])
    company = load_company({"TANDEM_COMPANY": str(folder), "TANDEM_DATA": str(folder / "data")})
    os.environ.update(instance_environment(company))
    terminal.read_project = lambda _: PROJECT
    terminal.definitions_of = _definitions
    filler = company.data / "filler"
    _fill(filler)
    terminal.run_in_terminal(company, must_build=True)
    filler.unlink()
    print("now there is room", flush=True)
    terminal.run_in_terminal(company, must_build=True)


if __name__ == "__main__":
    main()
