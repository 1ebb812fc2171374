"""Object stores, each by its own interface: S3 and what speaks it, Google's, Azure's."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import pyarrow.fs as pafs
from pydantic import model_validator

from connectors.errors import ConnectorError, PermanentError, TransientError
from connectors.faults import Faults, Part
from connectors.secret import redact, secret
from connectors.source_parts import Variable

_CONNECT_SECONDS: Final = 10
_ANSWER_SECONDS: Final = 60
# What an object store answers when no retry will help.
_LASTING: Final = re.compile(
    "ACCESS_DENIED|NO_SUCH_BUCKET|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|EXPIRED_TOKEN"
    "|INVALID_CLIENT_TOKEN_ID|UNRECOGNIZED_CLIENT|MISSING_AUTHENTICATION|HTTP status 40[13]"
    "|PERMISSION_DENIED|UNAUTHENTICATED|INVALID_ARGUMENT|NOT_FOUND"
    r"|ContainerNotFound|InvalidAuthenticationInfo|Authoriz\w+|AuthenticationFailed"
)
_OF_THE_STORE: Final = re.compile("AWS Error|google::cloud::Status|Azure Error")
_COMMON: Final = frozenset({"endpoint", "anonymous"})
_OPTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "s3": _COMMON | {"region", "access_key_env", "secret_key_env", "session_token_env"},
        "gs": _COMMON,
        "az": frozenset({"endpoint", "account", "account_key_env", "sas_token_env"}),
    }
)
SCHEMES: Final = frozenset(_OPTIONS)
"""How the address of an object store begins, before `://`."""


class ObjectStore(Part):
    """How an object store is reached; what is absent comes from the cloud's own defaults.

    `account` is the storage account of Azure. Names that end in `_env` are those of variables that
    hold a secret.
    """

    endpoint: str | None = None
    region: str | None = None
    anonymous: bool = False
    account: str | None = None
    access_key_env: Variable | None = None
    secret_key_env: Variable | None = None
    session_token_env: Variable | None = None
    account_key_env: Variable | None = None
    sas_token_env: Variable | None = None

    def find_faults(self, address: str, place: tuple[str, ...], faults: Faults) -> None:
        """Find the options that an object store of this address does not have, or lacks."""
        scheme = address.partition("://")[0]
        known = _OPTIONS.get(scheme, frozenset[str]())
        for name in sorted(self.model_fields_set & ObjectStore.model_fields.keys() - known):
            expected = f"one of {', '.join(sorted(known))}, which {scheme}:// has"
            faults.add((*place, name), name, expected)
        if scheme == "az" and not self.account:
            faults.add((*place, "account"), None, "the name of the storage account")

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> "ObjectStore":
        faults = Faults()
        if (self.access_key_env is None) != (self.secret_key_env is None):
            faults.add((), None, "`access_key_env` and `secret_key_env` together, or neither")
        if self.anonymous and self.access_key_env is not None:
            faults.add(("anonymous",), True, "either `anonymous` or the variables of the keys")
        if self.account_key_env is not None and self.sas_token_env is not None:
            faults.add(("sas_token_env",), None, "either `account_key_env` or `sas_token_env`")
        faults.raise_if_any()
        return self


def open_store(
    options: ObjectStore, address: str, environment: Mapping[str, str]
) -> tuple[pafs.FileSystem, str]:
    """The object store of an address, and where in it the address lies: its bucket and folder.

    Raises PermanentError, which names the address, where a variable of its keys is not set.
    """
    scheme, _, root = address.partition("://")

    def held(variable: str | None) -> str | None:
        try:
            return secret(variable, environment).reveal() if variable else None
        except PermanentError as error:
            raise PermanentError(error.what, where=address, fix=error.fix) from error

    return _OPENERS[scheme](options, held), root.rstrip("/")


def _s3(options: ObjectStore, held: Callable[[str | None], str | None]) -> pafs.FileSystem:
    arguments: dict[str, Any] = {
        "anonymous": options.anonymous,
        "connect_timeout": _CONNECT_SECONDS,
        "request_timeout": _ANSWER_SECONDS,
        "region": options.region,
        "access_key": held(options.access_key_env),
        "secret_key": held(options.secret_key_env),
        "session_token": held(options.session_token_env),
    }
    if options.endpoint:
        arguments["scheme"], arguments["endpoint_override"] = _scheme_and_host(options.endpoint)
    return pafs.S3FileSystem(**_said(arguments))


def _gs(options: ObjectStore, _: Callable[[str | None], str | None]) -> pafs.FileSystem:
    arguments: dict[str, Any] = {
        "anonymous": options.anonymous,
        "retry_time_limit": timedelta(seconds=_ANSWER_SECONDS),
    }
    if options.endpoint:
        arguments["scheme"], arguments["endpoint_override"] = _scheme_and_host(options.endpoint)
    return pafs.GcsFileSystem(**arguments)


def _az(options: ObjectStore, held: Callable[[str | None], str | None]) -> pafs.FileSystem:
    arguments: dict[str, Any] = {
        "account_name": options.account,
        "account_key": held(options.account_key_env),
        "sas_token": held(options.sas_token_env),
    }
    if options.endpoint:
        scheme, host = _scheme_and_host(options.endpoint)
        for service in ("blob", "dfs"):
            arguments[f"{service}_storage_scheme"] = scheme
            arguments[f"{service}_storage_authority"] = host
    return pafs.AzureFileSystem(**_said(arguments))


_OPENERS: Final = MappingProxyType({"s3": _s3, "gs": _gs, "az": _az})


def _scheme_and_host(endpoint: str) -> tuple[str, str]:
    scheme, is_url, rest = endpoint.partition("://")
    return (scheme, rest) if is_url else ("https", scheme)


def _said(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def store_error(error: OSError, where: str) -> ConnectorError:
    """What a file system's error means: TransientError where a retry may help."""
    told = f"the files can't be reached ({redact(str(error))})"
    if isinstance(error, PermissionError) or _LASTING.search(str(error)):
        return PermanentError(
            told, where=where, fix="Correct the address, the keys or the permissions"
        )
    return TransientError(
        told,
        where=where,
        fix="If the address, the keys and the permissions are right, run the load again",
    )


def is_of_the_store(error: OSError) -> bool:
    """Whether an error while a file is read is the object store's, not the file's own."""
    return _OF_THE_STORE.search(str(error)) is not None
