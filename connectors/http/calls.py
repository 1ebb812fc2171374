"""What is asked of an API, and what it answers."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from connectors.http.limits import Limit
from connectors.secret import Secret

_log = logging.getLogger(__name__)

Param = str | int | bool | Sequence[str]
"""A parameter's value; `true` and `false` for booleans, a list repeats the parameter."""


@dataclass(frozen=True)
class Call:
    """One request: a path below the API's address, or a whole address on the same host.

    Body: `json`, any value that JSON has a form for, or `form`, fields of a web form.
    `repeatable`: asking twice does no harm; where it is false, a request that may have reached the
    server is not sent again. `accept`: statuses, beside 200 to 299, that are an answer, not an
    error. `limits`: in place of those of the whole API.
    """

    method: str
    path: str
    params: Mapping[str, Param] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str | Secret] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    accept: frozenset[int] = frozenset()
    limits: Sequence[Limit] | None = None


def get(path: str, params: Mapping[str, Param] | None = None, **options: Any) -> Call:
    """A GET; `options` are other fields of Call."""
    return Call("GET", path, params or {}, **options)


def post(path: str, json: Any, **options: Any) -> Call:
    """A POST of JSON; `options` are other fields of Call."""
    return Call("POST", path, json=json, **options)


def delete(path: str, **options: Any) -> Call:
    """A DELETE; `options` are other fields of Call."""
    return Call("DELETE", path, **options)


@dataclass(frozen=True)
class Answer:
    """What the server answered: `headers` are found whatever their case, `body` is unpacked.

    `redirected_to`: the other host that answered in the end; empty where none did.
    """

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    _decoded: Any = field(repr=False, default=None)
    redirected_to: str = ""

    def json(self) -> Any:
        """The body's JSON, decoded already; None where the body is empty."""
        return self._decoded


@dataclass(frozen=True)
class Download:
    """A long body in a temporary file, from its beginning, complete; closed by `with`."""

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    file: BinaryIO = field(repr=False)
    size: int

    def __enter__(self) -> "Download":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@dataclass(frozen=True)
class Explained:
    """What an error's body says, in the API's own words.

    `passes`: whether the API says that the error will pass; None: its status decides. `expired`:
    the token is not taken (any more), as with status 401. `fix`: what to do, where that is known.
    """

    code: str = ""
    message: str = ""
    correlation_id: str = ""
    passes: bool | None = None
    expired: bool = False
    fix: str = ""


def explain_nothing(_: Answer) -> Explained:
    """For an API whose errors say nothing more than their status."""
    return Explained()


def decoded(body: bytes) -> Any:
    """A body's JSON; ValueError where it is none, or ends too early. None of an empty body."""
    if not body.strip():
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _leniently_decoded(body)


def _leniently_decoded(body: bytes) -> Any:
    """What orjson refuses though it is whole: half an emoji, NaN, control characters."""
    text = body.decode("utf-8-sig", errors="replace")
    found = json.loads(text, strict=False)
    _log.warning("an answer's JSON holds characters that are none; each became U+FFFD")
    return json.loads(
        json.dumps(found, ensure_ascii=False)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", errors="replace")
    )
