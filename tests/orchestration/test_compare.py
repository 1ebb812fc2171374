"""What moved between two published funnels is told by journey and field, and adds up."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.company import Company
from orchestration.publish.compare import compare, compare_with_last, what_moved
from orchestration.publish.publish import publish
from orchestration.publish.rebuild import as_it_stood
from orchestration.publish.versions import current_version
from orchestration.warehouse.bind import bind
from orchestration.warehouse.freshness import BindError
from tests.orchestration.lakes import load
from tests.orchestration.nights import MONDAY, PROJECT, build_night, make_company

AS_OF = datetime(2026, 3, 31)
KNOWN = datetime(2026, 4, 1), datetime(2026, 4, 2)
MARCH = datetime(2026, 3, 9)
FUNNEL = {
    "journey_id": "varchar",
    "prospect_id": "varchar",
    "deal_id": "varchar",
    "is_primary": "boolean",
    "segment": "varchar",
    "mql_at": "timestamp",
    "won_at": "timestamp",
    "outcome": "varchar",
    "amount": "decimal(18, 2)",
}
Journey = Mapping[str, Any]
Records = Mapping[str, str]


def won(journey: str, prospect: str = "p1", amount: str = "10.00", **fields: Any) -> Journey:
    """A journey that was won in March, with a deal of its own."""
    made = {"deal_id": f"deal of {journey}", "outcome": "won", "won_at": MARCH, "amount": amount}
    return open_(journey, prospect) | made | fields


def open_(journey: str, prospect: str = "p1", **fields: Any) -> Journey:
    nothing = dict.fromkeys(FUNNEL)
    told = {"journey_id": journey, "prospect_id": prospect, "is_primary": True, "outcome": "open"}
    return nothing | told | {"segment": "smb"} | fields


def published(
    folder: Path, known_at: datetime, funnel: Sequence[Journey], records: Records
) -> Path:
    """A published version with these journeys, and the prospect of each record."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "tandem.duckdb")) as connection:
        connection.execute("create schema marts")
        clock = f"timestamp '{AS_OF}' as as_of, timestamp '{known_at}' as known_at"
        connection.execute(f"create table marts.catalogue as select {clock} from range(2)")
        columns = ", ".join(f"{name} {kind}" for name, kind in FUNNEL.items())
        connection.execute(f"create table marts.fct_funnel ({columns})")
        connection.execute(
            "create table marts.bridge_record_prospect (person_key varchar, prospect_id varchar)"
        )
        for journey in funnel:
            marks = ", ".join("?" for _ in FUNNEL)
            values = [journey[name] for name in FUNNEL]
            connection.execute(f"insert into marts.fct_funnel values ({marks})", values)
        for record in records.items():
            connection.execute("insert into marts.bridge_record_prospect values (?, ?)", record)
    return folder


class Moved:
    """What moved between two funnels, read back from the files."""

    def __init__(
        self,
        folder: Path,
        was: Sequence[Journey],
        now: Sequence[Journey],
        records: tuple[Records, Records] = ({}, {}),
    ) -> None:
        self.sides = [
            published(folder / name, known_at, journeys, prospects)
            for name, known_at, journeys, prospects in zip(
                ("was", "now"), KNOWN, (was, now), records, strict=True
            )
        ]
        self.found = what_moved(*self.sides, folder / "moved")

    def changes(self, columns: str) -> list[tuple[Any, ...]]:
        return self._rows(self.found.changes, columns)

    def totals(self, columns: str) -> list[tuple[Any, ...]]:
        return self._rows(self.found.totals, columns)

    def _rows(self, file: Path, columns: str) -> list[tuple[Any, ...]]:
        query = f"select {columns} from read_parquet('{file}') order by all"
        with duckdb.connect() as connection:
            return connection.execute(query).fetchall()


