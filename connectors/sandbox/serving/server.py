"""HTTP/1.1 on loopback for an app: connections are kept, answers leave in one piece."""

import socket
import struct
from email.utils import format_datetime
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socketserver import BaseRequestHandler
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, BinaryIO, Final, Self
from urllib.parse import parse_qs

from connectors.errors import PermanentError
from connectors.sandbox.serving.app import App
from connectors.sandbox.serving.clock import Clock
from connectors.sandbox.serving.faults import Faults
from connectors.sandbox.serving.log import RequestLog
from connectors.sandbox.serving.messages import JSON, Damage, Request, Response

_LOOPBACK: Final = "127.0.0.1"
_LONGEST_LINE: Final = 1 << 20
_LONGEST_BODY: Final = 1 << 28
_NOTICE: Final = 0.02
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_RESET: Final = struct.pack("ii", 1, 0)


class Running:
    """A server that runs: `url` is its address, without a slash at the end."""

    def __init__(self, app: App, server: "_Server") -> None:
        self.app = app
        self.url = f"http://{_LOOPBACK}:{server.server_address[1]}"
        self._server = server
        self._thread = Thread(
            target=server.serve_forever, kwargs={"poll_interval": _NOTICE}, daemon=True
        )
        self._thread.start()

    @property
    def clock(self) -> Clock:
        """The server's time."""
        return self.app.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong on it."""
        return self.app.faults

    @property
    def requests(self) -> RequestLog:
        """What it was asked."""
        return self.app.requests

    def close(self) -> None:
        """Stop, and cut what is under way; closing twice does nothing."""
        if self._server.stopping.is_set():
            return
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def serve(app: App, port: int = 0) -> Running:
    """Serve an app on loopback, at a free port unless one is named, until it is closed.

    Raises PermanentError where the port is taken.
    """
    try:
        return Running(app, _Server(app, port))
    except OSError as error:
        raise PermanentError(
            f"the port can't be listened at: {error.strerror}",
            where=f"{_LOOPBACK}:{port}",
            fix="Stop what listens there, or name another port",
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self.stopping = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((_LOOPBACK, port), _Connection)

    def server_bind(self) -> None:
        # HTTPServer would ask the resolver for this machine's name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def cut(self) -> None:
        """End the connections that are open."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # It ended by itself meanwhile.

    def handle_error(self, *_: object) -> None:
        """Whoever left in mid-answer is not worth a traceback; faults of ours answer 500."""


class _Connection(BaseRequestHandler):
    request: socket.socket
    server: _Server

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.opened(self.request)

    def finish(self) -> None:
        self.server.closed(self.request)

    def handle(self) -> None:
        with self.request.makefile("rb") as stream:
            while (request := _read(stream, self.request)) is not None:
                if not self._answer(request) or _wants_end(request):
                    return

    def _answer(self, request: Request) -> bool:
        """Whether the connection is still good for another request."""
        app = self.server.app
        try:
            response = app.handle(request)
        except Exception as error:  # noqa: BLE001 - a server answers whatever happens in it
            response = app.refusal(500)
            what = f"{type(error).__name__}: {error}".encode("ascii", "replace").decode()
            headers = {**response.headers, "X-Sandbox-Error": what.replace("\n", " ")}
            response = Response(response.status, headers, response.body)
        head = _head(response, app.clock)
        if response.damage is None:
            self.request.sendall(head + (b"" if request.method == "HEAD" else response.body))
            return True
        return self._spoil(head, response.body, response.damage)

    def _spoil(self, head: bytes, body: bytes, damage: Damage) -> bool:
        whole = head + body
        sent = 0 if damage.sent < 0 else len(head) + int(len(body) * damage.sent)
        self.request.sendall(whole[:sent])
        if damage.seconds is not None:
            self.server.stopping.wait(damage.seconds)
            self.request.sendall(whole[sent:])
            return True
        if damage.is_reset:
            # Closed with a linger of 0 seconds, the kernel sends a reset.
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.server.closed(self.request)
            self.request.close()
        return False


def _wants_end(request: Request) -> bool:
    return request.headers.get("connection", "").lower() == "close"


def _read(stream: BinaryIO, connection: socket.socket) -> Request | None:
    """The next request; None where the connection ended or what came is no HTTP/1.1."""
    line = stream.readline(_LONGEST_LINE)
    parts = line.decode("latin-1").split()
    if len(parts) != 3:  # noqa: PLR2004 - method, target, version
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line:
            return None
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if length > _LONGEST_BODY or "chunked" in headers.get("transfer-encoding", ""):
        return None
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = stream.read(length) if length else b""
    path, _, query = parts[1].partition("?")
    asked = parse_qs(query, keep_blank_values=True) if query else {}
    return Request(parts[0], path, asked, headers, body, parts[1])


def _head(response: Response, clock: Clock) -> bytes:
    headers: dict[str, Any] = {
        "Date": format_datetime(clock.now(), usegmt=True),
        "Content-Type": JSON,
        **response.headers,
    }
    if response.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = len(response.body)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    phrase = _PHRASES.get(response.status, "Unknown")
    return f"HTTP/1.1 {response.status} {phrase}\r\n{lines}\r\n".encode("latin-1")
