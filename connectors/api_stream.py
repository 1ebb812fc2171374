"""A stream of a system that is read through its API: the columns that Tandem knows of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from connectors.base import RawSchema
from connectors.columns import Column
from connectors.entities import FieldType
from connectors.faults import fault
from connectors.mapping import Fill, Value
from connectors.source_parts import raw_schema

TEXT: Final = Column(type=FieldType.TEXT)
INTEGER: Final = Column(type=FieldType.INTEGER)
BOOLEAN: Final = Column(type=FieldType.BOOLEAN)
DATE: Final = Column(type=FieldType.DATE)
TIMESTAMP: Final = Column(type=FieldType.TIMESTAMP)
DECIMAL: Final = Column(type=FieldType.DECIMAL, precision=18, scale=6)
RATE: Final = Column(type=FieldType.DECIMAL, precision=28, scale=12)


@dataclass(frozen=True)
class ApiStream:
    """One kind of record of an API.

    `columns` are the fields that the models read; whatever else a record has lands with it as JSON,
    in `_extra`. `of` names the records in the API's own words. `entities` are those of the input
    layer that its records tell of, by which its rejects are counted. `words`: columns whose words
    the agreement gives a meaning to, each with the field of the input layer that they fill.
    `beside`: the stream of the same source that it tells more of, and after which it is read.
    `chosen`: columns whose field the source's settings name, each with that field; where the source
    has no such field they are empty. A history keeps that field's values under its own name.
    """

    name: str
    of: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    watermark: str | None = None
    entities: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None
    beside: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def time_zone(self) -> str:
        """The zone of times that name none; an API names it always."""
        return "UTC"

    @property
    def fills(self) -> tuple[Fill, ...]:
        """None: what it fills, dbt models of its own say."""
        return ()

    @property
    def told(self) -> str:
        """What its records are, in the API's words."""
        return self.of

    @property
    def schema(self) -> RawSchema:
        """Its declared columns as the lake knows them."""
        return raw_schema(self.columns, self.key)

    def vocabularies(self, source: str) -> Iterator[tuple[str, str, Value]]:
        """Vocabulary, field and value of every column of words."""
        for column, filled in (self.words or {}).items():
            yield f"{source}.{self.name}.{column}", filled, Value(column=column)


def wanted_streams(streams: Sequence[ApiStream], left_out: Sequence[str]) -> tuple[ApiStream, ...]:
    """The streams but for those left out."""
    return tuple(stream for stream in streams if stream.name not in left_out)


def with_chosen(
    streams: Sequence[ApiStream], chosen: Mapping[str, Mapping[str, str]]
) -> tuple[ApiStream, ...]:
    """The streams, each with the fields that the source's settings name for its columns."""
    return tuple(
        replace(stream, chosen=chosen[stream.name]) if stream.name in chosen else stream
        for stream in streams
    )


def checked_names(
    streams: Sequence[ApiStream],
) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """A validator of names of streams; it tells those that there are."""
    known = {stream.name for stream in streams}

    def check(names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in known]
        if unknown:
            raise fault(f"streams among {', '.join(sorted(known))}, not {', '.join(unknown)}")
        return names

    return check
