"""An S3 server on loopback, for the tests that keep a lake or source files on an object store.

Run as a module, it is the server: it prints its address and serves until its input ends.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

_REGION = "us-east-1"


@contextmanager
def object_store(bucket: str) -> Iterator[dict[str, str]]:
    """Run the server with one bucket; gives the options by which a client finds it.

    A process of its own: the Delta library holds the interpreter's lock while it waits for an
    answer, which a server in the same process could then never give.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.object_store"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        endpoint = server.stdout.readline().strip()
        boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=_REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        ).create_bucket(Bucket=bucket)
        yield {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": _REGION,
            "AWS_ALLOW_HTTP": "true",
        }


def _serve() -> None:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
