"""Steps of a night in processes that a fault befalls: what test_faults.py talks to.

    python -m tests.orchestration.night_steps

Reads lines `<folder of the company> <step> <fault> <number>` and answers each with `killed` or with
how the child ended. A child does the step, `bind`, `build` or `publish`; it is killed for real
(`kill`), a bind before its own call of that number and a build while dbt runs, or no file may grow
beyond that many bytes (`fill`), as on a full disk.
"""

import os
import resource
import signal
import sys
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import dagster as dg

from orchestration.company import Company, load_company
from orchestration.defs.failures import explained
from orchestration.publish import build as building
from orchestration.publish.publish import publish
from orchestration.warehouse import bind as binding
from orchestration.warehouse import bound_views
from orchestration.warehouse.hold import hold_warehouse
from tests.orchestration.nights import PROJECT


def kill_before(number: int) -> None:
    """Have this process killed before its function call of that number within the bind step."""
    files = (binding.__file__, bound_views.__file__)
    count = 0

    def watch(frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        if event == "call" and frame.f_code.co_filename in files:
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def _killed(*_: object, **__: object) -> None:
    """In place of dbt: the process is killed while it waits for it."""
    os.kill(os.getpid(), signal.SIGKILL)


def _act(company: Company, step: str) -> None:
    with hold_warehouse(company) as lock:
        if step == "bind":
            binding.bind(company)
        if step == "build":
            building.run_dbt = _killed
            models, tests = [*PROJECT.models], [*PROJECT.tests]
            building.run_nodes(
                company, PROJECT, models, tests, lock=lock, run_id="run", tell=lambda _: None
            )
    if step == "publish":
        publish(company, PROJECT, "night")


def _explained(company: Company, step: str) -> str:
    """What people are told of the step: `done`, or why it failed."""
    try:
        with explained(dg.build_op_context()):
            _act(company, step)
    except dg.Failure as failure:
        return " ".join((failure.description or "").split())
    return "done"


@cache
def _company(folder: str) -> Company:
    return load_company({"TANDEM_COMPANY": folder, "TANDEM_DATA": str(Path(folder) / "data")})


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        folder, step, fault, number = line.split()
        company = _company(folder)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            told = "not told"
            try:
                if fault == "kill" and step == "bind":
                    kill_before(int(number))
                if fault == "fill":
                    resource.setrlimit(resource.RLIMIT_FSIZE, (int(number),) * 2)
                told = _explained(company, step)
            except BaseException:  # noqa: BLE001 - whatever it is, the process must end by it
                sys.excepthook(*sys.exc_info())
            os.write(write, told.encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as answer:
            told = answer.read()
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else told, flush=True)


if __name__ == "__main__":
    main()
