"""What the simulated company's exports say, read for the portal."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from connectors.errors import PermanentError
from connectors.sandbox.serving import milliseconds_of

Row = Mapping[str, str]

# Ids of the portal, apart for each type; contacts keep those of the export.
_COMPANY_BASE: Final = 70_000_000_000
_DEAL_BASE: Final = 80_000_000_000


@dataclass(frozen=True)
class Exported:
    """The exports in a folder, and the portal's time: nothing later is known to it."""

    folder: Path
    now: int

    def rows(self, name: str, delimiter: str = ",") -> list[Row]:
        """The rows of a CSV file; PermanentError where it is not there."""
        path = self.folder / name
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file, delimiter=delimiter))
        except FileNotFoundError as error:
            raise PermanentError(
                "there is no such export, which the sandbox's portal is filled from",
                where=str(path),
                fix="Let `python -m connectors.sandbox` write the company's exports first",
            ) from error

    def mail(self) -> Iterator[dict[str, Any]]:
        """What became of bulk mail, line by line."""
        for path in sorted((self.folder / "marketing/email_events").glob("*.ndjson.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from map(json.loads, lines)

    def forms_sent(self) -> Iterator[Row]:
        """The forms that were sent in."""
        for path in sorted((self.folder / "marketing/web_activity").glob("*.csv")):
            for row in self.rows(str(path.relative_to(self.folder))):
                if row["Activity"] == "form_submission":
                    yield row

    @cached_property
    def contacts(self) -> Mapping[str, Row]:
        """Contacts by their ids, those that were merged away too."""
        return {row["Record ID"]: row for row in self.rows("marketing/contacts.csv")}

    @cached_property
    def by_salesforce_contact(self) -> Mapping[str, str]:
        """Ids of the contacts that know their contact in Salesforce, by its id."""
        return {
            row["Salesforce ID"]: id_
            for id_, row in self.contacts.items()
            if row["Salesforce ID"].startswith("003")
        }

    @cached_property
    def campaigns(self) -> Mapping[str, Row]:
        """Campaigns by their ids."""
        return {row["Campaign ID"]: row for row in self.rows("marketing/campaigns.csv")}

    def grouped(self, name: str, by: str, at: str) -> Mapping[str, list[Row]]:
        """The rows of a CSV file by one column, each group in the order of another."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(name):
            found[row[by]].append(row)
        for group in found.values():
            group.sort(key=lambda row: row[at])
        return found


def at(text: str) -> int:
    """A time or a day of an export, in UTC, as milliseconds."""
    moment = datetime.fromisoformat(text)
    return milliseconds_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def company_id(exported: str) -> int:
    """The portal's id of a company."""
    return _COMPANY_BASE + int(exported)


def deal_id(opportunity: str) -> int:
    """The portal's id of the deal that mirrors an opportunity."""
    return _DEAL_BASE + int(opportunity[3:15])


def drawn(purpose: str, what: str, below: int) -> int:
    """A number from 0 to `below` - 1, the same for the same words in every night."""
    return crc32(f"{purpose}/{what}".encode()) % below


def event_id(number: int) -> str:
    """The id of something that happened: a UUID that ends in the export's own number."""
    return f"5a9db0c5-0000-4000-8000-{number:012d}"
