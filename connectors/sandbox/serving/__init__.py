"""The core of the sandbox's servers: HTTP on loopback, their clock, their faults, their log."""

from connectors.sandbox.serving.app import ADMIN, App, plain_refusal
from connectors.sandbox.serving.clock import Clock, milliseconds_of, moment_of
from connectors.sandbox.serving.faults import Fault, Faults
from connectors.sandbox.serving.log import RequestLog, Served
from connectors.sandbox.serving.messages import (
    Damage,
    Handler,
    Request,
    Response,
    Router,
    json_response,
)
from connectors.sandbox.serving.server import Running, serve

__all__ = [
    "ADMIN",
    "App",
    "Clock",
    "Damage",
    "Fault",
    "Faults",
    "Handler",
    "Request",
    "RequestLog",
    "Response",
    "Router",
    "Running",
    "Served",
    "json_response",
    "milliseconds_of",
    "moment_of",
    "plain_refusal",
    "serve",
]
