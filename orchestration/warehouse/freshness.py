"""What is known of each source, and whether a night may build on it. Instants are naive in UTC."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from connectors.sources import Source


class BindError(Exception):
    """The warehouse can't be bound as asked; says why and what to do."""


class SourcesNotReady(BindError):
    """A required source is down, too old or not loaded yet, so nothing is published."""


class SourceState(StrEnum):
    """How a source stands tonight."""

    FRESH = "fresh"
    STALE = "stale"
    FAILED = "failed"
    NOT_LOADED = "not_loaded"


@dataclass(frozen=True)
class StreamState:
    """What a stream holds in the pinned version, as it was known.

    `is_loaded`: it has been read to its end, tonight or before. `rows` and `rejected` count
    versions of records. `watermark` is the greatest value of its watermark column that is not after
    the row's own load. `first_load` is the first of all, known or not.
    `in_lake` is how many versions there should be by the lake's log; None where not all are known.
    """

    stream: str
    is_loaded: bool
    version: int | None
    rows: int
    rejected: int
    first_load: datetime | None
    newest_load: datetime | None
    last_synced_at: datetime | None
    watermark: datetime | None
    in_lake: int | None = None


@dataclass(frozen=True)
class BoundSource:
    """What `bound.sources` says of a source; `last_synced_at` is that of its oldest stream.

    `first_load` is the first that brought rows, `newest_load` the newest that is known of;
    `not_loaded` are streams that have never been read to their end. `lacking` are streams whose
    files hold other than as many rows as the lake's log says: how many, and how many there should
    be.
    """

    source: str
    required: bool
    state: SourceState
    observed_from: datetime | None
    watermark: datetime | None
    last_synced_at: datetime | None
    stale_after_minutes: int | None
    rows: int
    rejected: int
    versions: Mapping[str, int | None]
    first_load: datetime | None
    newest_load: datetime | None
    not_loaded: tuple[str, ...]
    lacking: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def bound_source(
    source: Source, streams: Sequence[StreamState], now: datetime | None, has_failed: bool
) -> BoundSource:
    """How a source stands at `now`, from its streams and whether its last load failed.

    Without a `now` nothing is stale.
    """
    synced = [state.last_synced_at for state in streams if state.last_synced_at is not None]
    not_loaded = tuple(state.stream for state in streams if not state.is_loaded)
    oldest = None if not_loaded else min(synced, default=None)
    if not_loaded:
        state = SourceState.NOT_LOADED
    elif has_failed:
        state = SourceState.FAILED
    elif source.stale_after and oldest and now and now - oldest > source.stale_after:
        state = SourceState.STALE
    else:
        state = SourceState.FRESH
    return BoundSource(
        source=source.name,
        required=source.required,
        state=state,
        observed_from=naive(source.observed_from),
        watermark=naive(source.complete_until) or _watermark(streams),
        last_synced_at=oldest,
        stale_after_minutes=(
            source.stale_after // timedelta(minutes=1) if source.stale_after else None
        ),
        rows=sum(state.rows for state in streams),
        rejected=sum(state.rejected for state in streams),
        versions={state.stream: state.version for state in streams},
        first_load=min((s.first_load for s in streams if s.first_load is not None), default=None),
        newest_load=max(_newest_loads(streams), default=None),
        not_loaded=not_loaded,
        lacking={
            state.stream: (state.rows + state.rejected, state.in_lake)
            for state in streams
            if state.in_lake is not None and state.rows + state.rejected != state.in_lake
        },
    )


def naive(instant: datetime | None) -> datetime | None:
    """An instant without its zone, in UTC; one that has none is taken to be in UTC."""
    if instant is None or instant.tzinfo is None:
        return instant
    return instant.astimezone(UTC).replace(tzinfo=None)


def check_required(sources: Iterable[BoundSource]) -> None:
    """Raise SourcesNotReady with every required source that a night can't be built on."""
    problems = [
        f"  {source.source}: {_problem(source)}"
        for source in sources
        if source.required and source.state is not SourceState.FRESH
    ]
    if problems:
        raise SourcesNotReady(
            "Nothing is published, since required sources are not ready:\n"
            + "\n".join(problems)
            + "\nMend and load them again, or say `required: false` of them in sources.yml."
        )


def check_known_at(known_at: datetime, sources: Sequence[BoundSource]) -> None:
    """Raise BindError where `known_at` is before the first load of a required source, or of all."""
    loaded = [(s.first_load, s.source, s.required) for s in sources if s.first_load is not None]
    required = [(first, source) for first, source, is_required in loaded if is_required]
    first, source = max(required) if required else min(loaded, default=(known_at, "", False))[:2]
    if known_at < first:
        raise BindError(
            f"known_at is {known_at} UTC, before the first load of {source} at {first} UTC: "
            "what was known then can't be told. Ask for that time or a later one."
        )


def check_as_of(as_of: datetime, known_at: datetime) -> None:
    """Raise BindError where `as_of` is after `known_at`, so that nothing can be known of it."""
    if as_of > known_at:
        raise BindError(
            f"as_of is {as_of} UTC, after {known_at} UTC, up to when anything can be known. Ask "
            "for that time or an earlier one."
        )


def check_not_to_come(known_at: datetime, present: datetime) -> None:
    """Raise BindError where `known_at` is still to come, so that more may be known by then."""
    if known_at > present:
        raise BindError(
            f"known_at is {known_at} UTC, which is still to come. Leave it out to ask for what is "
            "known now."
        )


def default_known_at(sources: Sequence[BoundSource]) -> datetime:
    """The newest load of all sources; where none brought rows, when they were last read.

    Raises BindError where nothing has been loaded.
    """
    loads = [source.newest_load for source in sources if source.newest_load is not None]
    synced = [source.last_synced_at for source in sources if source.last_synced_at is not None]
    if not synced and not loads:
        raise BindError("Nothing has been loaded into the lake yet. Load the sources first.")
    return max(loads or synced)


def default_as_of(sources: Sequence[BoundSource], known_at: datetime) -> datetime:
    """The least watermark of the required sources; of all, where none of them has one.

    At most `known_at`, which it is where no source has one.
    """
    required = [s.watermark for s in sources if s.required and s.watermark is not None]
    watermarks = required or [s.watermark for s in sources if s.watermark is not None]
    return min([*watermarks, known_at])


def observed_from(sources: Sequence[BoundSource]) -> datetime | None:
    """From when on all required sources have every journey that finished; None: from the start."""
    starts = [s.observed_from for s in sources if s.required and s.observed_from is not None]
    return max(starts, default=None)


def _watermark(streams: Sequence[StreamState]) -> datetime | None:
    told = [state.watermark for state in streams if state.watermark is not None]
    synced = [state.last_synced_at for state in streams if state.last_synced_at is not None]
    return max(told or _newest_loads(streams) or synced, default=None)


def _newest_loads(streams: Sequence[StreamState]) -> list[datetime]:
    return [state.newest_load for state in streams if state.newest_load is not None]


def _problem(source: BoundSource) -> str:
    at = source.last_synced_at
    synced = f"last loaded {at:%Y-%m-%d %H:%M} UTC" if at else "no load is known"
    if source.state is SourceState.NOT_LOADED:
        return f"never loaded: {', '.join(source.not_loaded)}"
    if source.state is SourceState.FAILED:
        return f"its last load failed; {synced}"
    return f"{synced}, which is longer ago than {(source.stale_after_minutes or 0) / 60:g} hours"
