"""What a look at a source finds before anything is pulled from it; a look changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: `problem`: a load would fail; `warning`: something would be missing."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found, of a stream or (None) of the whole source, and what to do about it."""

    level: Level
    stream: str | None
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Forecast:
    """What a first sync of a stream will pull: records, requests, and seconds within the limits.

    None where the source does not tell.
    """

    stream: str
    records: int | None
    requests: int | None
    seconds: float | None


@dataclass(frozen=True)
class Report:
    """All that was found of one source."""

    findings: Sequence[Finding]
    forecasts: Sequence[Forecast]

    @property
    def is_ready(self) -> bool:
        """Whether nothing was found that would make a load fail."""
        return all(finding.level is not Level.PROBLEM for finding in self.findings)
