"""Who may ask the portal what, and how often."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Lock
from typing import Final

from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.refusals import missing_scopes, rate_limited, refusal
from connectors.sandbox.serving import Clock, Request, Response, json_response

ALL_SCOPES: Final = frozenset(
    {
        "crm.objects.contacts.read",
        "crm.objects.companies.read",
        "crm.objects.deals.read",
        "crm.objects.owners.read",
        "crm.objects.marketing_events.read",
        "crm.schemas.contacts.read",
        "crm.schemas.companies.read",
        "crm.schemas.deals.read",
        "marketing.campaigns.read",
        "content",
        "forms",
        "sales-email-read",
        "oauth",
    }
)
"""Every scope that some path here needs."""

_TOKEN_SECONDS: Final = 1800


@dataclass
class OAuthApp:
    """An app that was installed in the portal: what it shows for an access token."""

    client_id: str
    client_secret: str
    refresh_token: str


@dataclass
class Access:
    """The tokens that are let in, and their scopes.

    `private_token` never expires; `access tokens` do after `token_life`, by the portal's clock.
    """

    clock: Clock
    private_token: str
    app: OAuthApp | None = None
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    token_life: timedelta = timedelta(seconds=_TOKEN_SECONDS)
    _expires: dict[str, int] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def refuse(self, request: Request, needed: Iterable[str]) -> Response | None:
        """Why the request is not let in; None where it is. Any one of the scopes is enough."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if token != self.private_token:
            refused = self._refuse_access_token(token)
            if refused is not None:
                return refused
        wanted = sorted(needed)
        if wanted and not self.scopes.intersection(wanted):
            return missing_scopes(wanted)
        return None

    def _refuse_access_token(self, token: str) -> Response | None:
        expires = self._expires.get(token)
        if expires is None:
            words = (
                "Authentication credentials not found. This API supports OAuth 2.0 authentication"
            )
            return refusal(401, words, "INVALID_AUTHENTICATION")
        ago = self.clock.milliseconds() - expires
        if ago < 0:
            return None
        return refusal(
            401,
            f"The OAuth token used to make this call expired {ago // 1000} second(s) ago.",
            "EXPIRED_AUTHENTICATION",
            context={"expire time": [instant(expires)]},
        )

    def expire_tokens(self) -> None:
        """Let every access token that was given out be refused from now on."""
        with self._lock:
            now = self.clock.milliseconds()
            self._expires = {token: min(at, now) for token, at in self._expires.items()}

    def give_token(self, request: Request) -> Response:
        """Answer who asks for an access token with a refresh token."""
        form, app = request.form(), self.app
        if form.get("grant_type") not in ("refresh_token", "authorization_code"):
            return self._no_token("BAD_GRANT_TYPE", "unsupported grant_type")
        if app is None or form.get("client_id") != app.client_id:
            return self._no_token("BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("client_secret") != app.client_secret:
            return self._no_token("BAD_CLIENT_SECRET", "missing or invalid client secret")
        if form.get("refresh_token") != app.refresh_token:
            return self._no_token("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        with self._lock:
            token = f"sandbox-access-{next(self._numbers)}"
            self._expires[token] = self.clock.milliseconds() + self.token_life // timedelta(
                milliseconds=1
            )
        return json_response(
            {
                "token_type": "bearer",
                "refresh_token": app.refresh_token,
                "access_token": token,
                "expires_in": int(self.token_life.total_seconds()),
                "hub_id": 1,
                "scopes": sorted(self.scopes),
            }
        )

    def _no_token(self, status: str, message: str) -> Response:
        error = {"error": "invalid_grant", "error_description": message}
        told: Mapping[str, str] = {"status": status, "message": message, **error}
        return json_response(told, 400)


@dataclass
class Limits:
    """How often an app may ask; None: as often as it likes.

    `elapsed` tells the seconds by which the limits count: real ones, unless a test says otherwise.
    """

    per_ten_seconds: int | None = 190
    search_per_second: int | None = 5
    per_day: int | None = 650_000
    elapsed: Callable[[], float] = time.monotonic
    _asked: deque[float] = field(default_factory=deque)
    _searched: deque[float] = field(default_factory=deque)
    _today: int = 0
    _lock: Lock = field(default_factory=Lock)

    def refuse(self, *, is_search: bool) -> Response | None:
        """The answer to one request too many; None where it is within the limits, and counts."""
        with self._lock:
            now = self.elapsed()
            while self._asked and self._asked[0] <= now - 10:
                self._asked.popleft()
            while self._searched and self._searched[0] <= now - 1:
                self._searched.popleft()
            if _is_full(self._searched, self.search_per_second) and is_search:
                return rate_limited("SECONDLY")
            if self.per_day is not None and self._today >= self.per_day:
                return rate_limited("DAILY")
            if _is_full(self._asked, self.per_ten_seconds) and not is_search:
                return rate_limited("TEN_SECONDLY_ROLLING")
            (self._searched if is_search else self._asked).append(now)
            self._today += 1
            return None

    @property
    def today(self) -> int:
        """How many requests counted so far."""
        return self._today

    def headers(self) -> dict[str, str]:
        """What an answer tells of the limits."""
        told: dict[str, str] = {}
        with self._lock:
            if self.per_ten_seconds is not None:
                left = max(self.per_ten_seconds - len(self._asked), 0)
                told["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000"
                told["X-HubSpot-RateLimit-Max"] = str(self.per_ten_seconds)
                told["X-HubSpot-RateLimit-Remaining"] = str(left)
            if self.per_day is not None:
                told["X-HubSpot-RateLimit-Daily"] = str(self.per_day)
                told["X-HubSpot-RateLimit-Daily-Remaining"] = str(self.per_day - self._today)
        return told


def _is_full(asked: deque[float], limit: int | None) -> bool:
    return limit is not None and len(asked) >= limit
