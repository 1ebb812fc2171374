"""What `sources.yml` says of a source of files: where they lie, their streams, what those fill."""

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.columns import DeclaredColumn, Name, Thousands, TimeZone, Words
from connectors.entities import ENTITIES, FieldType
from connectors.faults import Faults, Part, fault, secret_fault
from connectors.mapping import Fill, Value, check_fills, unknown_column, vocabulary
from connectors.object_store import SCHEMES, ObjectStore
from connectors.source_parts import SourcePart, at_least_one, check_unique

FORMATS: Final = ("csv", "tsv", "parquet", "ndjson")
Format = Literal["csv", "tsv", "parquet", "ndjson"]
_SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
COMPRESSIONS: Final = (".gz", ".zst")
"""Suffixes of compressed files."""


def format_of(name: str) -> Format | None:
    """The format that a file's name tells, or None; a suffix for compression is passed over."""
    bare = name.lower()
    for suffix in COMPRESSIONS:
        bare = bare.removesuffix(suffix)
    return next((kind for suffix, kind in _SUFFIXES.items() if bare.endswith(suffix)), None)


def _check_location(value: str) -> str:
    scheme, is_url, rest = value.partition("://")
    if not is_url:
        return value
    if scheme not in SCHEMES:
        raise fault(
            "a folder, or the address of an object store, such as s3://bucket/folder, "
            "gs://bucket/folder or az://container/folder"
        )
    if "@" in rest.partition("/")[0]:
        raise secret_fault("an address without keys; name their variables in `object_store`")
    if not rest.strip("/"):
        raise fault("an address with a bucket, such as s3://bucket/folder")
    return value


