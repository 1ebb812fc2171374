"""On which journeys different people did the two teams' work, against a count by hand."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.measures.role_overlap import DIFFERENT, SAME
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.data_tests import failures
from tests.dbt_project.statistic import make
from tests.examples import examples

START = datetime(2026, 1, 10)
AS_OF = datetime(2026, 6, 15)
# Two of the users are one person, in two systems.
PEOPLE = {"crm_una": "crm_una", "web_una": "crm_una", "max": "max", "ole": "ole"}
# The third journey is that of another contact of the first one's deal.
PRIMARY = {"j0": "j0", "j1": "j1", "j2": "j0", "j3": "j3"}
GIVEN = ("fct_funnel", "fct_deal", "fct_touch", "dim_user", "dim_prospect", "input_users")
MODELS = ("int_role_worker", "int_role_journey", "int_role_event")


@dataclass(frozen=True)
class Touch:
    """A touch of a journey by a user, for the team that he is in on that day."""

    journey: str
    user: str | None
    team: str | None
    day: int
    counts: bool = True
    post_close: bool = False


TOUCHES = st.builds(
    Touch,
    journey=st.sampled_from(sorted(PRIMARY)),
    user=st.sampled_from([None, *sorted(PEOPLE)]),
    team=st.sampled_from([None, "marketing", "sales"]),
    day=st.integers(0, 100),
    counts=st.sampled_from([True, True, True, False]),
    post_close=st.sampled_from([False, False, False, True]),
)


def build(database: Database, touches: list[Touch]) -> None:
    """Put touches where the models look for them, and build the models and what is made of them."""
    database.fill(
        "fct_funnel",
        [
            {
                "journey_id": journey,
                "prospect_id": f"p{journey}",
                "is_primary": journey == primary,
                "member_of_deal_id": None if journey == primary else "d",
                "segment": "smb" if journey in ("j0", "j2") else "mid",
                "outcome": "won" if journey in ("j0", "j2") else "open",
                "won_at": START + timedelta(days=120) if journey in ("j0", "j2") else None,
                "excluded_from_cycle": False,
                "as_of": AS_OF,
            }
            for journey, primary in PRIMARY.items()
        ],
    )
    database.fill("fct_deal", [{"deal_id": "d", "journey_id": "j0"}])
    database.fill(
        "fct_touch",
        [
            {
                "touch_id": str(n),
                "journey_id": touch.journey,
                "user_id": touch.user,
                "team": touch.team,
                "occurred_at": START + timedelta(days=touch.day),
                "counts": touch.counts,
                "post_close": touch.post_close,
            }
            for n, touch in enumerate(touches)
        ],
    )
    database.fill(
        "dim_user",
        [
            {"user_id": user, "email": f"{person}@example.org" if person == "crm_una" else None}
            for user, person in PEOPLE.items()
        ],
    )
    database.fill("dim_prospect", [])
    database.fill("input_users", [])
    database.fill("agreement.settings", [{"time_zone": "UTC", "segment_by": "account.employees"}])
    database.fill("bound.clock", [{"as_of": AS_OF, "known_at": AS_OF}])
    database.build_with_parents(*MODELS, given=GIVEN)
    make(database, "role_overlap")
    database.build("role_overlap")


def by_hand(touches: list[Touch]) -> dict[str, tuple[bool, datetime]]:
    """Whether different people worked on each journey of both teams, and since when both did."""
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for touch in touches:
        if touch.user and touch.team and touch.counts and not touch.post_close:
            key = (PRIMARY[touch.journey], touch.team)
            days[key].append(touch.day)
            people[key].add(PEOPLE[touch.user])
    found = {}
    for journey in set(PRIMARY.values()):
        marketing, sales = (journey, "marketing"), (journey, "sales")
        if days[marketing] and days[sales]:
            since = START + timedelta(days=max(min(days[marketing]), min(days[sales])))
            found[journey] = (not people[marketing] & people[sales], since)
    return found


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many sets of touches: each fills it anew."""
    return project.database()


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(touches=st.lists(TOUCHES, max_size=40))
def test_every_journey_of_both_teams_is_counted_once_by_who_did_the_work(
    shared: Database, touches: list[Touch]
) -> None:
    build(shared, touches)
    expected = by_hand(touches)
    events = shared.rows("select journey_id, month, in_numerator from {int_role_event}")
    assert {row["journey_id"]: (row["in_numerator"], row["month"]) for row in events} == {
        journey: (is_separate, since.date().replace(day=1))
        for journey, (is_separate, since) in expected.items()
    }
    told = shared.rows("select * from {role_overlap} where segment = 'all' and person_id = 'all'")
    counts = {row["done_by"]: row["journeys"] for row in told}
    separate = [is_separate for is_separate, _ in expected.values()]
    if separate:
        assert counts == {DIFFERENT: sum(separate), SAME: len(separate) - sum(separate)}
    assert {model: failures(shared, model) for model in (*MODELS, "role_overlap")} == {
        model: {} for model in (*MODELS, "role_overlap")
    }


def test_whoever_does_both_is_named_with_his_journeys(database: Database) -> None:
    build(
        database,
        [
            Touch("j0", "web_una", "marketing", 1),
            Touch("j2", "crm_una", "sales", 20),
            Touch("j1", "max", "marketing", 1),
            Touch("j1", "ole", "sales", 2),
        ],
    )
    rows = database.rows(
        "select done_by, person_id, journeys, won, median_days, status from {role_overlap} "
        "where segment = 'all' order by done_by, person_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        (DIFFERENT, "all", 1, 0, None, "follow-up too short"),
        (SAME, "all", 1, 1, 100.0, "too few"),
        (SAME, "crm_una", 1, 1, 100.0, "too few"),
    ]
