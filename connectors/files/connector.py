"""The streams of a source of files: which files are new, and the batches that they give."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from connectors.base import Batch, Cursor, RawSchema
from connectors.errors import PermanentError, TransientError
from connectors.file_source import FilesSource, Format, Stream
from connectors.files import locate
from connectors.files.convert import to_records
from connectors.files.delimited import read_delimited
from connectors.files.locate import FoundFile, Location
from connectors.files.ndjson import read_ndjson
from connectors.files.parquet import read_parquet
from connectors.files.rows import Rows
from connectors.object_store import is_of_the_store, store_error
from connectors.source_parts import raw_schema

_Reader = Callable[[Any, str, str, Stream], Iterator[Rows]]
_READERS: Final[Mapping[Format, _Reader]] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "ndjson": read_ndjson,
    "parquet": read_parquet,
}
# A file that was written less than this (ns) before it was looked at may change without a trace,
# since some stores keep the time of modification in whole seconds.
_SETTLES_IN: Final = 2_000_000_000


@dataclass(frozen=True)
class Seen:
    """A stream's files as they lie there: how many, how many bytes, and the newest one's name."""

    files: int
    bytes: int
    newest: str


@dataclass(frozen=True)
class FilesConnector:
    """A source of kind `files`."""

    source: FilesSource
    base: Path

    @property
    def name(self) -> str:
        """The source's name in sources.yml."""
        return self.source.name

    def streams(self) -> Sequence["FilesStream"]:
        """Its streams, in the order of sources.yml."""
        return [FilesStream(self.source, stream, self.base) for stream in self.source.streams]


def files_connector(source: FilesSource, base: Path) -> FilesConnector:
    """The connector of a source; a relative `location` is relative to `base`."""
    return FilesConnector(source, base)


@dataclass(frozen=True)
class FilesStream:
    """One stream of a source of files.

    Its cursor: the fingerprint of every file that was read, and how far it is in one that is being
    read. A file that is new or changed is read, and so is each one after it in the declared order,
    so that the later file's version of a record stays the newest.
    """

    source: FilesSource
    declared: Stream
    base: Path

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.declared.name

    @cached_property
    def schema(self) -> RawSchema:
        """The declared columns."""
        return raw_schema(self.declared.columns, self.declared.key)

    def look(self) -> Seen:
        """What lies there; raises what `read` would of the newest file's first rows."""
        location = locate.location_of(self.source, self.base)
        found = locate.find_files(location, self.declared)
        newest = found[-1]
        with closing(
            self._opened_rows(location, newest, f"{location.shown}/{newest.name}")
        ) as rows:
            next(rows, None)
        return Seen(len(found), sum(file.size for file in found), newest.name)

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """The rows of new and changed files. Raises PermanentError and TransientError."""
        location = locate.location_of(self.source, self.base)
        found = locate.find_files(location, self.declared)
        state = _State.of(cursor, _declaration(self.declared))
        if self.declared.full_export is not None:
            yield from self._read_full_export(location, found, state)
            return
        fresh = [(file, _known(location, file, state.files.get(file.name))) for file in found]
        pending = _from_first_change(fresh, state)
        kept = {file.name: known for file, known in fresh if file not in pending}
        if not pending and kept != state.files:
            # So that no later night has to look into these files again.
            yield _nothing_new(replace(state, files=kept))
        state = replace(state, files=kept)
        for file, known in fresh:
            if file in pending:
                for rows, part in self._rows_of_file(location, file, known, state):
                    yield self._batch(rows, part)
                    state = part

    def _read_full_export(
        self, location: Location, found: list[FoundFile], state: "_State"
    ) -> Iterator[Batch]:
        """All rows of the complete state where it changed; then which records it has."""
        export = found[-1:] if self.declared.full_export == "newest" else found
        known = {file.name: _known(location, file, state.files.get(file.name)) for file in export}
        done = replace(state, files=known, reading=None)
        if _contents(known) == _contents(state.files):
            if known != state.files:
                yield _nothing_new(done)
            return
        self._refuse_to_go_back(location, export[-1], state)
        present: list[pa.Array] = []
        for file in export:
            start = replace(state, reading=None)
            for rows, _ in self._rows_of_file(location, file, known[file.name], start):
                # The cursor stays as it was until the end: a run that is cut off starts anew,
                # since only a whole pass tells which records are gone.
                batch = self._batch(rows, state)
                present.append(batch.records.column("_record_id"))
                present.append(
                    pa.chunked_array([[r.record_id for r in batch.rejects]], pa.string())
                )
                yield batch
        ids = pa.chunked_array([c for ids in present for c in ids.chunks], pa.string())
        if ids.null_count == len(ids):
            raise PermanentError(
                "the export is complete by declaration, and holds no record: all would be deleted",
                where=f"{location.shown}/{self.declared.files}",
                fix="Export it anew. If every record is gone indeed, remove the stream from "
                "sources.yml",
            )
        yield replace(_nothing_new(done), present=ids)

    def _refuse_to_go_back(self, location: Location, newest: FoundFile, state: "_State") -> None:
        """An older export is no newer state: what came after it would be undone."""
        if self.declared.full_export != "newest":
            return
        for name, read in state.files.items():
            if locate.place(self.declared, newest.name, newest.modified) < locate.place(
                self.declared, name, read.modified
            ):
                raise PermanentError(
                    f"the newest export, {name}, is gone, and {newest.name} before it would undo "
                    "what it said",
                    where=f"{location.shown}/{self.declared.files}",
                    fix="Put it back, or export anew under a later name (`order: modified` goes by "
                    "the time of writing instead)",
                )

    def _batch(self, rows: Rows, state: "_State") -> Batch:
        records, rejects = to_records(rows, self.declared)
        return Batch(records, state.cursor(), rejects, columns=rows.told)

    def _rows_of_file(
        self, location: Location, file: FoundFile, known: "_Known", state: "_State"
    ) -> Iterator[tuple[Rows, "_State"]]:
        """A file's rows from where the last run stopped in it, each with the state after it."""
        where = f"{location.shown}/{file.name}"
        skip = state.rows_read_of(file, known)
        passed = 0
        last: Rows | None = None
        for rows in self._opened_rows(location, file, where):
            if last is not None:
                passed += last.count
                if passed > skip:
                    yield last, state.within(file, known, passed)
            last = rows
        if not locate.is_unchanged_since_found(location, file):
            raise TransientError(
                "the file changed while it was read",
                where=where,
                fix="Run the load again once the export is complete",
            )
        if last is not None:
            yield last, state.after(file, known)

    def _opened_rows(
        self, location: Location, file: FoundFile, where: str
    ) -> Generator[Rows, None, None]:
        read = _READERS[self.declared.file_format]
        if file.size == 0:
            raise PermanentError(
                "the file is empty",
                where=where,
                fix="Export it anew; an export without records still has its header",
            )
        is_parquet = self.declared.file_format == "parquet"
        opened = (locate.open_random if is_parquet else locate.open_stream)(location, file)
        with closing(opened):
            try:
                yield from read(opened, file.name, where, self.declared)
            except OSError as error:
                if is_of_the_store(error):
                    raise store_error(error, where) from error
                raise PermanentError(
                    f"the file can't be read to its end ({error})",
                    where=where,
                    fix="It is cut off or damaged: export it anew; if it is still being written, "
                    "run the load again later",
                ) from error


