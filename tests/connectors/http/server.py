"""A real HTTP server on loopback that answers as a test tells it to, faults included."""

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Reply:
    """An answer, or a part of one.

    `cut`: only so many bytes of the body are sent, then the connection ends. `chunked`: sent in
    chunks, without its length. `reset`: no answer at all, the connection is reset. `length`:
    whether its length is told. `between` is called before each single byte: a server that trickles.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False
    reset: bool = False
    length: bool = True
    between: Callable[[], None] | None = None

    @property
    def bytes(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


class Server:
    """What it was asked, and its address."""

    def __init__(self, respond: Callable[[Asked], Reply]) -> None:
        self.respond = respond
        self.asked: list[Asked] = []
        self.url = ""
        self.lock = Lock()

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    """One reply after the other; the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def serving(respond: Callable[[Asked], Reply], certificate: Path | None = None) -> Iterator[Server]:
    """A server that runs as long as the block does; with a certificate, over TLS."""
    server = Server(respond)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            parts = urlsplit(self.path)
            asked = Asked(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                dict(self.headers.items()),
                self.rfile.read(length),
                id(self),
            )
            with server.lock:
                server.asked.append(asked)
            reply = server.respond(asked)
            _send(self, reply)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    http = Quiet(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
        server.url = server.url.replace("http:", "https:")
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def self_signed(folder: Path) -> Path:
    """A certificate for loopback that vouches for itself, with its key, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(tz=UTC) - timedelta(days=1)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(pem_of(key).encode() + signed.public_bytes(serialization.Encoding.PEM))
    return path


def pem_of(key: rsa.RSAPrivateKey) -> str:
    """A private key as PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    if reply.reset:
        # Closing with unsent data thrown away makes the kernel send RST.
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True
        handler.connection.close()
        return
    body = reply.bytes
    if "Date" in reply.headers:
        handler.send_response_only(reply.status)
    else:
        handler.send_response(reply.status)
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif reply.length:
        headers["Content-Length"] = str(len(body))
    else:
        handler.close_connection = True
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    for part in _parts(reply, body):
        handler.wfile.write(part)
    if reply.cut is not None:
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


def _parts(reply: Reply, body: bytes) -> Sequence[bytes] | Iterator[bytes]:
    if reply.between is not None:
        return _trickled(body, reply.between)
    if not reply.chunked:
        return [body if reply.cut is None else body[: reply.cut]]
    sent = body if reply.cut is None else body[: reply.cut]
    parts = [sent[at : at + 1000] for at in range(0, len(sent), 1000)]
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return chunks if reply.cut is not None else [*chunks, b"0\r\n\r\n"]


def _trickled(body: bytes, between: Callable[[], None]) -> Iterator[bytes]:
    for at in range(len(body)):
        between()
        yield body[at : at + 1]
