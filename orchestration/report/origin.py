"""What the report reads of itself: of what it is, how fresh the sources are, what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestration.report.tables import Tables


@dataclass(frozen=True)
class Stamp:
    """Of which version, agreement and moments the tables are. Instants are UTC."""

    published_version: str
    published_at: datetime
    as_of: datetime
    known_at: datetime
    agreement_version: str


@dataclass(frozen=True)
class Source:
    """A source's state (`catalogue_source`)."""

    source: str
    required: bool
    state: str
    problem: str | None
    last_synced_at: datetime | None
    age_hours: float | None
    stale_after_hours: float | None
    is_stale: bool | None
    watermark: datetime | None
    row_count: int | None
    in_quarantine: int | None


@dataclass(frozen=True)
class LeftOut:
    """How many records of a kind are in quarantine (`excluded_share`)."""

    entity: str
    n_records: int
    n_excluded: int
    excluded_share: float | None
    excluded_share_limit: float | None
    is_within_limit: bool | None
    detail: str | None


@dataclass(frozen=True)
class Origin:
    """Where the report's numbers come from. `definitions` are of tables, and of table.column."""

    stamp: Stamp
    sources: Sequence[Source]
    left_out: Sequence[LeftOut]
    definitions: Mapping[str, str]


@dataclass(frozen=True)
class _Told:
    name: str
    description: str


def read_origin(tables: Tables) -> Origin:
    """Read where the numbers come from."""
    [stamp] = tables.read(Stamp, "catalogue", "order by table_name limit 1")
    of_tables = tables.ask(
        _Told,
        "select table_name, description from catalogue where description is not null",
        of="catalogue",
    )
    of_columns = tables.ask(
        _Told,
        "select table_name || '.' || column_name, description from catalogue_column "
        "where description is not null",
        of="catalogue_column",
    )
    return Origin(
        stamp=stamp,
        sources=tables.read(Source, "catalogue_source", "order by not required, source"),
        left_out=tables.read(LeftOut, "excluded_share", "order by n_excluded desc, entity"),
        definitions={told.name: told.description for told in (*of_tables, *of_columns)},
    )
