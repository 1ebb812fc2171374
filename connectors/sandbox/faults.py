"""The wrong records that the systems hold: a few, of known kinds, each written down.

Which records are wrong depends on the record's number alone, so a record that is wrong stays wrong
however far the history goes.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import NEVER
from connectors.sandbox.draws import Bools, Ints, Texts
from connectors.sandbox.world import World

SHARES: Final = {
    "unknown stage": 0.003,
    "missing key": 0.001,
    "future date": 0.0005,
    "unparseable date": 0.002,
}
"""How many of the records of its kind each fault befalls."""

_BLOCK: Final = 2000
"""Of so many prospects one gets a deal with a wrong close: fewer than one deal in a hundred."""

MEANING: Final = {
    "unknown stage": "a stage word that the agreement does not know",
    "missing key": "the field that tells the record apart is empty",
    "future date": "dated decades ahead",
    "unparseable date": "text where a time should be",
    "closed before created": "a deal whose close is dated before its creation",
}
"""What is wrong."""


@dataclass
class Faults:
    """The wrong records that were written so far."""

    world: World
    found: list[tuple[str, str, str, str]] = field(default_factory=list)

    def is_chosen(self, fault: str, numbers: Ints) -> Bools:
        """Which records are to have a fault."""
        chosen: Bools = self.world.draw(f"fault {fault}", numbers) < SHARES[fault]
        return chosen

    def has_wrong_close(self, prospects: Ints, opportunity_at: Ints) -> Bools:
        """Whose deal is dated wrongly: the first to have one in the second half of each block."""
        late = np.nonzero((opportunity_at < NEVER) & (prospects % _BLOCK >= _BLOCK // 2))[0]
        _, first = np.unique(prospects[late] // _BLOCK, return_index=True)
        chosen = np.zeros(len(prospects), dtype=np.bool_)
        chosen[late[first]] = True
        return chosen

    def add(self, source: str, stream: str, fault: str, records: Texts) -> None:
        """Write down that these records are wrong."""
        self.found.extend((source, stream, record, fault) for record in records.tolist())

    def table(self) -> pa.Table:
        """Every wrong record: source, stream, record id, fault, and what it means."""
        columns = zip(*self.found, strict=True) if self.found else ((), (), (), ())
        names = ("source", "stream", "record_id", "fault")
        table = {n: pa.array(list(c), pa.string()) for n, c in zip(names, columns, strict=True)}
        table["meaning"] = pa.array([MEANING[fault] for *_, fault in self.found], pa.string())
        return pa.table(table)
