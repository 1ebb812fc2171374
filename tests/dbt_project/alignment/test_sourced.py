"""Who brought each deal, against the definitions followed deal by deal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.examples import examples

START = datetime(2026, 1, 26)
WINDOW = 4
PEOPLE = ("ann", "bob")
DEALS = ("d", "e")
TEAMS = {"fair": "marketing", "cold call": "sales"}
TABLES = (
    "int_deal_origin",
    "int_sourced_deal",
    "int_sourced_event",
    "sourced_disagreements",
)
GIVEN = (
    "fct_funnel",
    "fct_funnel_event",
    "fct_touch",
    "fct_deal",
    "dim_prospect",
    "bridge_deal_prospect",
    "int_journey_span",
    "input_users",
)


@dataclass(frozen=True)
class Deal:
    """A deal; its first contact is the primary one. Days are counted from START."""

    contacts: tuple[str, ...]
    opened: int
    opportunities: tuple[tuple[int, bool], ...]
    outcome: str
    closed: int | None
    lead_source: str | None

    @property
    def won(self) -> int | None:
        """The day of its win; None for an open deal, and a win that nothing dates."""
        return self.closed if self.outcome == "won" else None

    def journey_of(self, name: str, person: str | None) -> str:
        """The journey of a contact that carries the deal; of anybody else, the primary one."""
        owner = person if person in self.contacts else next(iter(self.contacts), "nobody")
        return f"{name}-{owner}"


@dataclass(frozen=True)
class Touch:
    """A touch of a person, on a deal, or both; else it stands in the person's earlier journey."""

    day: int
    team: str | None
    person: str | None
    deal: str | None
    counts: bool
    post_close: bool


@dataclass(frozen=True)
class Entry:
    """A stage entered, in the journey of a person that carries a deal, or in the earlier one."""

    day: int
    team: str
    person: str
    deal: str | None
    counts: bool


@dataclass(frozen=True)
class Company:
    """Deals by name; when each person's earlier journey ended; what was done; lead sources."""

    deals: Mapping[str, Deal]
    earlier_ended: Mapping[str, int | None]
    touches: tuple[Touch, ...]
    entries: tuple[Entry, ...]
    lead_sources: Mapping[str, str | None]

    def journey(self, person: str | None, deal: str | None) -> str:
        """Where a touch or an entry stands."""
        return f"earlier-{person}" if deal is None else self.deals[deal].journey_of(deal, person)


def at(day: int) -> datetime:
    """Noon of a day."""
    return START + timedelta(days=day, hours=12)


_SOURCE = st.sampled_from([None, "fair", "Cold Call", "friend"])
_DAY = st.integers(0, 8)
_LATER = st.integers(4, 10)
_OFTEN = st.integers(0, 5).map(bool)
_DEAL = st.builds(
    Deal,
    contacts=st.sampled_from([(), ("ann",), ("bob", "ann")]),
    opened=_DAY,
    opportunities=st.lists(st.tuples(_LATER, _OFTEN), max_size=2).map(tuple),
    outcome=st.sampled_from(["won", "open"]),
    closed=st.one_of(_LATER, _DAY, st.none()),
    lead_source=_SOURCE,
)
_TOUCH = st.builds(
    Touch,
    day=_DAY,
    team=st.sampled_from(["marketing", "marketing", "sales", None]),
    person=st.sampled_from(PEOPLE),
    deal=st.sampled_from([None, *DEALS]),
    counts=_OFTEN,
    post_close=_OFTEN.map(lambda often: not often),
) | st.builds(
    Touch,
    day=_DAY,
    team=st.sampled_from(["marketing", "sales"]),
    person=st.none(),
    deal=st.sampled_from(DEALS),
    counts=_OFTEN,
    post_close=st.just(False),
)
_ENTRY = st.builds(
    Entry,
    day=_DAY,
    team=st.sampled_from(["marketing", "sales"]),
    person=st.sampled_from(PEOPLE),
    deal=st.sampled_from([None, *DEALS]),
    counts=st.booleans(),
)
COMPANIES = st.builds(
    Company,
    deals=st.fixed_dictionaries(dict.fromkeys(DEALS, _DEAL)),
    earlier_ended=st.fixed_dictionaries(dict.fromkeys(PEOPLE, st.one_of(_DAY, st.none()))),
    touches=st.lists(_TOUCH, min_size=2, max_size=10).map(tuple),
    entries=st.lists(_ENTRY, max_size=2).map(tuple),
    lead_sources=st.fixed_dictionaries(dict.fromkeys(PEOPLE, _SOURCE)),
)


