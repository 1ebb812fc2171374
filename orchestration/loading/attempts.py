"""How the last load of each stream ended, kept beside the lake for the build that follows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from connectors.errors import TransientError
from orchestration.company import Company
from orchestration.files import replace_text
from orchestration.locks import Held, is_held, lock


class AttemptState(StrEnum):
    """How far a load came."""

    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True)
class Attempt:
    """The last load of one stream: how it ended, and what it brought.

    `rows` and `rejected` are what was new in it, `suppressed` what was of people who were
    forgotten. `problem` says what went wrong and what to do.
    """

    source: str
    stream: str
    state: AttemptState
    run_id: str
    at: datetime
    rows: int = 0
    rejected: int = 0
    suppressed: int = 0
    seconds: float = 0.0
    problem: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether it came to its end; one that never did was killed, or is under way."""
        return self.state is AttemptState.LOADED


@contextmanager
def hold_stream(company: Company, source: str, stream: str) -> Iterator[None]:
    """Be the one that loads a stream. Raises TransientError where another run does."""
    try:
        with lock(_lock_of(company, source, stream)):
            yield
    except Held:
        raise TransientError(
            "another run is loading it", where=f"{source}.{stream}", fix="Wait until it is over"
        ) from None


def is_loading(company: Company, source: str, stream: str) -> bool:
    """Whether a process is loading the stream just now."""
    return is_held(_lock_of(company, source, stream))


def remember(company: Company, attempt: Attempt) -> None:
    """Keep this as the stream's last load."""
    told = {**asdict(attempt), "at": attempt.at.isoformat()}
    replace_text(_file(company, attempt.source, attempt.stream), json.dumps(told, indent=1) + "\n")


def last_attempts(company: Company) -> Iterator[Attempt]:
    """The last load of every stream that sources.yml names; of one never tried, none."""
    for source in company.sources.sources:
        for stream in source.streams:
            with suppress(FileNotFoundError):
                yield _read(_file(company, source.name, stream.name))


def failed_sources(company: Company) -> frozenset[str]:
    """The sources with a stream whose last load failed or did not come to its end.

    One that another run is loading just now has not failed: what it had before is in the lake.
    """
    return frozenset(a.source for a in last_attempts(company) if _has_failed(company, a))


def problems(company: Company) -> dict[str, str]:
    """What went wrong in the last loads, by source."""
    found: dict[str, list[str]] = {}
    for attempt in last_attempts(company):
        if _has_failed(company, attempt):
            told = attempt.problem or "its last load did not come to its end: load it again"
            found.setdefault(attempt.source, []).append(f"{attempt.stream}: {told}")
    return {source: "\n".join(told) for source, told in found.items()}


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def _read(file: Path) -> Attempt:
    told = json.loads(file.read_text(encoding="utf-8"))
    at, state = datetime.fromisoformat(told.pop("at")), AttemptState(told.pop("state"))
    return Attempt(**told, at=at, state=state)


def _has_failed(company: Company, attempt: Attempt) -> bool:
    if attempt.state is AttemptState.LOADING:
        return not is_loading(company, attempt.source, attempt.stream)
    return not attempt.is_good


def _lock_of(company: Company, source: str, stream: str) -> Path:
    return _file(company, source, stream).with_suffix(".lock")


def _file(company: Company, source: str, stream: str) -> Path:
    return company.data / "loads" / source / f"{stream}.json"
