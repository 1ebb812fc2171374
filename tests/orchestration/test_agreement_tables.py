"""The agreement as tables: what each says of a signed agreement."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.typed_yaml import ConfigurationError
from orchestration.agreement import load_agreement
from orchestration.warehouse.agreement_tables import agreement_tables
from tests.orchestration.test_agreement import SIGNED


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    path = tmp_path_factory.mktemp("agreement") / "agreement.yml"
    path.write_text(SIGNED, encoding="utf-8")
    return agreement_tables(load_agreement(path), date(2026, 11, 1))


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def test_the_ladder_is_in_order_and_the_exits_have_none(tables: dict[str, pa.Table]) -> None:
    assert _rows(tables["stages"]) == [
        ("lead", "lead", 1, "marketing", False),
        ("mql", "Marketing qualified", 2, "marketing", False),
        ("demo_held", "demo_held", 3, "sales", False),
        ("opportunity", "opportunity", 4, "sales", False),
        ("won", "won", 5, "sales", False),
        ("lost", "lost", None, None, True),
        ("disqualified", "disqualified", None, None, True),
        ("recycled", "recycled", None, None, True),
    ]


def test_every_word_has_its_stage_and_the_ladder_its_own_words(
    tables: dict[str, pa.Table],
) -> None:
    rows = _rows(tables["stage_words"])
    assert {row[2] for row in rows if row[0] == "tandem"} == {
        "lead", "mql", "demo_held", "opportunity", "won", "lost", "disqualified", "recycled",
    }  # fmt: skip
    assert all(word == stage for vocabulary, word, stage in rows if vocabulary == "tandem")
    assert [row for row in rows if row[0] != "tandem"] == [
        ("crm.leads.status", "MQL", "mql"),
        ("crm.deals.stage", "Discovery", "opportunity"),
        ("crm.deals.stage", "Proposal", "opportunity"),
        ("crm.deals.stage", "Closed Won", "won"),
        ("crm.deals.stage", "Closed Lost", "lost"),
    ]


def test_the_settings_are_one_row_in_the_units_their_names_say(
    tables: dict[str, pa.Table],
) -> None:
    (settings,) = tables["settings"].to_pylist()
    assert settings == {
        "version": "2026-Q4",
        "time_zone": "America/New_York",
        "reporting_currency": "USD",
        "fiscal_year_starts_month": 2,
        "segment_by": "account.employees",
        "answer_within_minutes": 240,
        "attempts_at_least": 3,
        "attempts_within_days": 5,
        "decide_within_days": 10,
        "nurture_window_days": 30,
        "nurture_lag_days": 7,
        "nurture_trailing_days": 365,
        "touch_same_within_minutes": 5,
        "attribution_window_days": 180,
        "attribution_both_teams": False,
        "half_life_days": 30,
        "max_group_size": 25,
        "use_phone": False,
        "phone_country": None,
        "suggest_at_least": None,
        "excluded_share_limit": 0.01,
        "horizon_days": 365,
        "minimum_at_risk": 20,
        "too_few": 20,
        "confidence_level": 0.95,
    }


def test_promises_targets_teams_channels_and_weights_stand_as_they_were_signed(
    tables: dict[str, pa.Table],
) -> None:
    assert _rows(tables["commitments"]) == [
        ("marketing", "large", "mql", 120, None, None, date(2026, 10, 1), None),
        ("sales", None, "sla_attainment", None, 0.9, None, date(2026, 10, 1), None),
    ]
    assert _rows(tables["targets"]) == [(None, 1500000, date(2026, 10, 1), date(2026, 12, 31))]
    assert _rows(tables["team_words"]) == [
        ("crm.users.role", "Demand Gen", "marketing"),
        ("crm.users.role", "SDR", "sales"),
        ("crm.users.role", "AE", "sales"),
    ]
    assert _rows(tables["channel_words"]) == [
        ("AdWords", "paid_search"),
        ("google ads", "paid_search"),
        ("paid_search", "paid_search"),
    ]
    assert _rows(tables["campaign_words"]) == [
        ("C442", "Spring fair"),
        ("spring-26", "Spring fair"),
        ("Spring fair", "Spring fair"),
        ("C443", "Autumn fair"),
        ("Autumn fair", "Autumn fair"),
    ]
    assert _rows(tables["segments"]) == [("small", 1, 0, 200), ("large", 2, 200, None)]
    assert _rows(tables["score_weights"]) == [("acceptance_rate", 2, 0, 1)]


def test_the_agreement_s_rules_for_channels_come_before_those_that_hold_anyway(
    tables: dict[str, pa.Table],
) -> None:
    rows = _rows(tables["channel_rules"])
    assert rows[:2] == [
        (1, "Partner", "cpc", "acme", None, None),
        (2, "paid_search", None, None, None, "paid_search"),
    ]
    assert (3, "Paid Search", "cpc", "google", None, None) in rows
    first_of_click_ids = {row[4]: row[1] for row in reversed(rows) if row[4]}
    assert first_of_click_ids | {"gclid": "Paid Search", "fbclid": "Organic Social"} == (
        first_of_click_ids
    )
    assert {row[5] for row in rows} & {"offline", "other_campaigns"} == set()


def test_a_channel_word_stands_once_however_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED.replace("google ads]}", "ADWORDS, Paid_Search]}", 1), encoding="utf-8")
    tables = agreement_tables(load_agreement(path), date(2026, 11, 1))
    assert _rows(tables["channel_words"]) == [
        ("AdWords", "paid_search"),
        ("Paid_Search", "paid_search"),
    ]


def test_a_metric_of_which_less_is_better_is_scored_and_promised_that_way_round(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agreement.yml"
    text = SIGNED.replace("{acceptance_rate: 2}", "{acceptance_rate: 2, recycle_rate: 1}")
    text = text.replace("sla_attainment, at_least: 90 %", "recycle_rate, at_most: 15 %")
    path.write_text(text, encoding="utf-8")
    tables = agreement_tables(load_agreement(path), date(2026, 11, 1))
    assert _rows(tables["score_weights"])[1] == ("recycle_rate", 1, 1, 0)
    promise = ("sales", None, "recycle_rate", None, None, 0.15, date(2026, 10, 1), None)
    assert _rows(tables["commitments"])[1] == promise


def test_the_campaigns_of_a_sample_are_those_that_the_agreement_names(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    assert _rows(tables["sample_campaigns"]) == []
    path = tmp_path / "agreement.yml"
    path.write_text(f"{SIGNED}definition_sample: {{campaigns: [Check]}}\n", encoding="utf-8")
    named = agreement_tables(load_agreement(path), date(2026, 11, 1))
    assert _rows(named["sample_campaigns"]) == [("Check",)]


def test_a_lead_source_that_is_a_channel_stands_for_the_words_of_the_channel_too(
    tables: dict[str, pa.Table],
) -> None:
    assert _rows(tables["lead_source_words"]) == [
        ("paid_search", "marketing"),
        ("fair", "marketing"),
        ("cold call", "sales"),
        ("google ads", "sales"),
        ("adwords", "marketing"),
    ]


def test_the_calendar_has_every_day_from_2000_to_two_years_ahead(
    tables: dict[str, pa.Table],
) -> None:
    days = tables["business_days"].column("day").to_pylist()
    assert (days[0], days[-1]) == (date(2000, 1, 1), date(2028, 12, 31))
    assert len(days) == len(set(days)) == (days[-1] - days[0]).days + 1


def test_free_mail_knows_the_big_ones_and_those_that_the_agreement_adds(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED + "identity: {free_mail_domains: [Mail.Example.Org]}\n")
    domains = agreement_tables(load_agreement(path), date(2026, 1, 1))["free_mail_domains"]
    assert {"gmail.com", "mail.example.org"} <= set(domains.column("domain").to_pylist())


def test_the_country_of_national_telephone_numbers_is_one_that_has_any(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED + "identity: {phone: true, phone_country: de}\n")
    tables = agreement_tables(load_agreement(path), date(2026, 1, 1))
    assert tables["settings"].column("phone_country").to_pylist() == ["DE"]
    path.write_text(SIGNED + "identity: {phone: true, phone_country: XX}\n")
    with pytest.raises(ConfigurationError, match="a country with telephone numbers"):
        load_agreement(path)


def test_each_country_code_is_spoken_for_by_one_region(tables: dict[str, pa.Table]) -> None:
    rows = tables["phone_regions"].to_pylist()
    codes = {row["country_code"] for row in rows}
    speaking = [row["country_code"] for row in rows if row["speaks_for_code"]]
    assert sorted(speaking) == sorted(codes)
    assert {("DE", "49"), ("US", "1"), ("GB", "44")} <= {
        (row["region"], row["country_code"]) for row in rows if row["speaks_for_code"]
    }


def test_who_may_be_one_person_is_suggested_only_where_the_agreement_says_so(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED + "identity: {suggest: {at_least: 95 %}}\n")
    tables = agreement_tables(load_agreement(path), date(2026, 1, 1))
    assert tables["settings"]["suggest_at_least"].to_pylist() == [0.95]


def test_full_path_weighs_the_last_touch_of_a_win_and_is_the_w_of_other_conversions(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED + "attribution: {position_u: {first: 50 %, last: 50 %, middle: 0 %}}\n")
    tables = agreement_tables(load_agreement(path), date(2026, 1, 1))
    rows = _rows(tables["position_weights"])
    weights = {
        (model, kind): {role: weight for m, k, role, weight in rows if (m, k) == (model, kind)}
        for model, kind, _, _ in rows
    }
    assert weights["position_u", "mql"] == {"first": 500_000, "last": 500_000}
    w = {"first": 300_000, "lead": 300_000, "opportunity": 300_000, "middle": 100_000}
    assert weights["position_w", "won"] == weights["full_path", "opportunity"] == w
    quarters = dict.fromkeys(("first", "lead", "opportunity", "last"), 225_000)
    assert weights["full_path", "won"] == {**quarters, "middle": 100_000}


def test_weights_of_places_that_do_not_add_up_to_the_whole_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yml"
    path.write_text(SIGNED + "attribution: {position_u: {first: 50 %}}\n")
    with pytest.raises(ConfigurationError, match="weights that add up to 100 %"):
        load_agreement(path)