def build(database: Database, company: Company) -> None:
    """Put a company where the models look for it, and build them."""
    journeys, spans, bridge = [], [], []
    for name, deal in company.deals.items():
        for person in deal.contacts or (None,):
            journey = deal.journey_of(name, person)
            is_primary = journey == deal.journey_of(name, None)
            journeys.append(
                {
                    "journey_id": journey,
                    "prospect_id": person,
                    "deal_id": name if is_primary else None,
                    "is_primary": is_primary,
                    "journey_seq": 2,
                    "segment": "all",
                    "outcome": deal.outcome,
                }
            )
            spans.append(
                {
                    "journey_id": journey,
                    "opened_at": at(deal.opened),
                    "closed_at": None if deal.won is None else at(deal.won),
                }
            )
            if person:
                bridge.append({"deal_id": name, "prospect_id": person, "journey_id": journey})
    for person, ended in company.earlier_ended.items():
        journey = f"earlier-{person}"
        journeys.append({"journey_id": journey, "prospect_id": person, "is_primary": True})
        closed_at = None if ended is None else at(ended)
        spans.append({"journey_id": journey, "opened_at": START, "closed_at": closed_at})
    database.fill("fct_funnel", journeys)
    database.fill("int_journey_span", spans)
    database.fill("bridge_deal_prospect", bridge)
    database.fill("fct_funnel_event", list(_events(company)))
    database.fill(
        "fct_touch",
        [
            {
                "touch_id": f"t{n}",
                "journey_id": company.journey(touch.person, touch.deal),
                "prospect_id": touch.person,
                "deal_id": touch.deal,
                "occurred_at": at(touch.day),
                "team": touch.team,
                "kind": "thing",
                "counts": touch.counts,
                "post_close": touch.post_close,
            }
            for n, touch in enumerate(company.touches)
        ],
    )
    database.fill(
        "fct_deal",
        [
            {
                "deal_id": name,
                "lead_source": deal.lead_source,
                "closed_at": None if deal.closed is None else at(deal.closed),
                "outcome": deal.outcome,
            }
            for name, deal in company.deals.items()
        ],
    )
    database.fill(
        "dim_prospect",
        [{"prospect_id": p, "lead_source": source} for p, source in company.lead_sources.items()],
    )
    database.fill("input_users", [])
    words = [{"word": word, "team": team} for word, team in TEAMS.items()]
    database.fill("agreement.lead_source_words", words)
    database.fill("agreement.settings", [{"time_zone": "UTC", "attribution_window_days": WINDOW}])
    database.build_with_parents("int_sourced_event", "sourced_disagreements", given=GIVEN)


def _events(company: Company) -> Iterator[dict[str, Any]]:
    entered = {"event": "stage_entered", "entry_seq": 1, "is_of_deal": False}
    for n, entry in enumerate(company.entries):
        yield {
            **entered,
            "event_id": f"s{n}",
            "journey_id": company.journey(entry.person, entry.deal),
            "stage": "sal",
            "occurred_at": at(entry.day),
            "team": entry.team,
            "counts": entry.counts,
        }
    for name, deal in company.deals.items():
        for person in deal.contacts or (None,):
            for n, (day, counts) in enumerate(deal.opportunities):
                yield {
                    **entered,
                    "event_id": f"o{n}{name}{person}",
                    "journey_id": deal.journey_of(name, person),
                    "stage": "opportunity",
                    "occurred_at": at(day),
                    "team": "sales",
                    "counts": counts,
                }


@dataclass(frozen=True)
class Verdict:
    """What the definitions say of one deal; a milestone's day is None where it was not reached."""

    opportunity: int | None
    won: int | None
    recorded: str | None
    first_touch: str | None
    before_sales: str
    marketing_days: tuple[int, ...]

    @property
    def told(self) -> list[str]:
        """What those definitions that say anything say."""
        verdicts = (self.recorded, self.first_touch, self.before_sales)
        return [verdict for verdict in verdicts if verdict is not None]

    def is_influenced(self, day: int) -> bool:
        """Whether marketing touched the deal in the window before a day."""
        return any(day - WINDOW <= touched <= day for touched in self.marketing_days)


