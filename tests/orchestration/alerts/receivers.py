"""Real receivers of alerts on loopback: an HTTP server and an SMTP server."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller


class Webhook:
    """What a webhook was sent; it answers with `answers`, one after the other, then with 200."""

    def __init__(self, url: str, answers: list[int]) -> None:
        self.url = url
        self.answers = answers
        self.posted: list[Any] = []
        self.requests = 0


@contextmanager
def webhook(*answers: int) -> Iterator[Webhook]:
    """A webhook on loopback, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.requests += 1
            status = made.answers.pop(0) if made.answers else 200
            if status == 200:
                made.posted.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Webhook(f"http://127.0.0.1:{server.server_port}/hook/s3cret-path", list(answers))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Inbox:
    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        received = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(received, EmailMessage)
        self.messages.append(received)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[int, list[EmailMessage]]]:
    """An SMTP server on loopback, until the block ends: its port and what it received."""
    inbox = _Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, inbox.messages
    finally:
        controller.stop()
