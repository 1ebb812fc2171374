"""HTTP on loopback: an app answers requests; faults and a record of what was asked come with it."""

import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.sandbox.serving.faults import Fault, Faults

_WEB_PAGE: Final = b"<!doctype html><title>Just a moment...</title><p>Bad gateway</p>"
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    """A request: `query` has each parameter's values, `headers` are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return self.query.get(name, [default])[-1]

    def json(self) -> Any:
        """The body, decoded; ValueError where it is no JSON."""
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Response:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


App = Callable[[Request], Response]
"""What answers requests; called from many threads at once."""


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer of JSON."""
    told = {"Content-Type": "application/json;charset=utf-8", **(headers or {})}
    return Response(status, orjson.dumps(value), told)


class Running:
    """A server that is up: its address, what was asked of it, and the faults to come."""

    def __init__(self, server: ThreadingHTTPServer, faults: Faults) -> None:
        self._server = server
        self._thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self._lock = Lock()
        self._asked: Counter[str] = Counter()
        self.faults = faults

    @property
    def url(self) -> str:
        """Its address, without a slash at its end."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def asked(self) -> Counter[str]:
        """How often each `METHOD path` was asked for, since `forget`."""
        with self._lock:
            return Counter(self._asked)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._asked.clear()

    def note(self, method: str, path: str) -> None:
        """Count a request."""
        with self._lock:
            self._asked[f"{method} {path}"] += 1

    def close(self) -> None:
        """Take it down."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client that opens many connections at once must not be refused.
    request_queue_size = 64


def serve(app: App, *, port: int = 0, faults: Faults | None = None) -> Running:
    """Let an app answer on a port of loopback (0: a free one) until it is closed."""
    planned = faults or Faults()
    running: Running

    class Handler(_Handler):
        def answer(self) -> None:
            _answer(self, app, running)

    running = Running(_Server(("127.0.0.1", port), Handler), planned)
    return running


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PATCH(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def log_message(self, *_: object) -> None:
        """Say nothing: whoever asks knows."""


def _answer(handler: _Handler, app: App, running: Running) -> None:
    split = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    running.note(handler.command, split.path)
    fault = running.faults.of(handler.command, split.path)
    if fault is not None and fault.kind == "reset":
        _reset(handler)
        return
    if fault is not None and fault.kind == "late":
        time.sleep(fault.seconds)
    request = Request(
        handler.command,
        split.path,
        parse_qs(split.query, keep_blank_values=True),
        {name.lower(): value for name, value in handler.headers.items()},
        body,
    )
    _send(handler, *_with_fault(fault, app, request))


def _with_fault(fault: Fault | None, app: App, request: Request) -> tuple[Response, int]:
    """The answer, and how much of its body is sent."""
    if fault is None or fault.kind == "late":
        response = app(request)
        return response, len(response.body)
    if fault.kind == "cut":
        response = app(request)
        return response, len(response.body) // 2
    if fault.kind == "page":
        page = Response(fault.status, _WEB_PAGE, {"Content-Type": "text/html", **fault.headers})
        return page, len(page.body)
    return Response(fault.status, fault.body, fault.headers), len(fault.body)


def _send(handler: _Handler, response: Response, sent: int) -> None:
    handler.send_response(response.status)
    for name, value in response.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(response.body)))
    try:
        handler.end_headers()
        handler.wfile.write(response.body[:sent])
        handler.wfile.flush()
    except (BrokenPipeError, ConnectionResetError):
        # Who asked has gone; nobody else waits for it.
        handler.close_connection = True
    if sent < len(response.body):
        _reset(handler)


def _reset(handler: _Handler) -> None:
    """End the connection at once, as a machine does that is switched off."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    handler.connection.close()
