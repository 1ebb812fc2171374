"""How a company's Tandem is operated, from its `operations.yml`: what is wrong, and who is told."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from connectors.faults import Part, matching
from connectors.source_parts import Duration, Share, Variable
from connectors.typed_yaml import read_typed_yaml

_Address = Annotated[str, matching(r"[^@\s,;<>]+@[^@\s,;<>]+", "an email address")]


class Channel(Part):
    """A channel of Slack or Teams, or any other webhook; the variable holds its address."""

    kind: Literal["slack", "teams", "webhook"]
    url_variable: Variable


class Mail(Part):
    """Email, by a server that speaks SMTP; without a `password_variable`, with no login."""

    kind: Literal["email"]
    server: str
    port: int = Field(default=587, ge=1, le=65535)
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_variable: Variable | None = None
    sender: _Address
    to: Annotated[tuple[_Address, ...], Field(min_length=1)]


Receiver = Annotated[Channel | Mail, Field(discriminator="kind")]
"""Whom an alert goes to."""


class Alerts(Part):
    """Who is told when a run fails, or when the published tables are older than `late_after`."""

    to: tuple[Receiver, ...] = ()
    late_after: Duration = timedelta(hours=30)


class VolumeLimits(Part):
    """How far a load may be from what the same weekday of the last `weeks` brought.

    The usual is known from `known_from` of those days on. What is usually `few` is not judged.
    """

    weeks: int = Field(default=8, ge=1, le=9)
    known_from: int = Field(default=4, ge=1)
    at_least: Share = 0.25
    at_most: float = Field(default=4, ge=1)
    few: int = Field(default=10, ge=1)


class Checks(Part):
    """What is usual for a night; the shares are of a load's records, and of all touches."""

    volume: VolumeLimits = VolumeLimits()
    quarantined_at_most: Share = 0.01
    unmatched_at_most: Share = 0.05


class Operations(Part):
    """What `operations.yml` says; `web_ui` is where Dagster's pages are, for links to them."""

    web_ui: Annotated[str, matching(r"https?://\S+", "an address that begins with http")] = (
        "http://127.0.0.1:3000"
    )
    alerts: Alerts = Alerts()
    checks: Checks = Checks()


UNATTENDED: Final = Operations()
"""Where there is no `operations.yml`: nobody is told of anything."""


def load_operations(path: Path) -> Operations:
    """What the file at `path` says; UNATTENDED where there is none.

    Raises ConfigurationError, which names file, line, field and what was expected.
    """
    return read_typed_yaml(path, Operations) if path.exists() else UNATTENDED
