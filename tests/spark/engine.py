"""A Sail server on loopback, in a process of its own, which ends with whoever started it.

Run as a module, it is the server: it prints its address and serves until its input ends.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def engine(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run the server; gives its Spark Connect address. `environment` is beside that of tests."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.spark.engine"],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()


def _serve() -> None:
    from pysail.spark import SparkConnectServer  # noqa: PLC0415

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _, port = server.listening_address
    print(f"sc://127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
