"""Leave people who were forgotten out of rows: of what comes, and of what the lake holds.

A row of theirs is left out whole; so is one in quarantine that names them, and one whose key has
their address in it. From a record of something else, or of another person, the link to them and
their address go, and the record stays.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.mailbox import AT_SIGN
from connectors.suppression import Suppression
from connectors.ties import Ties

_HAS_ADDRESS: Final = f"(?i){AT_SIGN}"


@dataclass(frozen=True)
class Sifted:
    """The rows that stay, how many were left out, and from how many something was taken."""

    rows: pa.Table
    left_out: int
    changed: int


@dataclass(frozen=True)
class Sifter:
    """Sifts the rows of one stream's raw table, whose key columns are `key`."""

    source: str
    stream: str
    key: Sequence[str]
    ties: Ties

    def sift(self, rows: pa.Table, forgotten: Suppression) -> Sifted:
        """The rows without those who were forgotten."""
        if not forgotten or not len(rows):
            return Sifted(rows, 0, 0)
        texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
        named = {name: _naming(rows.column(name), forgotten) for name in texts}
        theirs = self._theirs(rows, forgotten, named)
        kept = rows.filter(pc.invert(theirs))
        changed = pa.chunked_array([pa.repeat(False, len(rows))])
        for name in texts:
            changed = pc.or_(changed, named[name])
        links = [name for name in self.ties.links if name in rows.column_names]
        for name in links:
            changed = pc.or_(changed, self._persons(rows.column(name), forgotten))
        is_changed = changed.filter(pc.invert(theirs))
        if pc.any(is_changed).as_py():
            kept = self._without_names(kept, texts, links, forgotten)
        return Sifted(kept, len(rows) - len(kept), pc.sum(is_changed).as_py() or 0)

    def told(self, rows: pa.Table) -> pa.Table:
        """What the rows say of whose they are: `_record_id`, and the columns of the ties as text.

        Of one in quarantine, and of a deletion, it is what its JSON or its id says.
        """
        wanted = sorted(self.ties.columns)
        odd = self._is_odd(rows)
        plain = rows.filter(pc.invert(odd))
        columns = {
            name: plain.column(name).cast(pa.string())
            if name in rows.column_names
            else pa.nulls(len(plain), pa.string())
            for name in wanted
        }
        rest = rows.filter(odd)
        return pa.concat_tables(
            [
                pa.table({"_record_id": plain.column("_record_id"), **columns}),
                self._told(rest).add_column(0, "_record_id", rest.column("_record_id")),
            ]
        )

    def _theirs(
        self, rows: pa.Table, forgotten: Suppression, named: dict[str, pa.ChunkedArray]
    ) -> pa.ChunkedArray:
        ids = rows.column("_record_id")
        found = _which(ids, lambda id_: forgotten.has_record(self.source, self.stream, id_))
        found = pc.or_(found, self._of_persons(rows, forgotten))
        for name in ("_record_id", *self.key, *self.ties.addresses):
            if name in named:
                found = pc.or_(found, named[name])
        if not self.ties.is_of_others:
            for name, naming in named.items():
                if not name.startswith("_"):
                    found = pc.or_(found, _whole(rows.column(name), naming, forgotten))
        rejected = pc.is_valid(rows.column("_reject_reason"))
        for column in named.values():
            found = pc.or_(found, pc.and_(rejected, column))
        odd = pc.indices_nonzero(pc.and_(pc.invert(found), self._is_odd(rows))).to_pylist()
        if not odd or not self.ties.columns:
            return found
        told = self._told(rows.take(odd))
        more = self._of_persons(told, forgotten)
        for name in self.ties.addresses:
            # Within a text some addresses look like none.
            more = pc.or_(more, _which(told.column(name), forgotten.has_address))
        for name in self.ties.links:
            more = pc.or_(more, self._persons(told.column(name), forgotten))
        theirs = {row for row, is_theirs in zip(odd, more.to_pylist(), strict=True) if is_theirs}
        if not theirs:
            return found
        return pc.or_(found, pa.chunked_array([[row in theirs for row in range(len(rows))]]))

    def _of_persons(self, rows: pa.Table, forgotten: Suppression) -> pa.ChunkedArray:
        found = pa.chunked_array([pa.repeat(False, len(rows))])
        for reference in self.ties.references:
            found = pc.or_(found, self._persons(reference.ids(rows), forgotten))
        for name in self.ties.links:
            # What can't be emptied, since it tells the record from others, goes with the record.
            if name in self.key and name in rows.column_names:
                found = pc.or_(found, self._persons(rows.column(name), forgotten))
        return found

    def _persons(self, ids: pa.ChunkedArray, forgotten: Suppression) -> pa.ChunkedArray:
        return _which(ids.cast(pa.string()), lambda id_: forgotten.has_person(self.source, id_))

    def _is_odd(self, rows: pa.Table) -> pa.ChunkedArray:
        """Rows whose columns don't tell whose they are: rejects, and deletions."""
        odd = pc.is_valid(rows.column("_reject_reason"))
        if not self.key:
            return odd
        bare = pc.is_valid(rows.column("_record_id"))
        for name in (name for name in self.key if name in rows.column_names):
            bare = pc.and_(bare, pc.is_null(rows.column(name)))
        return pc.or_(odd, bare)

    def _told(self, rows: pa.Table) -> pa.Table:
        """What odd rows tell by their record's id, and by the record itself as JSON."""
        wanted = sorted(self.ties.columns)
        told = [
            {**self._by_id(row["_record_id"]), **_by_record(row["_extra"])}
            for row in rows.select(["_record_id", "_extra"]).to_pylist()
        ]
        return pa.table(
            {name: pa.array([_word(row.get(name)) for row in told], pa.string()) for name in wanted}
        )

    def _by_id(self, id_: str | None) -> dict[str, Any]:
        parts = (id_ or "").split("|")
        return dict(zip(self.key, parts, strict=True)) if len(parts) == len(self.key) else {}

    def _without_names(
        self,
        rows: pa.Table,
        texts: Sequence[str],
        links: Sequence[str],
        forgotten: Suppression,
    ) -> pa.Table:
        for name in links:
            column = rows.column(name)
            named = self._persons(column, forgotten)
            nothing = pa.scalar(None, column.type)
            rows = _with(rows, name, pc.if_else(named, nothing, column))
        for name in texts:
            column = rows.column(name)
            if pc.any(_naming(column, forgotten)).as_py():
                rows = _with(rows, name, _each(column, forgotten.without_addresses))
        return rows


