"""A month of nights over the company's portal, where everything that can go wrong does."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from connectors.errors import ConnectorError
from connectors.hubspot.streams import STREAMS
from connectors.sandbox import Parameters, simulate
from connectors.sandbox.hubspot import Access, HubSpot, Limits, Property, Store, make_hubspot
from connectors.sandbox.hubspot.definitions import LIFECYCLE
from connectors.sandbox.hubspot.portal import fill_portal
from connectors.sandbox.hubspot.portal.deals import PIPELINE
from connectors.sandbox.serving import Clock, Fault, Running, serve
from tests.connectors.hubspot.loaded import TOKEN, Loaded

_REPOSITORY: Final = Path(__file__).resolve().parents[3]
_COMPANY: Final = Parameters(prospects=80, months=12, until=date(2026, 5, 1))
_BEGIN: Final = datetime(2026, 5, 2, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_TRIES: Final = 8
_OF_THE_LOAD: Final = frozenset({"_loaded_at", "_run_id", "_seq", "_origin"})
_FAULTS: Final = (
    Fault("status", status=503, path="/*m/*", probability=0.03, times=None, seed=1),
    Fault("status", status=429, path="/*m/*", probability=0.02, times=None, seed=2),
    Fault("status", status=429, retry_after=2, path="/*m/*", probability=0.02, times=None, seed=3),
    Fault("status", status=500, path="/*m/*", probability=0.02, times=None, seed=4),
    Fault("reset", path="/*m/*", probability=0.03, times=None, seed=5),
    Fault("reset_in_body", path="/*m/*", probability=0.02, times=None, seed=6),
    Fault("truncated", path="/*m/*", probability=0.02, times=None, seed=7),
    Fault("html", status=502, path="/*m/*", probability=0.01, times=None, seed=8),
)
_HISTORIES: Final = (
    ("contacts", "contact_history", ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")),
    (
        "deals",
        "deal_history",
        ("dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id"),
    ),
)
_LADDERS: Final = {
    "contacts": LIFECYCLE,
    "deals": tuple(stage.id for stage in PIPELINE.stages),
}
_STAGES: Final = ("subscriber", "lead", "marketingqualifiedlead", "opportunity", "", "other")

Row = Mapping[str, Any]
Change = tuple[str, str, str, datetime, int]
"""A record's id, a property, what it became, when, and the how-manieth of that millisecond."""


