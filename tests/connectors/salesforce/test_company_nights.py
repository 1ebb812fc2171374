"""A month of nights over the company's org, where everything that can go wrong does."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from connectors.errors import ConnectorError
from connectors.sandbox import Parameters, simulate
from connectors.sandbox.salesforce import ConnectedApp, Org, Salesforce, filled_org, make_salesforce
from connectors.sandbox.salesforce.objects import described_field
from connectors.sandbox.serving import Clock, Fault, Running, serve
from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.loading import served_at
from tests.connectors.salesforce.truth import (
    RECORD_STREAMS,
    held,
    held_beside,
    landed,
    landed_beside,
)

_REPOSITORY: Final = Path(__file__).resolve().parents[3]
_COMPANY: Final = Parameters(prospects=400, months=12, until=date(2026, 5, 31))
_BEGIN: Final = datetime(2026, 5, 1, 3, tzinfo=UTC)
_BULK_FROM: Final = 150
_TRIES: Final = 8
_TOLD: Final = frozenset({"_extra", "_deleted"})
_DATA: Final = "/services/data/*"
_FAULTS: Final = (
    Fault("status", status=503, path=_DATA, probability=0.04, times=None, seed=1),
    Fault("status", status=429, path=_DATA, probability=0.02, times=None, seed=2),
    Fault("status", status=429, retry_after=2, path=_DATA, probability=0.02, times=None, seed=3),
    Fault("status", status=500, path=_DATA, probability=0.02, times=None, seed=4),
    Fault("reset", path=_DATA, probability=0.03, times=None, seed=5),
    Fault("reset_in_body", path=_DATA, probability=0.02, times=None, seed=6),
    Fault("truncated", path=_DATA, probability=0.02, times=None, seed=7),
    Fault("html", status=502, path=_DATA, probability=0.01, times=None, seed=8),
)


@dataclass
class _World:
    """The org behind its server, the lake, and what people there do beside the company's own.

    `leads` are those that they made and still work on; `killed` counts the runs that were.
    """

    salesforce: Salesforce
    server: Running
    loaded: Loaded
    random: Random
    leads: list[str] = field(default_factory=list)
    killed: int = 0

    @property
    def org(self) -> Org:
        return self.salesforce.org

    def live(self, sobject: str) -> Sequence[str]:
        rows = self.org.tables[sobject].records
        return [id_ for id_, row in rows.items() if not row.get("IsDeleted")]

    def one_of(self, sobject: str) -> str:
        return self.random.choice(self.live(sobject))

    def work(self) -> None:
        """Some of what a day brings: the new, the changed, the gone, the merged."""
        with self.org.lock:
            org, random = self.org, self.random
            for _ in range(4):
                self.leads.append(org.add("Lead", Status="New", Company="Hollowport", Email="x"))
            for id_ in random.sample(self.leads, 3):
                org.change("Lead", id_, Status=random.choice(["Open", "Engaged", "NA", None]))
            self._delete()
            self._merge()
            converted = self.leads.pop(random.randrange(len(self.leads)))
            if not org.tables["Lead"].records[converted]["IsDeleted"]:
                org.convert(converted)
            for sobject in ("CampaignMember", "Task", "Event", "OpportunityContactRole"):
                org.remove(sobject, self.one_of(sobject))

    def _delete(self) -> None:
        lead = self.random.choice(self.leads)
        if self.org.tables["Lead"].records[lead]["IsDeleted"]:
            self.org.undelete("Lead", lead)
        else:
            self.org.delete("Lead", lead)
        self.org.delete("Task", self.one_of("Task"))

    def _merge(self) -> None:
        """A chain: who was left of the first merge is gone in the second."""
        alive = [id_ for id_ in self.leads if id_ in set(self.live("Lead"))]
        if len(alive) > 3:
            first, second, third = self.random.sample(alive, 3)
            self.org.merge("Lead", second, first)
            self.org.merge("Lead", third, second)
            self.leads.remove(first)
            self.leads.remove(second)
        contacts = self.random.sample(self.live("Contact"), 2)
        self.org.merge("Contact", *contacts)

    def purge(self) -> None:
        """Empty the bin of a lead, and with it the lead's history."""
        gone = [id_ for id_ in self.leads if id_ not in set(self.live("Lead"))]
        with self.org.lock:
            for lead in gone[:1]:
                self.leads.remove(lead)
                self.org.remove("Lead", lead)
                history = self.org.tables["LeadHistory"].records
                for id_ in [i for i, row in history.items() if row["LeadId"] == lead]:
                    self.org.remove("LeadHistory", id_)

    def be_killed(self) -> None:
        """A run of its own process that ends at any moment, while people work on."""
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.connectors.salesforce.loading"),
                *(self.server.url, str(self.loaded.folder), str(_BULK_FROM)),
            ],
            cwd=_REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout:
            for _ in range(self.random.randrange(40)):
                process.stdout.readline()
            self.work()
            try:
                process.wait(self.random.uniform(0, 0.2))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                self.killed += 1

    def load(self) -> None:
        """A run that tries each stream again until it comes to its end."""
        for stream in RECORD_STREAMS:
            for attempt in range(_TRIES):
                try:
                    self.loaded.load(stream.name)
                    break
                except ConnectorError:
                    if attempt == _TRIES - 1:
                        raise


