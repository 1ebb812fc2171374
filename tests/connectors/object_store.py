"""An S3 server on loopback, for the tests that keep a lake or source files on an object store.

Run as a module, it is the server: it prints its address and serves until its input ends.
"""

import atexit
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import boto3
from moto.server import ThreadedMotoServer

_REGION = "us-east-1"


@contextmanager
def object_store(bucket: str) -> Iterator[dict[str, str]]:
    """Have one bucket on the server, empty; gives the options by which a client finds it.

    One server serves all tests of a process, since it takes seconds to start. It is a process of
    its own: the Delta library holds the interpreter's lock while it waits for an answer, which a
    server in the same process could then never give.
    """
    endpoint = _endpoint()
    store = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name=_REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    made = store.create_bucket(Bucket=bucket)
    try:
        yield {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": _REGION,
            "AWS_ALLOW_HTTP": "true",
        }
    finally:
        made.objects.all().delete()
        made.delete()


@cache
def _endpoint() -> str:
    """Where the server is, which ends when this process does."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.object_store"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    atexit.register(server.communicate)
    return server.stdout.readline().strip()


def _serve() -> None:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