@dataclass
class _World:
    """The portal behind its server, the lake, and what people there do beside the company's own.

    `people` and `deals` are those that they made and still work on, `binned` those that they may
    restore; `told` is every change of a history that a night has shown; `killed` counts the runs
    that were.
    """

    hubspot: HubSpot
    server: Running
    folder: Path
    random: Random
    people: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    binned: list[str] = field(default_factory=list)
    told: dict[str, set[Change]] = field(default_factory=dict)
    until: date = _COMPANY.until
    killed: int = 0

    def __post_init__(self) -> None:
        self.loaded = Loaded(self.hubspot, self.server, self.folder)

    @property
    def store(self) -> Store:
        return self.hubspot.store

    def work(self) -> None:
        """Some of what a day brings: the new, the changed, the gone, the merged, the tied."""
        with self.store.lock:
            store, random = self.store, self.random
            for n in range(4):
                email = f"{len(self.people)}.{n}@hollowport.example"
                values = {"email": email, "lifecyclestage": "lead"}
                self.people.append(store.create("contacts", values))
                self.deals.append(store.create("deals", {"dealname": "One", "dealstage": "one"}))
            for id_ in random.sample(self.people, 3):
                store.update("contacts", id_, {"lifecyclestage": random.choice(_STAGES)})
                store.update("contacts", id_, {"lastname": f"Ren {random.random()}"})
            for id_ in random.sample(self.deals, 3):
                store.update("deals", id_, {"dealstage": f"{random.random()}", "amount": "12.50"})
            self._tie()
            self._delete()
            self._merge()

    def _tie(self) -> None:
        for deal in self.random.sample(self.deals, 3):
            labels = self.random.sample(["Champion", "Decision Maker"], self.random.randrange(3))
            person = self.random.choice(self.people)
            self.store.associate("deals", deal, "contacts", person, *labels)
        deal, person = self.random.choice(self.deals), self.random.choice(self.people)
        self.store.dissociate("deals", deal, "contacts", person)

    def _delete(self) -> None:
        if self.binned and self.random.random() < 0.5:
            back = self.binned.pop()
            self.store.restore("contacts", back)
            self.people.append(back)
        binned, gone = self._taken(self.people), self._taken(self.people)
        self.store.archive("contacts", binned)
        self.binned.append(binned)
        self.store.gdpr_delete("contacts", gone)
        self.store.archive("deals", self._taken(self.deals))

    def _taken(self, ids: list[str]) -> str:
        return ids.pop(self.random.randrange(len(ids)))

    def _merge(self) -> None:
        """A chain: who was left of the first merge is gone in the second."""
        if len(self.people) > 6:
            first, second = self._taken(self.people), self._taken(self.people)
            self.store.merge("contacts", second, first)
            self.store.merge("contacts", self.random.choice(self.people), second)

    def go_on(self, exports: Path) -> None:
        """The company's own next day: leads, stages, mails, forms, events."""
        self.until += _DAY
        simulate(replace(_COMPANY, until=self.until), exports)
        self.store.clock.advance(_DAY)
        # It is dated by the day that ends: search has had the time to see it.
        self.store.lag = timedelta(0)
        fill_portal(self.store, exports / "exports")

    def be_killed(self) -> None:
        """A run of its own process that ends at any moment, while people work on."""
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.connectors.hubspot.loading"),
                *(self.server.url, str(self.folder)),
            ],
            cwd=_REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout:
            # It says a line a stream at least.
            for _ in range(self.random.randrange(len(STREAMS))):
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
        for stream in STREAMS:
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
    clock = Clock.frozen(_BEGIN)
    store = Store(clock)
    fill_portal(store, tmp_path / "company/exports")
    for label in ("Champion", "Decision Maker"):
        if label not in {told.label for told in store.links.types["deals", "contacts"]}:
            store.define_label("deals", "contacts", label)
    hubspot = make_hubspot(store, Access(clock, TOKEN), Limits(None, None, None))
    with serve(hubspot.app) as server:
        yield _World(hubspot, server, tmp_path, Random(20260501))


def _state(loaded: Loaded, stream: str) -> dict[str, dict[str, Any]]:
    """The newest version of each record that is not gone, without what tells of its load."""
    return {
        id_: {name: row[name] for name in row if name not in _OF_THE_LOAD}
        for id_, row in loaded.newest(stream).items()
        if not row["_deleted"]
    }


def _hold_against_a_first_sync(world: _World, folder: Path) -> None:
    """Whatever the nights brought is what a lake has that asks the portal for the first time."""
    fresh = Loaded(world.hubspot, world.server, folder)
    for stream in STREAMS:
        fresh.load(stream.name)
        found, wanted = _state(world.loaded, stream.name), _state(fresh, stream.name)
        if stream.name.endswith("_history"):
            # What a record was that is gone stays in the lake; a first sync knows nothing of it.
            found = {id_: row for id_, row in found.items() if id_ in wanted}
        assert found == wanted, stream.name


