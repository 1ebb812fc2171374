"""Publish in processes that may be killed: what test_publish_crashes.py talks to.

    python -m tests.orchestration.publishing

Reads lines `<folder of the company> <what> <night> <step>` and answers each with `killed` or
`done`: a child builds the night and publishes it (`publish`), renews the catalogue (`refresh`), or
builds and publishes it and copies it to PostgreSQL (`postgres`), and is killed for real before its
last act's operation of that number on a file of the company.
"""

import os
import signal
import sys
from functools import cache
from pathlib import Path
from typing import Any

# DuckDB imports it at its first query: here once, and not in every child.
import pandas  # noqa: F401

from orchestration.company import Company, load_company
from orchestration.publish.postgres.target import publish_to_postgres
from orchestration.publish.publish import publish, refresh_catalogue
from tests.orchestration.nights import PROJECT, build_night

CHANGES = {
    "open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
    "shutil.copyfile", "shutil.rmtree",
}  # fmt: skip


def kill_before(step: int, folder: Path) -> None:
    """Have this process killed before its operation of that number on a file below the folder."""
    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in CHANGES and _is_below(folder, arguments[0]):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _is_below(folder: Path, path: object) -> bool:
    """Whether a path lies there; one that is relative does, since it is to a folder of ours."""
    return not Path(str(path)).is_absolute() or str(path).startswith(f"{folder}/")


def _act(company: Company, what: str, night: int, step: int) -> None:
    if what != "refresh":
        build_night(company, night)
    if what == "postgres":
        publish(company, PROJECT, f"night {night}")
    kill_before(step, company.folder)
    if what == "postgres":
        publish_to_postgres(company, lambda _: None)
    else:
        (publish if what == "publish" else refresh_catalogue)(company, PROJECT, f"night {night}")


@cache
def _company(folder: str) -> Company:
    return load_company({"TANDEM_COMPANY": folder, "TANDEM_DATA": str(Path(folder) / "data")})


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        folder, what, night, step = line.split()
        company = _company(folder)
        child = os.fork()
        if child == 0:
            try:
                _act(company, what, int(night), int(step))
            except BaseException:  # noqa: BLE001 - whatever it is, the process must end by it
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status)
        print("killed" if was_killed else f"done {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
