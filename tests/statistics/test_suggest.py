"""Which prospects may be one person: hand-made people whose truth is known."""

import random
import subprocess
import sys
from collections.abc import Sequence

import pyarrow as pa
import pytest

from orchestration.statistics import suggest as module
from orchestration.statistics.suggest import PAIRS, TRAITS, SplinkMissing, suggest

Person = dict[str, str | None]

FIRST = ("ada", "bo", "cleo", "dan", "eve", "finn", "gail", "hal", "ida", "jon", "kay", "lars")
LAST = ("abel", "brandt", "cole", "dietz", "evans", "fox", "gray", "hart", "ito", "jung", "kern")
COUNTRIES = ("US", "DE", "FR")


def _strangers(number: int = 400) -> list[Person]:
    """People of 80 firms; no two share a name and a firm, and no two a phone."""
    drawn = random.Random(3)
    people: dict[tuple[str, str], Person] = {}
    while len(people) < number:
        name = f"{drawn.choice(FIRST)} {drawn.choice(LAST)}"
        firm = drawn.randrange(80)
        people[name, f"firm {firm}"] = {
            "prospect_id": f"p{len(people):04}",
            "name": name,
            "company": f"firm {firm}",
            "country": COUNTRIES[firm % 3],
            "mailbox": name.replace(" ", "."),
            "domain": f"firm{firm}.example",
            "phone": f"+1555{len(people):06}",
        }
    return list(people.values())


def _again(person: Person, **differs: str | None) -> Person:
    """The same person once more, at a private address."""
    once_more = {**person, "prospect_id": f"{person['prospect_id']}x", "domain": None}
    return {**once_more, "mailbox": f"private{person['prospect_id']}", **differs}


def _table(people: Sequence[Person]) -> pa.Table:
    return pa.Table.from_pylist(list(people), schema=TRAITS)


def _with_twins() -> list[Person]:
    people = _strangers()
    return [*people, *(_again(person) for person in people[::25])]


@pytest.fixture(scope="module")
def pairs() -> pa.Table:
    return suggest(_table(_with_twins()), 0.9).pairs


def test_the_people_that_are_there_twice_are_suggested_and_nobody_else(pairs: pa.Table) -> None:
    twice = [person["prospect_id"] for person in _strangers()[::25]]
    found = list(zip(*(pairs[name].to_pylist() for name in PAIRS.names[:2]), strict=True))
    assert found == [(prospect_id, f"{prospect_id}x") for prospect_id in twice]
    assert set(pairs["agreeing"].to_pylist()) == {
        "same name, same company, same country, same phone"
    }
    assert all(0.9 <= probability < 1 for probability in pairs["probability"].to_pylist())


def test_the_order_of_the_prospects_does_not_matter(pairs: pa.Table) -> None:
    assert suggest(_table(_with_twins()[::-1]), 0.9).pairs.equals(pairs)


def test_a_slip_of_the_pen_in_the_name_is_told_as_similar() -> None:
    people = _with_twins()
    misspelt = _again(people[7], name=f"{people[7]['name']}z")
    found = suggest(_table([*people, misspelt]), 0.5).pairs.to_pylist()
    (pair,) = (pair for pair in found if pair["other_prospect_id"] == misspelt["prospect_id"])
    assert pair["prospect_id"] == people[7]["prospect_id"]
    assert pair["agreeing"] == "similar name, same company, same country, same phone"


def test_strangers_are_not_suggested() -> None:
    namesakes = [{**person, "prospect_id": f"n{n}"} for n, person in enumerate(_strangers())]
    for n, person in enumerate(namesakes):
        person |= {"company": f"other {n}", "domain": None, "phone": None, "country": None}
    few = _again(_strangers()[0])
    found = suggest(_table([*_strangers(), *namesakes, few]), 0.9).pairs.to_pylist()
    assert {pair["other_prospect_id"] for pair in found} <= {few["prospect_id"]}


@pytest.mark.parametrize("number", [0, 1, 5])
def test_of_a_handful_of_prospects_nothing_is_suggested_and_it_says_why(number: int) -> None:
    suggestions = suggest(_table(_strangers(number)), 0.9)
    assert suggestions.pairs.schema == PAIRS
    assert suggestions.pairs.num_rows == 0
    assert suggestions.why_none == (f"{number} prospects are too few to learn from, which takes 20")


@pytest.mark.parametrize(
    "people",
    [
        _strangers(100),
        [{"prospect_id": f"p{n}"} for n in range(100)],
        [{**person, "name": None} for person in _with_twins()],
        [{**person, "company": None, "domain": None} for person in _with_twins()],
    ],
    ids=["all_differ", "nothing_known", "no_names", "no_companies"],
)
def test_where_nothing_can_be_learnt_it_says_so(people: list[Person]) -> None:
    suggestions = suggest(_table(people), 0.9)
    assert suggestions.pairs.num_rows == 0
    assert suggestions.why_none is not None
    assert "nothing to learn from" in suggestions.why_none


@pytest.mark.parametrize("column", ["phone", "domain"])
def test_a_trait_that_is_never_known_costs_no_night(column: str) -> None:
    people = [{**person, column: None} for person in _with_twins()]
    assert suggest(_table(people), 0.5).pairs.schema == PAIRS


@pytest.mark.parametrize("number", [30, 600])
def test_people_who_are_all_the_same_are_nobody_s_twins(number: int) -> None:
    same = _strangers(1)[0]
    people = [{**same, "prospect_id": f"p{n:03}"} for n in range(number)]
    suggestions = suggest(_table(people), 0.9)
    assert suggestions.pairs.num_rows == 0
    assert suggestions.why_none is not None


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(SplinkMissing, match="make suggestions"):
        suggest(_table(_with_twins()), 0.9)


def test_the_library_is_imported_only_when_it_is_used() -> None:
    code = f"import sys, {module.__name__}; sys.exit('splink' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
