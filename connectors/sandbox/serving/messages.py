"""A request as it came in, an answer as it goes out, and which function answers which path."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote

JSON: Final = "application/json;charset=utf-8"


@dataclass(slots=True)
class Request:
    """A request. Header names are in small letters; `target` is the path with its query, as sent.

    `params` are the parts of the path that the route's pattern names.
    """

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def words(self, name: str) -> list[str]:
        """All values of a query parameter, repeated or with commas between them."""
        return [word for text in self.query.get(name, []) for word in text.split(",") if word]

    def json(self) -> Any:
        """The body read as JSON; ValueError where it is none."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body read as a form, the first value of each field."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Damage:
    """How an answer is spoilt on its way.

    `sent`: the share of the body after which it stops or pauses; `seconds`: how long the pause is,
    None: the connection ends there. `is_reset`: it ends with a reset. Where `sent` is negative,
    not even the status is sent.
    """

    sent: float
    seconds: float | None = None
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; without a `Content-Type` header it is JSON."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    damage: Damage | None = None


Handler = Callable[[Request], Response]


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer in JSON."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Response(status, {"Content-Type": JSON, **(headers or {})}, body)


class Router:
    """Finds what answers a request, by method and path pattern: `/v3/objects/{type}/{id}`."""

    def __init__(self) -> None:
        self._plain: dict[tuple[str, str], Handler] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Let `handler` answer. A part in braces is one step of the path; the first match wins."""
        if "{" not in pattern:
            self._plain[method, pattern] = handler
            return
        steps = re.split(r"\{(\w+)\}", pattern)
        expression = "".join(
            f"(?P<{step}>[^/]+)" if place % 2 else re.escape(step)
            for place, step in enumerate(steps)
        )
        self._patterns.append((method, re.compile(expression), handler))

    def find(self, request: Request) -> Handler | None:
        """What answers the request, whose `params` it fills; None where nothing does."""
        found = self._plain.get((request.method, request.path))
        if found is not None:
            return found
        for method, expression, handler in self._patterns:
            match = expression.fullmatch(request.path) if method == request.method else None
            if match is not None:
                request.params = {k: unquote(v) for k, v in match.groupdict().items()}
                return handler
        return None
