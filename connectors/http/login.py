"""Ask for a token, as OAuth 2 has it."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.errors import PermanentError
from connectors.http.api import Api
from connectors.http.auth import NoAuth, Token
from connectors.http.calls import Call
from connectors.http.failures import Explain, Refused
from connectors.http.retries import Retries
from connectors.http.timing import Timing
from connectors.secret import Secret

Form = Mapping[str, str | Secret]
"""The fields of a request for a token."""


def token_from(
    address: str,
    path: str,
    form: Callable[[], Form],
    *,
    explain: Explain,
    fix: str,
    retries: Retries | None = None,
    timing: Timing | None = None,
) -> Token:
    """The token that a server gives for a form; `fix` says what to do where it gives none.

    Raises PermanentError where it refuses, TransientError where it can't be reached.
    """
    call = Call("POST", path, form=form())
    try:
        with Api(
            address, NoAuth(), explain=explain, retries=retries, timing=timing, in_flight=1
        ) as api:
            said = api.send(call).json()
    except Refused as error:
        refusal = error
    else:
        return _token(said, f"POST {address}{path}", fix)
    raise Refused(
        refusal.what, where=refusal.where, fix=fix, status=refusal.status, code=refusal.code
    )


def _token(said: Any, where: str, fix: str) -> Token:
    value = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(value, str) or not (value.isascii() and value.isprintable() and value):
        raise PermanentError("the answer holds no token", where=where, fix=fix)
    lasts = said.get("expires_in")
    instance = said.get("instance_url")
    return Token(
        Secret(value),
        base_url=instance.rstrip("/") if isinstance(instance, str) and instance else None,
        lasts=float(lasts) if isinstance(lasts, int | float | str) and _is_number(lasts) else None,
    )


def _is_number(value: float | str) -> bool:
    return not isinstance(value, str) or value.strip().isdecimal()