def test_a_deal_that_is_no_longer_won_is_told_by_its_journey_with_what_it_was(
    tmp_path: Path,
) -> None:
    moved = Moved(tmp_path, [won("a"), won("b")], [won("a"), won("b", outcome="lost", won_at=None)])
    assert moved.changes("journey_id, kind, field, was, now") == [
        ("b", "changed", "outcome", "won", "lost"),
        ("b", "changed", "won_amount", "10.00", None),
        ("b", "changed", "won_at", str(MARCH), None),
        ("b", "changed", "won_deal", "deal of b", None),
    ]


def test_an_unchanged_funnel_has_no_change(tmp_path: Path) -> None:
    assert not Moved(tmp_path, [won("a"), open_("b")], [won("a"), open_("b")]).changes("*")


def test_two_empty_funnels_compare_to_nothing(tmp_path: Path) -> None:
    moved = Moved(tmp_path, [], [])
    assert not moved.changes("*")
    assert not moved.totals("*")


def test_a_journey_that_appeared_or_vanished_is_told_with_all_that_it_holds(tmp_path: Path) -> None:
    moved = Moved(tmp_path, [open_("old")], [open_("new")])
    held = [("is_primary", "true"), ("outcome", "open"), ("prospect_id", "p1"), ("segment", "smb")]
    assert moved.changes("journey_id, kind, field, was, now") == [
        *(("new", "appeared", field, None, value) for field, value in held),
        *(("old", "vanished", field, value, None) for field, value in held),
    ]


def test_every_change_bears_the_clocks(tmp_path: Path) -> None:
    moved = Moved(tmp_path, [], [open_("a")])
    clocks = set(moved.changes("as_of, known_at_was, known_at"))
    assert clocks == {(AS_OF, *KNOWN)}


@pytest.mark.parametrize(
    ("was", "now", "identity", "others"),
    [
        ({"r": "p1", "s": "p2"}, {"r": "p1", "s": "p1"}, "joined", "p2"),
        ({"r": "p1", "s": "p1"}, {"r": "p1", "s": "p2"}, "split", "p2"),
        ({"r": "p2", "s": "p2"}, {"r": "p1", "s": "p1"}, "renamed", "p2"),
        ({"r": "p1"}, {"r": "p1", "s": "p1"}, "same", None),
    ],
)
def test_a_change_says_whether_its_prospect_joined_another_or_split(
    tmp_path: Path, was: Records, now: Records, identity: str, others: str | None
) -> None:
    moved = Moved(tmp_path, [open_("a")], [won("a")], (was, now))
    told = set(moved.changes("identity, other_prospect_ids"))
    assert told == {(identity, others)}


def test_the_journey_of_a_prospect_that_joined_another_says_which(tmp_path: Path) -> None:
    moved = Moved(
        tmp_path,
        [open_("a", "p1"), open_("b", "p2")],
        [open_("a", "p1")],
        ({"r": "p1", "s": "p2"}, {"r": "p1", "s": "p1"}),
    )
    told = set(moved.changes("journey_id, kind, identity, other_prospect_ids"))
    assert told == {("b", "vanished", "joined", "p1")}


def test_a_member_of_a_won_deal_counts_as_no_won_deal(tmp_path: Path) -> None:
    moved = Moved(tmp_path, [], [won("a", deal_id=None, amount=None, is_primary=False)])
    measures = {measure for (measure,) in moved.totals("measure")}
    assert "outcome won" in measures
    assert not measures & {"won_deals", "won_amount"}


amounts = st.none() | st.decimals("-99999.99", "99999.99", places=2)
times = st.none() | st.datetimes(datetime(2026, 1, 1), AS_OF).map(lambda t: t.replace(fold=0))
outcomes = st.sampled_from(["open", "won", "lost", "disqualified"])
journeys = st.fixed_dictionaries(
    {"amount": amounts, "mql_at": times, "won_at": times, "outcome": outcomes}
)
funnels = st.dictionaries(st.sampled_from("abcdef"), journeys).map(
    lambda found: [
        open_(name) | {"deal_id": f"deal of {name}"} | told for name, told in found.items()
    ]
)


