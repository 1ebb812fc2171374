"""The spells of joint work on a deal, against a walk over its days."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Row
from tests.examples import examples

OPPORTUNITY = date(2026, 3, 2)
WINDOW = 5
LAGS = (0, 3)

_TOUCHES = st.lists(
    st.tuples(
        st.sampled_from(["marketing", "sales", "marketing", "sales", None]), st.integers(-15, 25)
    ),
    max_size=12,
)
_LIFE = st.tuples(st.integers(0, 8), st.integers(0, 20))


def _is_joint(touches: list[tuple[str | None, int]], day: int, lag: int) -> bool:
    return all(
        any(who == team and day - lag - WINDOW < at <= day - lag for who, at in touches)
        for team in ("marketing", "sales")
    )


@settings(max_examples=examples(60), deadline=None)
@given(touches=_TOUCHES, life=_LIFE)
def test_each_day_at_risk_is_joint_where_both_teams_touched_the_deal_within_the_window(
    project: CompiledProject, touches: list[tuple[str | None, int]], life: tuple[int, int]
) -> None:
    first, length = life
    database = project.database()
    database.fill(
        "int_nurture_deal",
        [
            {
                "deal_id": "d",
                "opportunity_on": OPPORTUNITY,
                "first_day": first,
                "last_day": first + length,
                "ended_as": "won",
            }
        ],
    )
    noon = datetime.combine(OPPORTUNITY, datetime.min.time()) + timedelta(hours=12)
    rows: list[Row] = [
        {
            "deal_id": "d",
            "touch_id": str(number),
            "team": team,
            "occurred_at": noon + timedelta(days=day),
        }
        for number, (team, day) in enumerate(touches)
    ]
    database.fill("int_deal_touch", rows)
    database.fill("agreement.nurture_lags", [{"lag_days": lag} for lag in LAGS])
    database.fill("agreement.settings", [{"time_zone": "UTC", "nurture_window_days": WINDOW}])
    database.build("int_nurture_spell")
    spells = database.rows("select * from {int_nurture_spell} order by lag_days, from_day")
    database.connection.close()
    for lag in LAGS:
        of_lag = [spell for spell in spells if spell["lag_days"] == lag]
        days = {
            day: spell["is_joint"]
            for spell in of_lag
            for day in range(spell["from_day"], spell["to_day"] + 1)
        }
        expected = {day: _is_joint(touches, day, lag) for day in range(first, first + length + 1)}
        assert days == expected
        assert [spell["ended_as"] for spell in of_lag] == ["open"] * (len(of_lag) - 1) + ["won"]
        assert all(one["is_joint"] != other["is_joint"] for one, other in pairwise(of_lag))