def judge(company: Company, name: str) -> Verdict | None:
    """Follow the definitions for one deal; None for one without a milestone."""
    deal = company.deals[name]
    opportunity = min((day for day, counts in deal.opportunities if counts), default=None)
    milestones = [day for day in (opportunity, deal.won) if day is not None]
    if not milestones:
        return None
    carriers = {deal.journey_of(name, person) for person in (*deal.contacts, None)}
    works = [
        (touch.day, f"t{n}", touch)
        for n, touch in enumerate(company.touches)
        if touch.counts
        and not touch.post_close
        and (touch.deal == name or touch.person in deal.contacts)
    ]

    def is_of_a_pass_that_was_over(touch: Touch) -> bool:
        if touch.deal == name:
            return False
        if touch.deal is not None:
            ended = company.deals[touch.deal].won
        else:
            ended = company.earlier_ended[touch.person or ""]
        return ended is not None and ended <= deal.opened

    brought = sorted(
        (work for work in works if work[0] <= min(milestones)), key=lambda work: work[:2]
    )
    brought = [work for work in brought if not is_of_a_pass_that_was_over(work[2])]
    sales = [day for day, _, touch in brought if touch.team == "sales"]
    for event in _events(company):
        if event["journey_id"] in carriers and event["counts"] and event["team"] == "sales":
            day = (event["occurred_at"] - at(0)).days
            sales += [day] if day <= min(milestones) else []
    marketing = [day for day, _, touch in brought if touch.team == "marketing"]
    primary = next(iter(deal.contacts), None)
    source = deal.lead_source or (company.lead_sources[primary] if primary else None)
    untouched = None if deal.contacts else "sales"
    first_touch = brought[0][2].team if brought else untouched
    is_before = bool(marketing) and (not sales or min(marketing) < min(sales))
    return Verdict(
        opportunity,
        deal.won,
        TEAMS.get((source or "").lower()),
        first_touch,
        "marketing" if is_before else "sales",
        tuple(day for day, _, touch in works if touch.team == "marketing"),
    )


def expected(company: Company) -> dict[tuple[str, str], tuple[date, bool]]:
    """The month and the side of the line of each measure and deal."""
    rows: dict[tuple[str, str], tuple[date, bool]] = {}
    for name in company.deals:
        verdict = judge(company, name)
        if verdict is None:
            continue
        for suffix, day in (("", verdict.opportunity), (".won", verdict.won)):
            if day is None:
                continue
            month = at(day).date().replace(day=1)
            for definition in ("recorded", "first_touch", "before_sales"):
                team = getattr(verdict, definition)
                if team is not None:
                    rows[f"sourced.{definition}{suffix}", name] = month, team == "marketing"
                if definition != "before_sales":
                    rows[f"sourced.{definition}{suffix}.unknown", name] = month, team is None
            if len(verdict.told) > 1:
                is_disagreed = len(set(verdict.told)) > 1
                rows[f"sourced.disagreement{suffix}", name] = month, is_disagreed
            rows[f"influenced{suffix}", name] = month, verdict.is_influenced(day)
    return rows


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many companies: each fills it anew."""
    return project.database()


@settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(company=COMPANIES)
def test_each_measure_counts_the_deals_that_its_definition_tells_of(
    shared: Database, company: Company
) -> None:
    build(shared, company)
    told = {
        (row["metric"], row["deal_id"]): (row["month"], row["in_numerator"])
        for row in shared.rows("select * from {int_sourced_event}")
    }
    assert told == expected(company)
    assert {table: failures(shared, table) for table in TABLES} == {table: {} for table in TABLES}


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(company=COMPANIES)
def test_the_deals_that_definitions_differ_on_are_listed_with_their_verdicts(
    shared: Database, company: Company
) -> None:
    build(shared, company)
    verdicts = {name: judge(company, name) for name in company.deals}
    assert {
        row["deal_id"]: (row["recorded"], row["first_touch"], row["before_sales"])
        for row in shared.rows("select * from {sourced_disagreements}")
    } == {
        name: (verdict.recorded, verdict.first_touch, verdict.before_sales)
        for name, verdict in verdicts.items()
        if verdict is not None and len(set(verdict.told)) > 1
    }


def test_a_deal_that_was_only_implied_to_be_an_opportunity_is_in_no_measure(
    database: Database,
) -> None:
    implied = Deal(("ann",), 0, ((5, False),), "open", None, "fair")
    company = Company(
        {"d": implied},
        {"ann": None},
        (Touch(1, "marketing", "ann", "d", counts=True, post_close=False),),
        (),
        {"ann": "fair"},
    )
    build(database, company)
    assert database.rows("select * from {int_sourced_event}") == []
