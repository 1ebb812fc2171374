"""Tokens: which one to send, and a new one in time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from connectors.http.timing import Timing
from connectors.secret import Secret

_log = logging.getLogger(__name__)

_RENEWED_BEFORE: Final = 120.0
_SHARE_OF_LIFE: Final = 0.1


@dataclass(frozen=True)
class Token:
    """What a request shows (as `Bearer`) to be let in.

    `base_url`: the address to call with it, where the login tells that. `lasts`: seconds from when
    it was asked for; None: unknown.
    """

    value: Secret
    base_url: str | None = None
    lasts: float | None = None


class Auth(Protocol):
    """Where a source's tokens come from. Safe to share between threads."""

    def token(self) -> Token | None:
        """The token to send now, None where none is needed.

        Raises PermanentError where there is none to be had, TransientError where that may pass.
        """

    def renew(self, after: Token | None) -> bool:
        """Get another token, since `after` was refused; False where there is no other.

        Where another thread has renewed it already, nothing is done, and the answer is True.
        """


class NoAuth:
    """For requests that show no token, such as those that ask for one."""

    def token(self) -> Token | None:
        """None."""
        return None

    def renew(self, after: Token | None) -> bool:  # noqa: ARG002 - of the protocol
        """False: there is none."""
        return False


class FixedToken:
    """A token that a person made, and only a person can replace."""

    def __init__(self, value: Secret) -> None:
        self._token = Token(value)

    def token(self) -> Token | None:
        """The token."""
        return self._token

    def renew(self, after: Token | None) -> bool:  # noqa: ARG002 - of the protocol
        """False: there is no other."""
        return False


class RenewedToken:
    """A token that `fetch` gets anew, two minutes before it expires and whenever it is refused.

    Threads that meet an expired token at once share one renewal.
    """

    def __init__(self, fetch: Callable[[], Token], timing: Timing | None = None) -> None:
        self._fetch = fetch
        self._clock = (timing or Timing()).clock
        self._lock = Lock()
        self._token: Token | None = None
        self._renew_at: float | None = None

    def token(self) -> Token | None:
        """The token, which is asked for at first and before it expires."""
        with self._lock:
            if self._token is None or (
                self._renew_at is not None and self._clock() >= self._renew_at
            ):
                return self._renewed()
            return self._token

    def renew(self, after: Token | None) -> bool:
        """Ask for another token, unless `after` has been replaced already. True."""
        with self._lock:
            if self._token is None or self._token is after:
                _log.info("the token is no longer taken; asking for another")
                self._renewed()
            return True

    def _renewed(self) -> Token:
        asked_at = self._clock()
        token = self._fetch()
        self._token = token
        self._renew_at = None
        if token.lasts is not None:
            # A token that lives for less than twenty minutes is used for most of its life, too.
            early = min(_RENEWED_BEFORE, token.lasts * _SHARE_OF_LIFE)
            self._renew_at = asked_at + token.lasts - early
        return token
