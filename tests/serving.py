"""Long-lived commands for tests: started as a user does, ended with all that they started."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.end_to_end.running import REPOSITORY

_PATIENCE = 60
"""How many seconds a command gets to end by itself."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def served(
    command: Sequence[str],
    environment: Mapping[str, str],
    address: str,
    log: Path,
    tries: int = 600,
    *,
    answers: Sequence[int] = (),
) -> Iterator[None]:
    """A command that serves, from when `address` answers, asked `tries` times a second apart.

    It answers well, or with one of the status codes `answers`.
    """
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, address, tries, log, answers)
        yield
    finally:
        _end(process)


def _wait(
    process: subprocess.Popen[bytes], address: str, tries: int, log: Path, answers: Sequence[int]
) -> None:
    answer = Retry(total=2, connect=2, backoff_factor=0.3, backoff_max=1)
    for _ in range(tries):
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=answer))
            try:
                found = session.get(address, timeout=10)
                if found.status_code not in answers:
                    found.raise_for_status()
            except requests.RequestException:
                assert process.poll() is None, log.read_text()[-2000:]
            else:
                return
    raise AssertionError(f"{address} never answered: {log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
