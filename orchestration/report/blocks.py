"""What a page is made of: sections of charts, tables and measures, all of it text by now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from orchestration.report.charts import Drawing

Cells = Sequence[str]


@dataclass(frozen=True)
class Key:
    """A mark of a chart and what it means; `mark` is a class of style.css."""

    mark: str
    label: str


@dataclass(frozen=True)
class Bar:
    """A value with its interval and target on a line; places in percent of its length."""

    value: float
    low: float | None
    high: float | None
    target: float | None
    few: bool
    team: str


@dataclass(frozen=True)
class Measure:
    """One measure, as the page shows it. `tone` is good, bad or plain."""

    metric: str
    label: str
    value: str
    has_value: bool
    note: str
    tone: str
    evidence: str
    definition: str
    team: str
    promise: str | None = None
    bar: Bar | None = None


@dataclass(frozen=True)
class Block:
    """A chart, a table or a group of measures. `absent` is said where there is nothing to show.

    `all_rows` are behind a table that shows but the chief ones.
    """

    kind: Literal["chart", "table", "measures"]
    title: str
    absent: str
    note: str | None = None
    keys: Sequence[Key] = ()
    drawing: Drawing | None = None
    evidence: str | None = None
    head: Cells = ()
    rows: Sequence[Cells] = ()
    all_rows: Sequence[Cells] = ()
    definition: str | None = None
    table: str | None = None
    measures: Sequence[Measure] = ()


@dataclass(frozen=True)
class Section:
    """A question of the meeting, and what answers it."""

    key: str
    title: str
    intro: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Terms:
    """What the blocks need of the agreement and of the catalogue to speak both teams' language."""

    confidence: str
    currency: str
    too_few: int
    lag_days: int
    labels: Mapping[str, str]
    owners: Mapping[str, str | None]
    definitions: Mapping[str, str] = field(default_factory=dict)

    def stage(self, key: str) -> str:
        """What the agreement calls a stage."""
        return self.labels.get(key, key)

    def curve(self, key: str | None) -> str:
        """A clock in words: from where to where."""
        if key is None:
            return "start to won"
        start, _, end = key.partition("_to_")
        return f"{self.stage(start)} to {self.stage(end)}" if end else key

    def definition(self, name: str) -> str | None:
        """What the catalogue says of a table, or of table.column."""
        return self.definitions.get(name)
