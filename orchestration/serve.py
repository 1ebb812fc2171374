"""The long-lived processes: all of them for trying out, or each for itself in production."""

import os
import signal
import sys
from argparse import Namespace
from typing import Final, NoReturn

from orchestration.company import Company
from orchestration.sandbox import needs_servers, start_lasting_servers

Serving = tuple[str, ...]
"""What follows `python` in the command of a process that stays."""

_DEFINITIONS: Final = ("--module-name", "orchestration.definitions")
# `dg dev`, which this recommends, needs a package of project templates; it starts the same servers.
_SUPERSEDED: Final = "ignore:Function `dev_command` is superseded"


def try_out(port: int) -> Serving:
    """The web UI on loopback, a daemon, and a server of code, which all end with it."""
    served = ("--host", "127.0.0.1", "--port", str(port))
    return ("-W", _SUPERSEDED, "-m", "dagster", "dev", *served, *_DEFINITIONS)


def code(asked: Namespace) -> Serving:
    """The server that knows the assets and whose children the runs are."""
    return ("-m", "dagster", "api", "grpc", *_listening(asked), *_DEFINITIONS)


def web(asked: Namespace) -> Serving:
    """The web UI. What it starts runs in the server of code, so it can end at any time."""
    shown = ("--path-prefix", asked.path) if asked.path else ()
    may = ("--read-only",) if asked.read_only else ()
    return ("-m", "dagster_webserver", *_listening(asked), *_asking(asked), *shown, *may)


def daemon(asked: Namespace) -> Serving:
    """Dagster's daemon, of which a company has one."""
    return ("-m", "dagster._daemon", "run", *_asking(asked))


def become(company: Company, serving: Serving) -> NoReturn:
    """Become that process: it ends what it started when it is ended.

    A simulated company's servers come with the process that runs its jobs.
    """
    sys.stdout.flush()
    if serving[-len(_DEFINITIONS) :] == _DEFINITIONS and needs_servers(company):
        os.environ.update(start_lasting_servers(company))
    # A shell starts what runs in the background with SIGINT ignored, and Dagster ends itself by it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(sys.executable, (sys.executable, *serving))  # noqa: S606


def _listening(asked: Namespace) -> Serving:
    return ("--host", asked.host, "--port", str(asked.port))


def _asking(asked: Namespace) -> Serving:
    host, _, port = asked.code.rpartition(":")
    return ("--grpc-host", host, "--grpc-port", port)
