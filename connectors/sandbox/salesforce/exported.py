"""What the simulated company's exports say, read for the org."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from connectors.errors import PermanentError
from connectors.sandbox.marketing_exports import PORTAL_ZONE

Row = Mapping[str, str]


@dataclass(frozen=True)
class Exported:
    """The exports in a folder."""

    folder: Path

    def rows(self, name: str, delimiter: str = ",") -> list[Row]:
        """The rows of a CSV file; PermanentError where it is not there."""
        path = self.folder / name
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file, delimiter=delimiter))
        except FileNotFoundError as error:
            raise PermanentError(
                "there is no such export, which the sandbox's org is filled from",
                where=str(path),
                fix="Let `python -m connectors.sandbox` write the company's exports first",
            ) from error

    def activities(self) -> Iterator[dict[str, Any]]:
        """What sales did, as Python values."""
        for path in sorted((self.folder / "crm/activities").glob("*.parquet")):
            yield from pq.read_table(path).to_pylist()

    @cached_property
    def start(self) -> datetime:
        """Midnight of the first day that rates of exchange are told of: before all else."""
        days = [row["day"] for row in self.rows("finance/exchange_rates.csv")]
        return midnight(date.fromisoformat(min(days)))

    @cached_property
    def end(self) -> datetime:
        """The end of the last day that rates of exchange are told of."""
        days = [row["day"] for row in self.rows("finance/exchange_rates.csv")]
        return datetime.combine(date.fromisoformat(max(days)), time.max, UTC)

    def grouped(self, name: str, by: str) -> Mapping[str, list[Row]]:
        """The rows of a CSV file by one column, each group by when it was made."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(name):
            found[row[by]].append(row)
        for group in found.values():
            group.sort(key=lambda row: row["CreatedDate"])
        return found


def instant(text: str) -> datetime:
    """A time of an export, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def portal_instant(text: str) -> datetime | None:
    """A time on the clock of marketing's portal, in UTC; None where it is none."""
    try:
        local = datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo(PORTAL_ZONE))
    except ValueError:
        return None
    return local.astimezone(UTC)


def midnight(day: date) -> datetime:
    """The beginning of a day in UTC."""
    return datetime.combine(day, time(), UTC)
