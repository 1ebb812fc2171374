"""How gunicorn serves Superset: on loopback, one process of threads. Gunicorn reads this file."""

import os
import sys
from pathlib import Path

bind = f"127.0.0.1:{os.environ['TANDEM_SUPERSET_PORT']}"
workers = 1
worker_class = "gthread"
threads = 8
timeout = 120
loglevel = "warning"


def post_worker_init(worker: object) -> None:  # noqa: ARG001
    """Say where it is, once it answers."""
    password = (Path(os.environ["SUPERSET_HOME"]) / "password").read_text()
    sys.stdout.write(
        f"The dashboard is at http://{bind}/superset/dashboard/tandem/ ; "
        f"user {os.environ['TANDEM_SUPERSET_USER']}, password {password}; end it with Ctrl-C.\n"
    )
    sys.stdout.flush()