def _check_encoding(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError:
        raise fault("an encoding such as utf-8, utf-16, latin-1 or cp1252") from None


def _check_delimiter(value: str) -> str:
    if len(value) != 1 or value in '\r\n\0"':
        raise fault('one character in quotes, such as ",", ";", "|" or "\\t"')
    return value


def _parse_full_export(value: object) -> object:
    if isinstance(value, bool):
        return "newest" if value else None
    return value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Csv(Part):
    """How delimited text is written. `delimiter` is a comma, in a TSV a tab, where it is None."""

    delimiter: Annotated[str, AfterValidator(_check_delimiter)] | None = None
    encoding: Annotated[str, AfterValidator(_check_encoding)] = "utf-8"
    quote: Annotated[str, AfterValidator(_check_delimiter)] | Literal['"'] | None = '"'
    decimal_comma: bool = False
    thousands: Thousands | None = None
    header: bool = True
    skip_lines: int = Field(default=0, ge=0)


class Stream(Part):
    """One kind of record: its files, their columns, and what they fill.

    `full_export`: `newest` (written true) says that the newest file alone is the complete state,
    `together` that all files are; a key that is absent from it is a deletion.
    """

    name: Name
    files: str
    format: Format | None = None
    csv: Csv = Csv()
    null_words: Words = ("",)
    time_zone: TimeZone = "UTC"
    ambiguous_times: Literal["reject", "earlier", "later"] = "reject"
    key: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
    order: Literal["name", "modified"] = "name"
    full_export: Annotated[
        Literal["newest", "together"] | None, BeforeValidator(_parse_full_export)
    ] = None
    watermark: str | None = None
    columns: dict[Name, DeclaredColumn]
    fills: tuple[Fill, ...] = ()

    @property
    def file_format(self) -> Format:
        """The declared format, else the one that the suffix of `files` tells."""
        told = self.format or format_of(self.files)
        if told is None:
            raise ValueError(f"{self.files} tells no format")
        return told

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that its rows fill."""
        return tuple(sorted({fill.entity for fill in self.fills}))

    @property
    def beside(self) -> None:
        """None: each file is read by itself."""

    @property
    def chosen(self) -> Mapping[str, str]:
        """None: each column names its header itself."""
        return {}

    @property
    def told(self) -> str:
        """What its records are: which files' rows."""
        return f"`{self.files}`"

    def vocabularies(self, source: str) -> Iterator[tuple[str, str, Value]]:
        """Vocabulary, field and value of every word field that the stream of `source` fills."""
        for fill in self.fills:
            for name, value in fill.values.items():
                if ENTITIES[fill.entity].field(name).is_word:
                    yield vocabulary(source, self.name, name, value), name, value

    @model_validator(mode="after")
    def _parts_fit_each_other(self) -> "Stream":
        faults = Faults()
        self._check_files(faults)
        self._check_columns(faults)
        self._check_csv(faults)
        check_fills(self.fills, self.columns, faults)
        faults.raise_if_any()
        return self

    def _check_files(self, faults: Faults) -> None:
        if not self.files.strip():
            faults.add(("files",), self.files, "a file, a folder or a glob such as deals_*.csv")
        elif ".." in Path(self.files).parts:
            faults.add(("files",), self.files, "a path below the source's `location`, without ..")
        elif self.format is None and format_of(self.files) is None:
            expected = f"`format` ({', '.join(FORMATS)}) beside files whose suffix tells none"
            faults.add(("files",), self.files, expected)

    def _check_columns(self, faults: Faults) -> None:
        if not self.columns:
            faults.add(("columns",), {}, "at least one column")
        if not self.key:
            faults.add(("key",), [], "the columns that tell the records apart")
        for position, name in enumerate(self.key):
            if name not in self.columns:
                faults.add(("key", position), name, unknown_column(name, self.columns))
            elif self.columns[name].type in {FieldType.DECIMAL, FieldType.BOOLEAN}:
                expected = "a key column of type text, integer, date or timestamp"
                faults.add(("key", position), name, expected)
            elif self.columns[name].optional:
                faults.add(("key", position), name, "a column that is not `optional`")
            elif name in self.key[:position]:
                faults.add(("key", position), name, "each key column once")
        if self.watermark is not None:
            watermark = self.columns.get(self.watermark)
            if watermark is None:
                expected = unknown_column(self.watermark, self.columns)
                faults.add(("watermark",), self.watermark, expected)
            elif watermark.type not in {FieldType.DATE, FieldType.TIMESTAMP}:
                faults.add(("watermark",), self.watermark, "a column of type date or timestamp")
        headers: dict[str, str] = {}
        for name, column in self.columns.items():
            header = column.header or name
            if header in headers:
                expected = f"a header that is not also that of `{headers[header]}`"
                faults.add(("columns", name), header, expected)
            headers.setdefault(header, name)

    def _check_csv(self, faults: Faults) -> None:
        told = self.format or format_of(self.files)
        if "csv" in self.model_fields_set and told in {"parquet", "ndjson"}:
            faults.add(("csv",), told, "no `csv` options beside this format")
        delimiter = self.csv.delimiter or ("\t" if told == "tsv" else ",")
        if delimiter == self.csv.quote:
            faults.add(("csv", "quote"), self.csv.quote, "another character than the delimiter")
        for name, column in self.columns.items():
            comma = self.csv.decimal_comma if column.decimal_comma is None else column.decimal_comma
            thousands = column.thousands or self.csv.thousands
            if thousands == ("," if comma else "."):
                where = ("columns", name, "thousands") if column.thousands else ("csv", "thousands")
                faults.add(where, thousands, "another character than the decimal point")
                break


class FilesSource(SourcePart):
    """One system's exports: where they lie, and their streams."""

    kind: Literal["files"]
    location: Annotated[str, AfterValidator(_check_location)] = "."
    object_store: ObjectStore = ObjectStore()
    streams: Annotated[tuple[Stream, ...], AfterValidator(at_least_one)]

    @property
    def place(self) -> str:
        """Where the files lie, as it is written."""
        return self.location

    @model_validator(mode="after")
    def _parts_fit_each_other(self) -> "FilesSource":
        faults = Faults()
        check_unique(self.streams, "streams", faults)
        if "object_store" in self.model_fields_set and "://" not in self.location:
            expected = "no `object_store` where `location` is a folder"
            faults.add(("object_store",), self.location, expected)
        elif "://" in self.location:
            self.object_store.find_faults(self.location, ("object_store",), faults)
        faults.raise_if_any()
        return self