@pytest.fixture
def world(tmp_path: Path) -> Iterator[_World]:
    simulate(_COMPANY, tmp_path / "company")
    org = filled_org(tmp_path / "company/exports", Clock.frozen(_BEGIN))
    salesforce = make_salesforce(org, ConnectedApp("canary-id", "canary-secret"))
    salesforce.rest.page = salesforce.bulk.page = 70
    with serve(salesforce.app) as server:
        loaded = Loaded(served_at(server.url), tmp_path, bulk_from=_BULK_FROM)
        yield _World(salesforce, server, loaded, Random(20260501))


def _hold_against(world: _World, told: str) -> None:
    """The lake's newest state is what the org shows; of what stood before nothing is told twice."""
    for stream in RECORD_STREAMS:
        rows = world.loaded.rows(stream.name)
        newest = {row["_record_id"]: row for row in rows}
        what = f"{stream.name}, {told}"
        assert landed(stream, newest) == held(world.org, stream), what
        assert landed_beside(newest) == held_beside(world.org, stream), what
        assert not any(row["_reject_reason"] for row in rows), what
        assert not _repeated(rows), what


def _repeated(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The records of which two versions that follow each other are the same."""
    found: list[str] = []
    before: dict[str, dict[str, Any]] = {}
    for row in rows:
        id_ = row["_record_id"]
        told = {name: row[name] for name in row if name[0] != "_" or name in _TOLD}
        if before.get(id_) == told:
            found.append(id_)
        before[id_] = told
    return found


def _change_fields(world: _World, night: int) -> None:
    """A field appears, becomes another type, and is gone again."""
    org = world.org
    leads = org.tables["Lead"]
    if night == 4:
        org.add_field("Lead", "Tier__c")
    if 4 <= night < 20:
        org.change("Lead", world.random.choice(world.leads), Tier__c=Decimal(night))
    if night == 11:
        leads.fields["Tier__c"] = described_field("Tier__c", "double", custom=True)
    if night == 20:
        del leads.fields["Tier__c"]


@pytest.mark.slow
def test_thirty_nights_of_faults_and_kills_end_each_with_what_the_org_shows(world: _World) -> None:
    bulk = world.salesforce.bulk
    world.server.faults.add(*_FAULTS)
    world.work()
    for night in range(30):
        world.org.lag = timedelta(minutes=(0, 4, 0, 9)[night % 4])
        if night % 7 == 3:
            bulk.let_fail("Failed", "Failed")
        bulk.refused = {"Task", "CampaignMember"} if night % 5 == 2 else set()
        if night % 6 == 5:
            world.purge()
        _change_fields(world, night)
        world.be_killed()
        world.org.clock.advance(timedelta(minutes=world.random.randrange(3)))
        world.work()
        world.salesforce.sessions.expire()
        world.load()
        _hold_against(world, f"night {night}")
        world.org.clock.advance(timedelta(hours=24))
    assert world.server.faults.struck > 100
    assert world.killed > 10
    assert bulk.deleted