@dataclass(frozen=True)
class _Known:
    """A file as it was when looked at; `settled`: its times tell whether it changed since."""

    fingerprint: str
    size: int
    modified: int
    settled: bool


@dataclass(frozen=True)
class _State:
    """What the cursor says. `declaration`: the options by which the files were read."""

    declaration: str
    files: Mapping[str, _Known]
    reading: tuple[str, str, int] | None

    @classmethod
    def of(cls, cursor: Cursor | None, declaration: str) -> "_State":
        """The state of a cursor; files that were read by other options count as not read."""
        if cursor is None or cursor["declaration"] != declaration:
            return cls(declaration, {}, None)
        files = {name: _Known(**known) for name, known in cursor["files"].items()}
        reading = cursor["reading"]
        return cls(declaration, files, tuple(reading) if reading else None)

    def cursor(self) -> Cursor:
        """The cursor that says this."""
        return {
            "declaration": self.declaration,
            "files": {name: vars(known) for name, known in self.files.items()},
            "reading": list(self.reading) if self.reading else None,
        }

    def rows_read_of(self, file: FoundFile, known: _Known) -> int:
        """How many rows of a file have landed already."""
        if self.reading is None or self.reading[:2] != (file.name, known.fingerprint):
            return 0
        return self.reading[2]

    def within(self, file: FoundFile, known: _Known, rows: int) -> "_State":
        """The state once so many rows of a file have landed."""
        return replace(self, reading=(file.name, known.fingerprint, rows))

    def after(self, file: FoundFile, known: _Known) -> "_State":
        """The state once a file has landed whole."""
        files = {**self.files, file.name: known}
        return replace(self, files=files, reading=None)


def _nothing_new(state: _State) -> Batch:
    return Batch(pa.table({"_record_id": pa.array([], pa.string())}), state.cursor())


def _contents(files: Mapping[str, _Known]) -> list[str]:
    return sorted(known.fingerprint for known in files.values())


def _declaration(stream: Stream) -> str:
    held = stream.model_dump_json(include={"format", "csv", "null_words", "time_zone", "key"})
    held += stream.model_dump_json(include={"ambiguous_times", "columns", "full_export"})
    return hashlib.blake2b(held.encode(), digest_size=8).hexdigest()


def _known(location: Location, file: FoundFile, before: _Known | None) -> _Known:
    """The file's fingerprint; as before where size and time of modification are the same."""
    is_same = before is not None and (file.size, file.modified) == (before.size, before.modified)
    if before is not None and is_same and before.settled:
        return before
    settled = time.time_ns() - file.modified > _SETTLES_IN
    return _Known(locate.fingerprint(location, file), file.size, file.modified, settled)


def _from_first_change(fresh: Sequence[tuple[FoundFile, _Known]], state: _State) -> list[FoundFile]:
    for position, (file, known) in enumerate(fresh):
        before = state.files.get(file.name)
        if before is None or before.fingerprint != known.fingerprint:
            return [file for file, _ in fresh[position:]]
    return []
