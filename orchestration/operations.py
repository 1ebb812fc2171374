"""How a company's Tandem is operated, from its `operations.yml`: what is wrong, and who is told."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from connectors.faults import Faults, Part, fault, matching
from connectors.source_parts import Duration, Share, Variable
from connectors.typed_yaml import read_typed_yaml

_IGNORED: Final = "ignored"
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


def _none_where_ignored(value: object) -> object:
    if value == _IGNORED:
        return None
    if not isinstance(value, dict | VolumeLimits):
        raise fault(f"limits of its own, such as {{at_least: 5 %}}, or `{_IGNORED}`")
    return value


class Volume(VolumeLimits):
    """The limits of all streams, and those that one alone has: `of`, by `<source>.<stream>`.

    What a stream's own limits leave unsaid is as it is for all; None: it is not judged.
    """

    of: Mapping[str, Annotated[VolumeLimits | None, BeforeValidator(_none_where_ignored)]] = Field(
        default_factory=dict
    )

    def limits_of(self, source: str, stream: str) -> VolumeLimits | None:
        """The limits of a stream; None where it is not judged."""
        own = self.of.get(f"{source}.{stream}", self)
        if own is None or own is self:
            return own
        said = {name: getattr(own, name) for name in own.model_fields_set}
        return self.model_copy(update=said)

    @model_validator(mode="after")
    def _names_streams_that_there_are(self, info: ValidationInfo) -> Self:
        faults = Faults()
        if isinstance(info.context, frozenset):
            for name in sorted(self.of.keys() - info.context):
                near = ", ".join(sorted(info.context))
                faults.add(("of", name), name, f"a stream that sources.yml names: {near}")
        faults.raise_if_any()
        return self


class Checks(Part):
    """What is usual for a night; the shares are of a load's records, and of all touches."""

    volume: Volume = Volume()
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


def load_operations(path: Path, streams: frozenset[str] | None = None) -> Operations:
    """What the file at `path` says; UNATTENDED where there is none.

    `streams` are those that it may name, as `<source>.<stream>`; None: any.

    Raises ConfigurationError, which names file, line, field and what was expected.
    """
    return read_typed_yaml(path, Operations, streams) if path.exists() else UNATTENDED
