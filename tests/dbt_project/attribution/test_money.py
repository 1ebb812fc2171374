"""Every model gives away the whole: one credit a conversion, its amount to the cent."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.attribution.paths_by_hand import (
    MODELS,
    STEP,
    Touch,
    split,
    split_money,
)
from tests.dbt_project.attribution.weights import fill_weights
from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

# Lengths of a path at which a naive division goes wrong, and ordinary ones.
LENGTHS = (1, 2, 3, 6, 7, 9, 13, 49, 97, 350)
AMOUNTS = st.one_of(
    st.none(),
    st.decimals(-(10**6), 10**6, places=2),
    st.sampled_from(["0", "0.01", "-0.01", "999999999999.99", "-9999999999999.99"]).map(Decimal),
)


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many conversions: each example fills it anew."""
    return project.database()


def build(database: Database, paths: list[tuple[int, Decimal | None]], currency: str) -> None:
    """Conversions with paths of so many touches, each with its amount."""
    database.fill(
        "int_conversion",
        [
            {
                "conversion": "won",
                "conversion_id": f"c{n}",
                "journey_id": f"c{n}",
                "segment": f"s{n % 3}",
                "month": f"2026-0{n % 4 + 1}-01",
                "amount": amount,
            }
            for n, (_, amount) in enumerate(paths)
        ],
    )
    database.fill("int_path_touch", [])
    for n, (length, _) in enumerate(paths):
        database.change(
            "int_path_touch",
            f"""
            insert into {{}} (conversion_id, touch_id, occurred_at, channel, place, touches)
            select
                'c{n}', 't' || (place * 7919) % 10007, timestamp '2026-01-01' + to_hours(place),
                'ch' || place % 3, place, {length}
            from range(1, {length + 1}) as places(place)
            """,
        )
    database.fill("fct_spend", [])
    database.fill("funnel_conversion", [])
    database.fill("agreement.stages", [])
    database.fill(
        "agreement.settings",
        [{"reporting_currency": currency, "time_zone": "UTC", "half_life_days": 30}],
    )
    database.fill("fct_funnel_event", [])
    fill_weights(database)
    database.build(
        "int_path_role",
        "int_rule_part",
        "int_attribution_credit",
        "attribution_touch",
        "attribution_channel",
    )


def path_of(length: int) -> list[Touch]:
    return [Touch(f"t{(place * 7919) % 10007}", None) for place in range(1, length + 1)]  # type: ignore[arg-type]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    paths=st.lists(st.tuples(st.sampled_from((0, *LENGTHS)), AMOUNTS), min_size=1, max_size=8),
    currency=st.sampled_from(["USD", "JPY"]),
)
def test_every_model_gives_away_exactly_one_credit_and_the_whole_amount(
    shared: Database, paths: list[tuple[int, Decimal | None]], currency: str
) -> None:
    if currency == "JPY":
        paths = [(n, None if a is None else a.quantize(Decimal(1))) for n, a in paths]
    build(shared, paths, currency)
    rows = shared.rows("select * from {attribution_touch}")
    credits: dict[Any, Fraction] = defaultdict(Fraction)
    amounts: dict[Any, list[Decimal]] = defaultdict(list)
    for row in rows:
        key = (row["model"], row["conversion_id"])
        credits[key] += Fraction(row["credit"])
        if row["amount"] is not None:
            amounts[key].append(row["amount"])
    whole = {(model, f"c{n}"): amount for n, (_, amount) in enumerate(paths) for model in MODELS}
    assert dict(credits) == dict.fromkeys(whole, Fraction(1))
    assert {key: sum(parts) for key, parts in amounts.items()} == {
        key: amount for key, amount in whole.items() if amount is not None
    }
    for key, parts in amounts.items():
        assert all(part * (whole[key] or 0) >= 0 for part in parts)
        if currency == "JPY":
            assert all(part == part.to_integral_value() for part in parts)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(length=st.sampled_from(LENGTHS), amount=AMOUNTS)
