"""Streams whose source is a list in memory: what the tests of lake and load read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from connectors.base import Batch, Cursor, RawColumn, RawSchema
from connectors.entities import FieldType

NUMBERED = RawSchema(
    columns=(RawColumn("number", FieldType.INTEGER), RawColumn("word", FieldType.TEXT)),
    key=("number",),
)


@dataclass(frozen=True)
class NumberedStream:
    """Numbers from 0 to `until`, `size` a batch; its cursor is the next number."""

    until: int
    size: int
    name: str = "numbers"
    schema: RawSchema = NUMBERED

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        start = cursor["next"] if cursor else 0
        while start < self.until:
            end = min(start + self.size, self.until)
            yield Batch(numbered(range(start, end)), {"next": end}, announced=self.until)
            start = end


def numbered(numbers: Sequence[int]) -> pa.Table:
    return pa.table(
        {
            "number": [str(number) for number in numbers],
            "word": [f"word {number}" for number in numbers],
            "_record_id": [str(number) for number in numbers],
            "_origin": [f"numbers:{number}" for number in numbers],
        }
    )


@dataclass(frozen=True)
class ListStream:
    """The given values of one column, in one batch; its cursor counts the reads."""

    values: Sequence[Any]
    column: RawColumn
    name: str = "values"
    extra: Sequence[str | None] = field(default_factory=list)

    @property
    def schema(self) -> RawSchema:
        return RawSchema((RawColumn("id", FieldType.TEXT), self.column), ("id",))

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        ids = [str(row) for row in range(len(self.values))]
        columns = {
            "id": pa.array(ids, pa.string()),
            self.column.name: pa.array(self.values),
            "_record_id": pa.array(ids, pa.string()),
            "_origin": pa.array([f"list:{row}" for row in ids], pa.string()),
        }
        yield Batch(pa.table(columns), {"reads": (cursor or {"reads": 0})["reads"] + 1})


@dataclass(frozen=True)
class PairsStream:
    """Pairs of a parent and a child, in one batch that has all pairs of the parents of `whole`."""

    pairs: Sequence[tuple[str, str]]
    whole: Sequence[str]
    name: str = "pairs"

    @property
    def schema(self) -> RawSchema:
        columns = (RawColumn("parent", FieldType.TEXT), RawColumn("child", FieldType.TEXT))
        return RawSchema(columns, ("parent", "child"))

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        records = pa.table(
            {
                "parent": pa.array([parent for parent, _ in self.pairs], pa.string()),
                "child": pa.array([child for _, child in self.pairs], pa.string()),
                "_record_id": pa.array([f"{p}|{c}" for p, c in self.pairs], pa.string()),
                "_origin": pa.array(["pairs"] * len(self.pairs), pa.string()),
            }
        )
        reads = cursor["reads"] if cursor else 0
        yield Batch(records, {"reads": reads + 1}, whole_of=pa.array(self.whole, pa.string()))
