"""A process of the tests that is asked line by line, and does what it is asked in its children."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.end_to_end.running import REPOSITORY

Ask = Callable[..., str]
"""Sends words as a line, the company's folder first, and gives the line that answers it: how the
child ended."""


@contextmanager
def driven(module: str) -> Iterator[Ask]:
    """A module of the tests that runs as such a process, for as many companies as it is asked."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(*words: object) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(" ".join(str(word) for word in words) + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        try:
            yield ask
        finally:
            process.communicate()
