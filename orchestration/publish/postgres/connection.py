"""A connection to the database of a company, and its errors in words that say what to do."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from connectors.secret import Secret, redact, secret
from orchestration.publish.postgres.errors import PostgresAway, PostgresError
from orchestration.publish_settings import PostgresSettings

_CONNECTING_TAKES: Final = 30.0
"""Seconds after which a server that does not answer is away."""

_UNTOUCHED: Final = (
    "Nothing of this run is in PostgreSQL: its readers see what they saw, and the files are as "
    "they were published. The next run copies the tables by itself."
)

_AWAY: Final = (
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TransactionRollbackError,
)


@asynccontextmanager
async def connected(
    settings: PostgresSettings, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[asyncpg.Connection]:
    """A connection, closed at the end. Raises what `explained` raises, and PermanentError."""
    address = secret(settings.url_env, environment)
    with explained(settings):
        _hide_password(address, settings)
        try:
            connection = await asyncpg.connect(
                address.reveal(),
                timeout=_CONNECTING_TAKES,
                # A pooler between us and the server may hand each transaction to another session.
                statement_cache_size=0,
                server_settings={"application_name": "tandem"},
            )
        except (ValueError, asyncpg.ClientConfigurationError):
            # What is wrong in it is not told, since that may be the password.
            raise _no_address(settings) from None
        except TimeoutError:
            raise PostgresAway(
                f"PostgreSQL does not answer at the address in {settings.url_env} within "
                f"{_CONNECTING_TAKES:.0f} s. {_UNTOUCHED}"
            ) from None
        except OSError as error:
            # Here alone: later on it may be this machine's disk that is full.
            raise _is_away(error, settings) from None
        try:
            yield connection
        finally:
            connection.terminate()


@contextmanager
def explained(settings: PostgresSettings) -> Iterator[None]:
    """Turn what the driver raises into PostgresAway where time may cure it, else PostgresError.

    No password is in either, nor in what they were raised from.
    """
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise PostgresError(
            f"PostgreSQL lets nobody in with the address in {settings.url_env}: {_told(error)}. "
            f"Mend the user or the password there. {_UNTOUCHED}"
        ) from None
    except asyncpg.InvalidCatalogNameError as error:
        raise PostgresError(
            f"{_told(error)}. Make it, or name another in {settings.url_env}. {_UNTOUCHED}"
        ) from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise PostgresError(
            f"PostgreSQL refuses: {_told(error)}. Tandem's user has to own the schema "
            f"{settings.schema_name} and to have CREATE on the database. {_UNTOUCHED}"
        ) from None
    except asyncpg.InsufficientResourcesError as error:
        raise PostgresError(
            f"PostgreSQL has run out of something: {_told(error)}. {_UNTOUCHED}"
        ) from None
    except _AWAY as error:
        raise _is_away(error, settings) from None
    except (asyncpg.PostgresError, asyncio.IncompleteReadError) as error:
        raise PostgresError(f"PostgreSQL says: {_told(error)}. {_UNTOUCHED}") from None


def _is_away(error: Exception, settings: PostgresSettings) -> PostgresAway:
    return PostgresAway(
        f"PostgreSQL is away, or was restarted: {_told(error)}. Look whether it runs at the "
        f"address in {settings.url_env}. {_UNTOUCHED}"
    )


def _told(error: Exception) -> str:
    state = getattr(error, "sqlstate", None)
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return redact(f"{text} ({state})" if state else text)


def _no_address(settings: PostgresSettings) -> PostgresError:
    return PostgresError(
        f"{settings.url_env} does not hold an address such as "
        "postgresql://user:password@host:5432/database?sslmode=verify-full; signs in a password "
        f"such as @ / : # are written as %40 %2F %3A %23. {_UNTOUCHED}"
    )


def _hide_password(address: Secret, settings: PostgresSettings) -> None:
    """Have the password in the address hidden too, where the server repeats it alone."""
    try:
        password = urlsplit(address.reveal()).password
    except ValueError:
        raise _no_address(settings) from None
    if password:
        Secret(password)
        Secret(unquote(password))
