"""The Dagster instance of a company: the home at the repository's root, the state its own."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from connectors.secret import secret
from orchestration.company import Company

HOME: Final = Path(__file__).resolve().parents[1]
"""Where dagster.yaml lies."""

POSTGRES: Final = "TANDEM_DAGSTER_POSTGRES"
"""The variable that may hold the address of Dagster's database; `_FILE` after it names a file."""


class HistoryDriverMissing(Exception):
    """Dagster's history is to be in PostgreSQL, and what that needs is not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"{POSTGRES} names a database for Dagster's history, and dagster-postgres is not "
            "installed: `make production` installs it. Without the variable the history lies in "
            "files, in the folder of the company's data."
        )


def instance_environment(company: Company, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment in which Dagster's processes run for a company; its state folder is made.

    Folders in it are absolute, so that a process may work in any folder. Nothing in it lets a tool
    send usage statistics.

    Raises PermanentError as `history_database` does, HistoryDriverMissing where it names one.
    """
    in_database = history_database(given)
    if in_database and find_spec("dagster_postgres") is None:
        raise HistoryDriverMissing
    company.dagster.mkdir(parents=True, exist_ok=True)
    environment = {
        **given,
        "DAGSTER_HOME": str(HOME),
        "TANDEM_DAGSTER_STATE": str(company.dagster),
        POSTGRES: in_database or "",
        "TANDEM_COMPANY": str(company.folder),
        "TANDEM_DATA": str(company.data_root),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    environment.pop(f"{POSTGRES}_FILE", None)
    if company.source_data_given:
        environment["TANDEM_SOURCE_DATA"] = str(company.source_data_given)
    if company.lake_root:
        environment["TANDEM_LAKE"] = company.lake_root
    return environment


def history_database(given: Mapping[str, str] = os.environ) -> str | None:
    """The address of the database that Dagster's history is in; None where it is in files.

    Raises PermanentError as `connectors.secret.secret` does.
    """
    if not (given.get(POSTGRES) or given.get(f"{POSTGRES}_FILE")):
        return None
    return secret(POSTGRES, given).reveal()


def driver_address(address: str) -> str:
    """The address of a PostgreSQL database with the driver that dagster-postgres brings."""
    # SQLAlchemy's own choice is another one.
    named = make_url(address).set(drivername="postgresql+psycopg2")
    return named.render_as_string(hide_password=False)