def _with(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(name), values)


def _which(column: pa.ChunkedArray, is_one: Callable[[str], bool]) -> pa.ChunkedArray:
    """True for each value that is one; each value is asked about once."""
    values = [value for value in column.unique().to_pylist() if value is not None]
    found = pa.array([value for value in values if is_one(value)], pa.string())
    return pc.is_in(column, value_set=found)


def _naming(column: pa.ChunkedArray, forgotten: Suppression) -> pa.ChunkedArray:
    """True for each text that has the address of somebody who was forgotten in it."""
    has_one = pc.fill_null(pc.match_substring_regex(column, _HAS_ADDRESS), False)
    if not pc.any(has_one).as_py():
        return has_one
    asked = column.filter(has_one)
    named = _which(asked, lambda text: forgotten.without_addresses(text) != text)
    places = pc.indices_nonzero(has_one).filter(named.combine_chunks())
    return _at(places, len(column))


def _whole(
    column: pa.ChunkedArray, named: pa.ChunkedArray, forgotten: Suppression
) -> pa.ChunkedArray:
    """Those of the texts that name somebody that are an address and nothing else."""
    if not pc.any(named).as_py():
        return named
    texts = column.filter(named).unique().to_pylist()
    whole = pa.array([text for text in texts if forgotten.has_address(text)], pa.string())
    return pc.is_in(column, value_set=whole)


def _at(places: pa.Array, count: int) -> pa.ChunkedArray:
    return pa.chunked_array([pc.is_in(pa.array(range(count), places.type), value_set=places)])


def _each(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    values = [None if value is None else change(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.string())])


def _by_record(extra: str | None) -> dict[str, Any]:
    try:
        told = json.loads(extra or "{}")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    inner = told.get("_extra")
    return {**(inner if isinstance(inner, dict) else {}), **told}


def _word(value: object) -> str | None:
    return None if value is None else str(value)
