"""Bring PostgreSQL to the version that readers of the files see, whatever it has."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from orchestration.company import Company
from orchestration.publish.postgres.errors import PostgresError


class Done(StrEnum):
    """What it took."""

    TABLES = "all tables"
    CATALOGUE = "the catalogue alone, since the tables are the same"
    NOTHING = "nothing, since it had this version"


@dataclass(frozen=True)
class InPostgres:
    """What readers of PostgreSQL see now: the version, what it took, and the rows written."""

    version: str
    done: Done
    rows: int


def check_installed() -> None:
    """Raise PostgresError where the driver is not installed, without loading it."""
    if find_spec("asyncpg") is None:
        raise PostgresError(
            "publish.yml asks for PostgreSQL, and asyncpg is not installed, which it needs. "
            "Install it with `make postgres`, or take `postgres` out of publish.yml."
        )


def drop_kept_nights(company: Company, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Drop every night that PostgreSQL keeps but the present one; what is in the way of some.

    Nothing where the company publishes to none. Raises what `publish_to_postgres` raises.
    """
    if company.publishing.postgres is None:
        return []
    check_installed()
    from orchestration.publish.postgres.night import drop_kept  # noqa: PLC0415

    return drop_kept(company, environment)


def publish_to_postgres(
    company: Company, tell: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> InPostgres:
    """Have PostgreSQL hold the version that readers of the files see; nothing where it does.

    All of it is one transaction, so a process or a server that is killed leaves what was there,
    and the next run, quiet or not, finds another version than the files' and copies it.

    Raises PermanentError where the variable of the address is not set, PostgresAway where a retry
    may help, PostgresError where a person has to mend something.
    """
    check_installed()
    from orchestration.publish.postgres.night import publish_night  # noqa: PLC0415

    return publish_night(company, tell, environment)