def _hold_against_the_store(world: _World, told: str) -> None:
    """Records, what they say by name, and each change of their histories once."""
    for kind in ("contacts", "companies", "deals", "emails"):
        [stream] = [stream for stream in STREAMS if stream.name == kind]
        texts = [name for name, column in stream.columns.items() if column.type.value == "text"]
        rows = world.loaded.newest(kind)
        found = {
            id_: {name: row[name] for name in texts}
            for id_, row in rows.items()
            if not row["_deleted"]
        }
        wanted = {
            held.id: {name: held.values.get(name) or None for name in texts} | {"id": held.id}
            for held in world.store.held(kind)
        }
        if kind in _LADDERS:
            for held in world.store.held(kind):
                wanted[held.id]["stages_entered"] = _stages_entered(held.values, _LADDERS[kind])
        assert found == wanted, f"{kind}, {told}"
        assert not _repeated(world.loaded.rows(kind)), f"{kind}, {told}"
    for kind, stream_name, names in _HISTORIES:
        shown = world.told.setdefault(stream_name, set())
        shown |= set(_changes(world.store, kind, names))
        landed = Counter(
            (row[f"{kind[:-1]}_id"], row["property"], row["value"], row["changed_at"], row["nth"])
            for row in world.loaded.rows(stream_name)
        )
        assert shown - landed.keys() == set(), f"{stream_name}, {told}"
        assert [change for change, times in landed.items() if times > 1] == []


def _stages_entered(values: Mapping[str, str | None], stages: Sequence[str]) -> str | None:
    dates = {stage: values.get(f"hs_v2_date_entered_{stage}") for stage in stages}
    return ";".join(f"{stage}={at}" for stage, at in sorted(dates.items()) if at) or None


def _changes(store: Store, kind: str, names: Sequence[str]) -> Iterator[Change]:
    for held in store.held(kind):
        for name in names:
            times: Counter[int] = Counter()
            for past in store.history(kind, held.id, name):
                at = datetime.fromtimestamp(past.at / 1000, tz=UTC)
                yield held.id, name, past.value or None, at, times[past.at]  # type: ignore[misc]
                times[past.at] += 1


def _repeated(rows: Sequence[Row]) -> list[str]:
    """The records of which two versions that follow each other are the same."""
    found: list[str] = []
    before: dict[str, Row] = {}
    for row in rows:
        told = {name: row[name] for name in row if name not in _OF_THE_LOAD}
        if before.get(row["_record_id"]) == told:
            found.append(row["_record_id"])
        before[row["_record_id"]] = told
    return found


def _change_properties(world: _World, night: int) -> None:
    """A property appears, becomes another type, and is gone again."""
    store = world.store
    if night == 4:
        store.define_property("contacts", Property("tier", "string"))
    if 4 <= night < 20:
        store.update("contacts", world.random.choice(world.people), {"tier": str(night)})
    if night == 11:
        store.define_property("contacts", Property("tier", "number"))
    if night == 20:
        store.remove_property("contacts", "tier")


def _live_through(world: _World, nights: int, folder: Path) -> None:
    """Nights of work, kills and faults; after each the lake is held against the portal."""
    world.server.faults.add(*_FAULTS)
    world.work()
    world.work()
    for night in range(nights):
        world.store.lag = timedelta(seconds=(0, 40, 0, 600)[night % 4])
        _change_properties(world, night)
        world.be_killed()
        world.work()
        # Search may show it by now: what it shows late is a later night's.
        world.store.clock.advance(world.store.lag)
        world.load()
        _hold_against_the_store(world, f"night {night}")
        if night % 6 == 5 or night == nights - 1:
            _hold_against_a_first_sync(world, folder / f"fresh {night}")
        world.go_on(folder / "company")


def test_nights_of_faults_and_kills_end_each_with_what_the_portal_holds(
    world: _World, tmp_path: Path
) -> None:
    _live_through(world, 3, tmp_path)
    assert world.server.faults.struck > 10
    assert world.killed > 0


@pytest.mark.slow
def test_thirty_nights_of_faults_and_kills_end_each_with_what_the_portal_holds(
    world: _World, tmp_path: Path
) -> None:
    _live_through(world, 30, tmp_path)
    assert world.server.faults.struck > 100
    assert world.killed > 10
