"""The servers of the simulated company: up while a command runs, and gone with it."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from connectors.errors import PermanentError
from connectors.sources import API_STREAMS
from orchestration.company import Company
from orchestration.instance import HOME

_SECRETS: Final = (
    "SANDBOX_HUBSPOT_TOKEN",
    "SANDBOX_SALESFORCE_CLIENT_ID",
    "SANDBOX_SALESFORCE_CLIENT_SECRET",
)
_ENDS_WITHIN: Final = 5.0


def needs_servers(company: Company) -> bool:
    """Whether the company is simulated and has a source that is read through an API."""
    kinds = {source.kind for source in company.sources.sources}
    return company.sources.simulate is not None and not kinds.isdisjoint(API_STREAMS)


@contextmanager
def sandbox_servers(company: Company) -> Iterator[None]:
    """The servers on loopback, their addresses and secrets in this process's environment.

    A company that needs none gets none. They end with the context, and with this process, however
    it ends: they watch a pipe that only it holds open.

    Raises PermanentError where they can't be started.
    """
    if not needs_servers(company):
        yield
        return
    process, environment = _start(company)
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        _end(process)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def start_lasting_servers(company: Company) -> Mapping[str, str]:
    """Start servers that outlive this program, if another takes its place in the process.

    They end with the process. The environment in which they are found.
    """
    process, environment = _start(company)
    assert process.stdin is not None  # noqa: S101 - asked for when it was started
    os.set_inheritable(process.stdin.fileno(), True)
    return environment


def _start(company: Company) -> tuple[subprocess.Popen[str], Mapping[str, str]]:
    """The servers' process, which ends when its standard input is closed, and where they are.

    Secrets that the environment has already are theirs too, so that others can ask them.
    """
    sys.stdout.write(
        "Starting the simulated company's HubSpot and Salesforce on this machine ...\n"
    )
    sys.stdout.flush()
    keys = {name: os.environ.get(name) or secrets.token_urlsafe(24) for name in _SECRETS}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [
            sys.executable,
            "-m",
            "connectors.sandbox.servers",
            str(company.folder),
            str(company.data),
        ],
        cwd=HOME,
        env={**os.environ, **keys},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the command: it still needs them while it winds up.
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    line = process.stdout.readline()
    if not line:
        code = process.wait()
        raise PermanentError(
            f"the simulated company's servers ended with exit code {code} before they were up",
            where=str(company.data),
            fix="See above for what they said",
        )
    addresses = json.loads(line)
    sys.stdout.write(f"... {' and '.join(addresses.values())}, until this command ends\n")
    sys.stdout.flush()
    return process, {**keys, **addresses}


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for when it was started
    process.stdin.close()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
