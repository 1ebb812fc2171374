"""Be let in by Salesforce: client credentials, a signed assertion (JWT bearer), a refresh token."""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import jwt

from connectors.errors import PermanentError
from connectors.http import Auth, RenewedToken, Retries, Timing, Token
from connectors.http.login import Form, token_from
from connectors.salesforce.config import (
    ClientCredentials,
    JwtBearer,
    RefreshToken,
    SalesforceSource,
)
from connectors.salesforce.explain import explain
from connectors.secret import Secret, secret

_log = logging.getLogger(__name__)

_TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105 - where one asks for a token
_JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LASTS: Final = timedelta(minutes=3)
_FIX: Final = (
    "Look whether the variables that the source names hold what the connected app shows, whether "
    "the app allows this flow and its user, and whether `login_url` is the org's"
)


def salesforce_auth(
    source: SalesforceSource,
    environment: Mapping[str, str] = os.environ,
    *,
    retries: Retries | None = None,
    timing: Timing | None = None,
) -> Auth:
    """The tokens of an org, each with the address to call; `source` is located already.

    Raises PermanentError, which names the variable, where a secret is missing or is no key.
    """
    form = _form(source, environment, timing or Timing())

    def fetch() -> Token:
        token = token_from(
            source.login_url,
            _TOKEN_PATH,
            form,
            explain=explain,
            fix=_FIX,
            retries=retries,
            timing=timing,
        )
        return _checked(token, source.login_url)

    return RenewedToken(fetch, timing)


def _form(
    source: SalesforceSource, environment: Mapping[str, str], timing: Timing
) -> Callable[[], Form]:
    if source.client_credentials is not None:
        return _client_credentials(source.client_credentials, environment)
    if source.jwt_bearer is not None:
        return _jwt_bearer(source.jwt_bearer, source.login_url, environment, timing)
    if source.refresh_token is not None:
        return _refresh_token(source.refresh_token, environment)
    raise AssertionError("a source has one of the three, as its model says")


def _client_credentials(
    app: ClientCredentials, environment: Mapping[str, str]
) -> Callable[[], Form]:
    form: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        "client_id": secret(app.client_id_env, environment),
        "client_secret": secret(app.client_secret_env, environment),
    }
    return lambda: form


def _refresh_token(app: RefreshToken, environment: Mapping[str, str]) -> Callable[[], Form]:
    form: dict[str, str | Secret] = {
        "grant_type": "refresh_token",
        "client_id": secret(app.client_id_env, environment),
        "refresh_token": secret(app.refresh_token_env, environment),
    }
    if app.client_secret_env is not None:
        form["client_secret"] = secret(app.client_secret_env, environment)
    return lambda: form


def _jwt_bearer(
    app: JwtBearer, login_url: str, environment: Mapping[str, str], timing: Timing
) -> Callable[[], Form]:
    client_id = secret(app.client_id_env, environment)
    key = secret(app.private_key_env, environment)

    def form() -> Form:
        claims = {
            "iss": client_id.reveal(),
            "sub": app.username,
            "aud": login_url,
            "exp": timing.now() + _ASSERTION_LASTS,
        }
        return {
            "grant_type": _JWT_GRANT,
            "assertion": Secret(_signed(claims, key, app.private_key_env)),
        }

    _signed({}, key, app.private_key_env)
    return form


def _signed(claims: dict[str, object], key: Secret, variable: str) -> str:
    # Where a variable can't hold several lines, `\n` stands for their ends.
    pem = key.reveal().replace("\\n", "\n")
    signed: str | None = None
    try:
        signed = jwt.encode(claims, pem, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        _log.debug("the key in %s is refused: %s", variable, type(error).__name__)
    if signed is None:
        # Outside of the `except`, lest the error carry the one before it, which knows the key.
        raise PermanentError(
            f"what {variable} holds is not a private RSA key in PEM, without a passphrase",
            where="the environment",
            fix=f"Let {variable}, or the file that {variable}_FILE names, hold the key from "
            "`-----BEGIN` to `-----END … KEY-----`, and give the connected app its certificate",
        )
    return signed


def _checked(token: Token, login_url: str) -> Token:
    if token.base_url is None:
        what = "the login tells no `instance_url`, the address to call"
    elif urlsplit(token.base_url).scheme != urlsplit(login_url).scheme:
        what = "the login names an address to call that is not as safe as its own"
    else:
        return token
    raise PermanentError(what, where=f"POST {login_url}{_TOKEN_PATH}", fix=_FIX)
