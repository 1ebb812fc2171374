"""A process that loads numbered batches into a lake, slowly enough to be killed in the middle.

`python -m tests.connectors.loading ROOT UNTIL SIZE [GATE]`: prints a line after each batch has
landed, then maintains the table. With GATE, a named pipe, it opens the table, prints `opened`, and
goes on once somebody has written to the pipe.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.base import Batch, Cursor, RawSchema
from connectors.errors import LoadConflict
from connectors.lake import Lake
from connectors.lake_maintenance import maintain
from connectors.load import load_stream
from tests.connectors.streams import NUMBERED, NumberedStream


class _WaitingStream:
    """Numbers, the first of them only once the file at `gate` can be read to its end."""

    name = "numbers"
    schema: RawSchema = NUMBERED

    def __init__(self, numbers: NumberedStream, gate: Path) -> None:
        self._numbers = numbers
        self._gate = gate

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        print("opened", flush=True)
        self._gate.read_text()  # a named pipe: blocks until the test has written to it
        yield from self._numbers.read(cursor)


def main() -> None:
    root, until, size, *gate = sys.argv[1:]
    numbers = NumberedStream(int(until), int(size))
    stream: Any = _WaitingStream(numbers, Path(gate[0])) if gate else numbers
    lake = Lake(root)
    try:
        load_stream(
            lake, "source", stream, "run", progress=lambda count, _: print(count, flush=True)
        )
        print("maintaining", flush=True)
        maintain(lake, "source", "numbers")
    except LoadConflict as conflict:
        print(f"refused: {conflict}", flush=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
