"""One request and its answer over a shared session: whatever goes wrong comes back as a value."""

import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from threading import Event
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from connectors.http.calls import Answer, Call, Param, decoded
from connectors.http.timing import Cancelled, Timing
from connectors.secret import Secret

_CHUNK: Final = 1 << 18
_LONGEST_ERROR_BODY: Final = 1 << 20
_MOST_REDIRECTS: Final = 5
_LEAST_POOL: Final = 10
_BROKEN: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, zlib.error)
_ASKED_WRONGLY: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
_NOT_SENT: Final = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
)


_WORDS: Final = (
    ("ReadTimeoutError", "no answer, or no next part of it, in time"),
    ("ReadTimeout", "the answer did not come to its end in time"),
    ("IncompleteRead", "the answer broke off before its end"),
    ("NameResolutionError", "the server's name was not found"),
    ("ProxyError", "the proxy gave no connection"),
)


@dataclass(frozen=True)
class Timeouts:
    """Seconds: to connect, between two parts of an answer, for a whole one, for a download."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 300.0
    download: float = 7200.0


@dataclass(frozen=True)
class Broken:
    """There is no answer, or not the whole of it.

    `passes`: whether it may be better the next time. `sent`: whether the server may have acted.
    """

    what: str
    passes: bool = True
    sent: bool = True


class _BearerAuth(AuthBase):
    """Sets the header, and keeps requests from looking for a login in ~/.netrc."""

    def __init__(self, token: Secret | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class _Session(requests.Session):
    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """A token goes to the server that it is for, and to no other that one may point to."""
        if _origin(prepared_request.url) != _origin(response.request.url):
            prepared_request.headers.pop("Authorization", None)


class _NoCookies(requests.cookies.RequestsCookieJar):
    """Threads share a session, and no API here needs cookies."""

    def set_cookie(self, *_: object, **__: object) -> None:
        """Forget it."""


def _origin(url: str | None) -> tuple[str | None, str | None, int | None]:
    parts = urllib3.util.parse_url(url or "")
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")
    return parts.scheme, parts.host, port


def same_origin(url: str, other: str) -> bool:
    """Whether both addresses are of one server."""
    return _origin(url) == _origin(other)


class Wire:
    """Connections that are used again and again, `in_flight` of them at once."""

    def __init__(self, in_flight: int, timeouts: Timeouts, timing: Timing) -> None:
        self._timeouts = timeouts
        self._timing = timing
        self._session = _Session()
        self._session.cookies = _NoCookies()
        self._session.max_redirects = _MOST_REDIRECTS
        self._session.headers["User-Agent"] = "tandem"
        adapter = HTTPAdapter(
            pool_connections=4, pool_maxsize=max(in_flight, _LEAST_POOL), max_retries=0
        )
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def exchange(
        self, call: Call, url: str, token: Secret | None, cancel: Event, into: BinaryIO | None
    ) -> Answer | Broken:
        """The whole answer to a call, decoded; a good one's body goes to `into` where given."""
        headers = {"Accept": "application/json", **call.headers}
        data: bytes | Mapping[str, str] | None = None
        if call.form is not None:
            data = {name: _revealed(value) for name, value in call.form.items()}
        elif call.json is not None:
            data = orjson.dumps(call.json)
            headers["Content-Type"] = "application/json"
        timeouts = self._timeouts
        lasts = timeouts.whole if into is None else timeouts.download
        until = self._timing.clock() + lasts
        try:
            response = self._session.request(
                call.method,
                url,
                params={name: _as_text(value) for name, value in call.params.items()},
                data=data,
                headers=headers,
                auth=_BearerAuth(token),
                timeout=(timeouts.connect, timeouts.read),
                allow_redirects=call.method == "GET",
                stream=True,
            )
            with response:
                chunks = self._chunks(response, cancel, until)
                answer = _whole(call, response, chunks, into)
        except _BROKEN as error:
            return _broken(error, timeouts)
        # Nothing but a redirection leads elsewhere, and a long address takes long to take apart.
        redirected = response.history and not same_origin(response.url, url)
        if isinstance(answer, Answer) and redirected:
            return replace(answer, redirected_to=urlsplit(response.url).netloc.rpartition("@")[2])
        return answer

    def _chunks(self, response: requests.Response, cancel: Event, until: float) -> Iterator[bytes]:
        # One read of the network at a time: a server that trickles is found out soon.
        read: Callable[..., bytes] = response.raw.read1
        while chunk := read(_CHUNK, decode_content=True):
            if cancel.is_set():
                raise Cancelled
            if self._timing.clock() > until:
                raise requests.exceptions.ReadTimeout("more than the whole may take")
            yield chunk


def _whole(
    call: Call, response: requests.Response, chunks: Iterator[bytes], into: BinaryIO | None
) -> Answer | Broken:
    status, headers = response.status_code, response.headers
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(call, status, headers, *_error_body(chunks))
    if into is not None:
        for chunk in chunks:
            into.write(chunk)
        return Answer(call, status, headers, b"")
    body = b"".join(chunks)
    try:
        return Answer(call, status, headers, body, decoded(body))
    except ValueError:
        kind = headers.get("Content-Type", "a type that it does not tell")
        return Broken(
            f"answered {status} with {len(body)} bytes of {kind} that are no JSON, or not the "
            "whole of it"
        )


def _error_body(chunks: Iterator[bytes]) -> tuple[bytes, object]:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > _LONGEST_ERROR_BODY:
            break
    try:
        return body, decoded(body)
    except ValueError:
        return body, None


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _as_text(value: Param) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | str) else list(value)


def _broken(error: Exception, timeouts: Timeouts) -> Broken:
    """What an error of the network means. Its own text is not shown: it may hold the address."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Broken("the server's certificate is not one to trust", passes=False, sent=False)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Broken("the server led from one address to the next without end", passes=False)
    if isinstance(error, _ASKED_WRONGLY):
        return Broken(f"the request can't be made ({type(error).__name__})", passes=False)
    sent = not isinstance(error, _NOT_SENT) and not any(
        isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes
    )
    return Broken(_in_words(error, causes, timeouts), sent=sent)


def _in_words(error: Exception, causes: tuple[BaseException, ...], timeouts: Timeouts) -> str:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {timeouts.connect:.0f} s"
    kinds = {type(cause).__name__ for cause in causes}
    for kind, words in _WORDS:
        if kind in kinds:
            return words
    reasons = [
        cause.strerror
        for cause in causes
        if isinstance(cause, OSError) and cause.errno and cause.strerror
    ]
    return f"the connection failed: {reasons[-1] if reasons else type(causes[-1]).__name__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        inner = [arg for arg in found.args if isinstance(arg, BaseException)]
        reason = getattr(found, "reason", None)
        if isinstance(reason, BaseException):
            inner.append(reason)
        found = inner[0] if inner else found.__cause__ or found.__context__