def test_what_a_division_leaves_over_goes_to_the_largest_remainders(
    shared: Database, length: int, amount: Decimal | None
) -> None:
    build(shared, [(length, amount)], "USD")
    touches = path_of(length)
    credits = split(Fraction(1), [Fraction(1)] * length, touches, STEP)
    amounts = split_money(amount, credits, touches, "USD")
    rows = shared.rows(
        "select touch_id, credit, amount from {attribution_touch} where model = 'linear'"
    )
    assert {row["touch_id"]: (Fraction(row["credit"]), row["amount"]) for row in rows} == {
        touch.key: (credit, part)
        for touch, credit, part in zip(touches, credits, amounts, strict=True)
    }


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(paths=st.lists(st.tuples(st.sampled_from((0, *LENGTHS)), AMOUNTS), min_size=1, max_size=9))
def test_every_slice_of_every_model_adds_up_to_the_same(
    shared: Database, paths: list[tuple[int, Decimal | None]]
) -> None:
    build(shared, paths, "USD")
    for slices in ("segment", "month", "segment, month"):
        owed = shared.rows(
            f"select {slices}, count(*) as n, coalesce(sum(amount), 0) as amount "
            f"from {{int_conversion}} group by {slices} order by {slices}"
        )
        for model in MODELS:
            earned = shared.rows(
                f"select {slices}, sum(credit) as n, coalesce(sum(amount), 0) as amount "
                f"from {{attribution_touch}} where model = '{model}' "
                f"group by {slices} order by {slices}"
            )
            assert earned == owed
    by_channel = "month, channel, {} as n, coalesce(sum(amount), 0) as amount"
    ends = "group by model, month, channel order by model, month, channel"
    touches = shared.rows(
        f"select model, {by_channel.format('sum(credit)')} from {{attribution_touch}} {ends}"
    )
    channels = shared.rows(
        f"select model, {by_channel.format('sum(conversions)')} from {{attribution_channel}} {ends}"
    )
    assert channels == touches


def test_an_amount_with_cents_in_a_currency_without_them_is_still_given_away_whole(
    database: Database,
) -> None:
    build(database, [(3, Decimal("100.50"))], "JPY")
    rows = database.rows("select sum(amount) as amount from {attribution_touch} group by model")
    assert rows == [{"amount": Decimal("100.50")}] * len(MODELS)


@pytest.mark.parametrize(
    ("currency", "amount"), [("USD", "112.46"), ("JPY", "112.00"), ("KWD", "112.46")]
)
def test_money_is_rounded_to_the_minor_unit_of_the_reporting_currency(
    database: Database, currency: str, amount: str
) -> None:
    database.fill(
        "int_deal",
        [{"deal_id": "d", "amount": 100.10, "currency": "XXX", "rate_day": "2026-01-07"}],
    )
    database.fill("int_rate", [{"currency": "XXX", "day": "2026-01-07", "rate": 1.123456}])
    database.fill("int_journey_deal", [])
    database.fill("dim_prospect", [])
    database.fill("agreement.settings", [{"reporting_currency": currency}])
    database.build("fct_deal")
    [row] = database.rows("select amount_reporting from {fct_deal}")
    assert row["amount_reporting"] == Decimal(amount)


WHOLE = "every_conversion_is_given_away_once_and_whole"


def found_by_the_nightly_test(database: Database) -> list[dict[str, Any]]:
    """The rows that dbt's own test of the whole returns."""
    tests = database.project.data_tests("int_conversion", "attribution_touch")
    return database.rows(tests[WHOLE])


@pytest.mark.parametrize(
    "fault",
    [
        "delete from {} where model = 'linear' and conversion_id = 'c0' and touch_id is not null",
        "delete from {} where model = 'last' and conversion_id = 'c1'",
        "update {} set amount = amount + 0.01 where model = 'first' and conversion_id = 'c0'",
        "update {} set amount = null where conversion_id = 'c3'",
        "update {} set credit = credit - 0.000000000001 where conversion_id = 'c2'",
        "insert into {} by name "
        "select 'first' as model, 'won' as conversion, 'c9' as conversion_id",
    ],
)
def test_the_nightly_test_finds_whatever_is_not_given_away_whole(
    database: Database, fault: str
) -> None:
    build(database, [(3, Decimal("100.00")), (0, Decimal(7)), (2, None), (2, Decimal(0))], "USD")
    assert found_by_the_nightly_test(database) == []
    database.change("attribution_touch", fault)
    assert found_by_the_nightly_test(database) != []
