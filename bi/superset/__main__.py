"""`python -m bi.superset`: Superset on loopback, with the dashboard on a company's tables.

Superset's packages stand in a virtual environment of their own (`make superset` makes it). This
prepares what is not prepared yet, and then becomes Superset's server.
"""

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bi.superset.bundle import address_of_files, bundle
from bi.superset.home import Home, write_private
from connectors.typed_yaml import ConfigurationError
from orchestration.company import Company, load_company

ADDRESS: Final = "TANDEM_SUPERSET_DATABASE"
"""The variable that holds another address of the tables than that of the published files."""

_HERE: Final = Path(__file__).parent
_REPOSITORY: Final = _HERE.parents[1]
_REFUSED: Final = 2


class SupersetError(Exception):
    """Superset can't be served; says what to do."""


def serve(company: Company, python: Path, port: int, environment: Mapping[str, str]) -> None:
    """Prepare the company's Superset and become its server, on 127.0.0.1 at `port`.

    `python` is the interpreter of Superset's virtual environment. Raises SupersetError where
    nothing is published yet, the port is taken, or Superset says that it can't.
    """
    address = environment.get(ADDRESS)
    if not address and not company.published_warehouse.exists():
        raise SupersetError("Nothing is published yet: `make run` makes the tables.")
    _check_free(port)
    home = Home(company.data / "superset")
    home.make()
    surroundings = {**environment, **home.environment(port)}
    surroundings.pop(ADDRESS, None)
    _prepare(home, python, _bundle(company, address), surroundings)
    configuration = _HERE / "gunicorn_config.py"
    command = [str(python), "-m", "gunicorn", "--config", str(configuration)]
    # A shell starts what runs in the background with SIGINT ignored; it is what ends the server.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(str(python), [*command, "superset.app:create_app()"], surroundings)  # noqa: S606


def _bundle(company: Company, address: str | None) -> bytes:
    if not address:
        return bundle(address_of_files(company))
    postgres = company.publishing.postgres
    return bundle(address, postgres.schema_name) if postgres else bundle(address)


def _prepare(home: Home, python: Path, packed: bytes, environment: Mapping[str, str]) -> None:
    """Make Superset's own database and import the dashboard, unless that stands as it would be."""
    lock = (_REPOSITORY / "requirements" / "superset.lock").read_bytes()
    wanted = hashlib.sha256(lock + packed + home.password.read_bytes()).hexdigest()
    if home.imported.exists() and home.imported.read_text() == wanted:
        return
    _say("Preparing Superset (a minute or two the first time)")
    write_private(home.bundle, packed)
    log = home.folder / "prepare.log"
    with log.open("wb") as out:
        done = subprocess.run(  # noqa: S603
            [str(python), str(_HERE / "prepare.py")],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    home.bundle.unlink()
    if done.returncode:
        raise SupersetError(f"Superset could not be prepared; what it says is in {log}")
    home.imported.write_text(wanted)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SupersetError(f"Port {port} is taken; name another with PORT=…") from error


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code where that can't be."""
    parser = argparse.ArgumentParser(prog="python -m bi.superset", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="of Superset's environment")
    parser.add_argument("--port", type=int, default=8088)
    asked = parser.parse_args(arguments)
    try:
        serve(load_company(), asked.python, asked.port, os.environ)
    except (ConfigurationError, SupersetError) as error:
        sys.stderr.write(f"{error}\n")
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main())
