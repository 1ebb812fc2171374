"""Who is let in, for how long, and how often they may ask."""

from base64 import b64decode
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import jwt

from connectors.sandbox.salesforce.refusals import Refused
from connectors.sandbox.serving import Clock, Request, Response, json_response

_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_DAY: Final = timedelta(days=1)
_TWO_HOURS: Final = timedelta(hours=2)


@dataclass(frozen=True)
class ConnectedApp:
    """What a client shows to be let in.

    `public_key` (PEM) checks signed assertions, `refresh_token` is one that was given out; without
    them those two ways in are shut.
    """

    client_id: str
    client_secret: str
    public_key: str | None = None
    refresh_token: str | None = None


@dataclass
class Sessions:
    """The sessions of an org; each ends when nobody used it for `lasts`. `logins` counts them."""

    app: ConnectedApp
    clock: Clock
    lasts: timedelta = _TWO_HOURS
    logins: int = 0
    _used: dict[str, datetime] = field(default_factory=dict)

    def log_in(self, request: Request) -> Response:
        """Give out a token, or say why not."""
        form = request.form()
        problem = self._problem(form, request.headers.get("authorization", ""))
        if problem is not None:
            code, text = problem
            return json_response({"error": code, "error_description": text}, 400)
        self.logins += 1
        token = f"token-{self.logins}"
        self._used[token] = self.clock.now()
        told = {
            "access_token": token,
            "instance_url": f"http://{request.headers.get('host', 'localhost')}",
            "token_type": "Bearer",
            "issued_at": str(self.clock.milliseconds()),
        }
        return json_response(told)

    def check(self, request: Request) -> None:
        """Raise Refused unless the request has a token that is still good."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        now = self.clock.now()
        used = self._used.get(token) if scheme in {"Bearer", "OAuth"} else None
        if used is None or now - used > self.lasts:
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self._used[token] = now

    def expire(self) -> None:
        """Let every token that was given out be refused."""
        self._used.clear()

    def _problem(self, form: dict[str, str], authorization: str) -> tuple[str, str] | None:
        grant = form.get("grant_type", "")
        shown_id, shown_secret = _shown(form, authorization)
        if grant == _JWT:
            return self._assertion_problem(form.get("assertion", ""))
        if grant not in {"client_credentials", "refresh_token"}:
            return "unsupported_grant_type", "grant type not supported"
        if not _same(shown_id, self.app.client_id):
            return "invalid_client_id", "client identifier invalid"
        if grant == "client_credentials" and not _same(shown_secret, self.app.client_secret):
            return "invalid_client", "invalid client credentials"
        token = form.get("refresh_token", "")
        if grant == "refresh_token" and not _same(token, self.app.refresh_token or ""):
            return "invalid_grant", "expired access/refresh token"
        return None

    def _assertion_problem(self, assertion: str) -> tuple[str, str] | None:
        if self.app.public_key is None:
            return "invalid_grant", "user hasn't approved this consumer"
        try:
            claims = jwt.decode(
                assertion,
                self.app.public_key,
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False},
            )
        except jwt.PyJWTError:
            return "invalid_grant", "invalid assertion"
        if claims.get("iss") != self.app.client_id:
            return "invalid_client_id", "client identifier invalid"
        if float(claims.get("exp", 0)) < self.clock.now().timestamp():
            return "invalid_grant", "expired authorization code"
        return None


@dataclass
class Quota:
    """The requests of the last 24 hours, of which `allowed` may be made."""

    clock: Clock
    allowed: int = 100_000
    _made: deque[datetime] = field(default_factory=deque)

    @property
    def used(self) -> int:
        """How many were made in the last 24 hours."""
        since = self.clock.now() - _DAY
        while self._made and self._made[0] <= since:
            self._made.popleft()
        return len(self._made)

    @property
    def header(self) -> dict[str, str]:
        """What every answer tells of it."""
        return {"Sforce-Limit-Info": f"api-usage={self.used}/{self.allowed}"}

    def count(self) -> None:
        """Note a request; Refused where there were too many."""
        if self.used >= self.allowed:
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._made.append(self.clock.now())

    def tell(self, _: Request) -> Response:
        """The limits as `/limits` tells them."""
        left = max(self.allowed - self.used, 0)
        return json_response(
            {
                "DailyApiRequests": {"Max": self.allowed, "Remaining": left},
                "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            }
        )


def _shown(form: dict[str, str], authorization: str) -> tuple[str, str]:
    """The id and secret, from the form or as a user and password."""
    scheme, _, told = authorization.partition(" ")
    if scheme == "Basic":
        client_id, _, client_secret = b64decode(told).decode().partition(":")
        return client_id, client_secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _same(shown: str, held: str) -> bool:
    return bool(held) and compare_digest(shown.encode(), held.encode())
