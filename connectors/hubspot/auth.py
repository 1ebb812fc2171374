"""Be let in by HubSpot: a private app's token, or OAuth."""

import os
from collections.abc import Mapping
from typing import Final

from connectors.http import Auth, FixedToken, RenewedToken, Retries, Timing, Token
from connectors.http.login import token_from
from connectors.hubspot.config import HubSpotOAuth, HubSpotSource
from connectors.hubspot.explain import explain
from connectors.secret import Secret, secret, secret_word

_TOKEN_PATH: Final = "/oauth/v3/token"  # noqa: S105 - where one asks for a token
_FIX: Final = (
    "Look whether the variables named in the source's `oauth` hold the id and the secret of the "
    "app, and the refresh token of an installation in this portal that still stands"
)


def hubspot_auth(
    source: HubSpotSource,
    environment: Mapping[str, str] = os.environ,
    *,
    retries: Retries | None = None,
    timing: Timing | None = None,
) -> Auth:
    """The tokens of a portal; `source` is located already.

    Raises PermanentError, which names the variable, where a secret is missing.
    """
    if source.oauth is None:
        return FixedToken(secret_word(str(source.token_env), environment))
    return _oauth(source.url, source.oauth, environment, retries, timing)


def _oauth(
    url: str,
    oauth: HubSpotOAuth,
    environment: Mapping[str, str],
    retries: Retries | None,
    timing: Timing | None,
) -> Auth:
    form: dict[str, str | Secret] = {
        "grant_type": "refresh_token",
        "client_id": secret(oauth.client_id_env, environment),
        "client_secret": secret(oauth.client_secret_env, environment),
        "refresh_token": secret(oauth.refresh_token_env, environment),
    }

    def fetch() -> Token:
        return token_from(
            url,
            _TOKEN_PATH,
            lambda: form,
            explain=explain,
            fix=_FIX,
            retries=retries,
            timing=timing,
        )

    return RenewedToken(fetch, timing)