@settings(max_examples=10, deadline=None)
@given(funnels, funnels)
def test_what_was_and_what_moved_add_up_to_what_is_to_the_cent(
    was: Sequence[Journey], now: Sequence[Journey]
) -> None:
    with TemporaryDirectory() as folder:
        moved = Moved(Path(folder), was, now)
        keys = moved.changes("journey_id, field")
        totals = moved.totals("measure, was, appeared + vanished + changed, now")
    assert len(keys) == len(set(keys))
    found = {measure: (before, after) for measure, before, _, after in totals}
    assert all(before + change == after for _, before, change, after in totals)
    for side, funnel in enumerate((was, now)):
        gained = [j for j in funnel if j["outcome"] == "won"]
        expected = {
            "journeys": len(funnel),
            "mql_at": sum(j["mql_at"] is not None for j in funnel),
            "outcome lost": sum(j["outcome"] == "lost" for j in funnel),
            "won_deals": len(gained),
            "won_amount": sum((j["amount"] or Decimal(0) for j in gained), Decimal(0)),
        }
        assert {m: found.get(m, (0, 0))[side] for m in expected} == expected


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company with loads of Monday and of Tuesday."""
    made = make_company(tmp_path)
    load(made, "crm", "leads", [{"lead": "L2"}], MONDAY + timedelta(days=1))
    return made


@pytest.fixture
def rebuilt(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments that are rebuilt: instead of dbt, the tables of a night are made."""
    found: list[datetime] = []

    def build(company: Company, *_: Any, **__: Any) -> None:
        build_night(company, 1)
        found.append(MONDAY)

    monkeypatch.setattr("orchestration.publish.rebuild.run_nodes", build)
    monkeypatch.setattr("orchestration.publish.rebuild.check_run", lambda *_: None)
    return found


def test_what_stands_already_is_not_rebuilt(company: Company, rebuilt: list[datetime]) -> None:
    first, second = (
        current_version(as_it_stood(company, PROJECT, MONDAY, MONDAY, lambda _: None))
        for _ in range(2)
    )
    assert first == second
    assert len(rebuilt) == 1


def test_what_was_built_of_other_records_is_rebuilt(
    company: Company, rebuilt: list[datetime]
) -> None:
    as_it_stood(company, PROJECT, MONDAY, MONDAY, lambda _: None)
    load(company, "crm", "leads", [{"lead": "L3"}], MONDAY)
    as_it_stood(company, PROJECT, MONDAY, MONDAY, lambda _: None)
    assert len(rebuilt) == 2


def test_without_an_earlier_version_there_is_nothing_to_compare_with(company: Company) -> None:
    with pytest.raises(BindError, match="Nothing was published before"):
        compare_with_last(company, PROJECT, lambda _: None)


def test_the_version_before_is_held_against_its_own_moment_as_known_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rebuilt: list[datetime]
) -> None:
    company = make_company(tmp_path)
    build_night(company, 1)
    before = publish(company, PROJECT, "monday")
    tuesday = MONDAY + timedelta(days=1)
    load(company, "crm", "leads", [{"lead": "L2"}], tuesday)
    bind(company)
    build_night(company, 2)
    publish(company, PROJECT, "tuesday")
    held: list[tuple[str, str, str]] = []

    def hold(earlier: Path, later: Path, _: Path) -> None:
        told = json.loads((later / "version.json").read_text())
        held.append((earlier.name, told["as_of"], told["known_at"]))

    monkeypatch.setattr("orchestration.publish.compare.what_moved", hold)
    compare_with_last(company, PROJECT, lambda _: None)
    assert held == [(before.version, before.as_of, tuesday.isoformat())]


def test_a_moment_that_is_not_before_the_other_is_refused(company: Company) -> None:
    with pytest.raises(BindError, match=r"Nothing can have moved .* an earlier KNOWN_AT"):
        compare(company, PROJECT, MONDAY, (MONDAY, MONDAY), lambda _: None)
