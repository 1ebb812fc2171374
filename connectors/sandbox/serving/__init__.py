"""What the sandbox's servers are made of: a clock, faults on demand, HTTP on loopback."""

from connectors.sandbox.serving.clock import Clock
from connectors.sandbox.serving.faults import Fault, Faults
from connectors.sandbox.serving.http import (
    App,
    Request,
    Response,
    Running,
    json_response,
    serve,
)

__all__ = [
    "App",
    "Clock",
    "Fault",
    "Faults",
    "Request",
    "Response",
    "Running",
    "json_response",
    "serve",
]
