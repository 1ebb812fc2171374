"""How a stream's columns come out as the fields of the input layer's entities."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Reject
from orchestration.company import Company
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from tests.orchestration.lakes import Row, load, write_company

AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: USD
stages:
  - {key: opportunity%s}
  - {key: won}
"""
SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    streams:
      - name: deals
        files: deals.csv
        key: id
        time_zone: %s
        columns: {%s}
        fills:
%s
"""
MONDAY = datetime(2026, 3, 2, 6)
TUESDAY = MONDAY + timedelta(days=1)


def _company(folder: Path, columns: str, *fills: str, zone: str = "UTC") -> Company:
    listed = "\n".join(f"          - {fill}" for fill in fills)
    # The agreement may name only words of columns that fill a stage.
    means = ", means: {crm.deals.phase: [Open]}" if "stage: phase" in listed else ""
    return write_company(folder, SOURCES % (zone, columns, listed), AGREEMENT % means)


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    bind(company, now=TUESDAY)
    with open_warehouse(company.warehouse) as connection:
        return connection.execute(query).fetchall()


def _deals(
    folder: Path, columns: str, values: str, rows: Sequence[Row], query: str, *, zone: str = "UTC"
) -> list[tuple[Any, ...]]:
    """What `query` says of `raw_files.deals`, whose fields are filled by `values`."""
    fill = f"{{entity: deals, values: {{record_id: id{values and ', ' + values}}}}}"
    company = _company(folder, f"id: text, {columns}", fill, zone=zone)
    load(company, "crm", "deals", rows, MONDAY)
    return _rows(company, f"select {query} from raw_files.deals order by _seq")


def test_a_field_that_nothing_fills_is_null(tmp_path: Path) -> None:
    found = _deals(
        tmp_path, "n: text", "", [{"id": "D1"}], "amount, stage, stage_vocabulary, created_at"
    )
    assert found == [(None, None, None, None)]


def test_the_first_present_column_fills_a_field(tmp_path: Path) -> None:
    rows = [{"id": "1", "a": "x", "b": "y"}, {"id": "2", "b": "y"}, {"id": "3"}]
    assert _deals(tmp_path, "a: text, b: text", "name: {first_of: [a, b]}", rows, "name") == [
        ("x",),
        ("y",),
        (None,),
    ]


def test_columns_are_joined_and_absent_where_one_of_them_is(tmp_path: Path) -> None:
    rows = [{"id": "1", "a": "x", "n": "7"}, {"id": "2", "a": "x"}]
    values = "name: {join: [a, n], with: \" 'n' \"}"
    assert _deals(tmp_path, "a: text, n: integer", values, rows, "name") == [("x 'n' 7",), (None,)]


def test_words_are_renamed_and_those_not_listed_stay(tmp_path: Path) -> None:
    rows = [{"id": str(n), "a": word} for n, word in enumerate(["GTXPro", "it's", "MG", None])]
    values = 'name: {column: a, words: {GTXPro: GTX Pro, "it\'s": "\'; drop table x; --"}}'
    assert _deals(tmp_path, "a: text", values, rows, "name") == [
        ("GTX Pro",),
        ("'; drop table x; --",),
        ("MG",),
        (None,),
    ]


def test_a_word_says_of_which_vocabulary_it_is(tmp_path: Path) -> None:
    rows = [{"id": "1", "phase": "Won't say"}, {"id": "2"}]
    found = _deals(tmp_path, "phase: text", "stage: phase", rows, "stage, stage_vocabulary")
    assert found == [("Won't say", "crm.deals.phase"), (None, None)]


def test_a_constant_stage_is_one_of_the_funnels_own(tmp_path: Path) -> None:
    found = _deals(
        tmp_path, "n: text", "stage: {constant: won}", [{"id": "1"}], "stage, stage_vocabulary"
    )
    assert found == [("won", "tandem")]


def test_constants_fill_fields_of_every_type(tmp_path: Path) -> None:
    values = (
        "name: {constant: \"it's\"}, amount: {constant: '0.000001'}, "
        "expected_close_on: {constant: 2026-01-31}, "
        "created_at: {constant: 2026-01-31T12:00:00+02:00}"
    )
    found = _deals(
        tmp_path, "n: text", values, [{"id": "1"}], "name, amount, expected_close_on, created_at"
    )
    assert found == [
        ("it's", Decimal("0.000001"), datetime(2026, 1, 31).date(), datetime(2026, 1, 31, 10))
    ]


def test_an_integer_fills_a_text_as_it_is_written(tmp_path: Path) -> None:
    assert _deals(tmp_path, "n: integer", "owner: n", [{"id": "1", "n": "7"}], "owner") == [("7",)]


# Midnight in New York before and after its clocks go forward, on the 8th of March; in São Paulo the
# clocks skipped midnight on the 15th of October 2017, so that day began at one o'clock there.
@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("UTC", "2026-03-08", datetime(2026, 3, 8)),
        ("America/New_York", "2026-03-08", datetime(2026, 3, 8, 5)),
        ("America/New_York", "2026-03-09", datetime(2026, 3, 9, 4)),
        ("Asia/Kolkata", "2026-03-08", datetime(2026, 3, 7, 18, 30)),
        ("America/Sao_Paulo", "2017-10-15", datetime(2017, 10, 15, 3)),
    ],
)
def test_a_day_is_its_midnight_in_the_zone_of_the_stream(
    tmp_path: Path, zone: str, day: str, instant: datetime
) -> None:
    values = f"created_at: day, closed_at: {{constant: {day}}}, expected_close_on: day"
    query = "created_at, closed_at, expected_close_on"
    found = _deals(tmp_path, "day: date", values, [{"id": "1", "day": day}], query, zone=zone)
    assert found == [(instant, instant, datetime.fromisoformat(day).date())]


def test_the_first_of_a_time_and_a_day_is_each_in_its_own_zone(tmp_path: Path) -> None:
    rows = [{"id": "1", "day": "2026-03-08"}, {"id": "2", "at": "2026-03-08T01:00:00Z"}]
    values = "created_at: {first_of: [at, day]}"
    found = _deals(
        tmp_path, "at: timestamp, day: date", values, rows, "created_at", zone="America/New_York"
    )
    assert found == [(datetime(2026, 3, 8, 5),), (datetime(2026, 3, 8, 1),)]


def test_amounts_are_exact(tmp_path: Path) -> None:
    amounts = ["0.1", "999999999999.999999", "-999999999999.999999", "0.000001"]
    rows = [{"id": str(n), "amount": amount} for n, amount in enumerate(amounts)]
    found = _deals(tmp_path, "amount: decimal", "amount: amount", rows, "amount")
    assert found == [(Decimal(amount),) for amount in amounts]


def test_a_rate_keeps_twelve_digits(tmp_path: Path) -> None:
    company = _company(
        tmp_path,
        "id: text, day: date, rate: {type: decimal, precision: 28, scale: 12}",
        "{entity: exchange_rates, values: {day: day, currency: id, rate: rate}}",
    )
    row = {"id": "JPY", "day": "2026-01-31", "rate": "0.006412345678"}
    load(company, "crm", "deals", [row], MONDAY)
    query = "select rate, record_key from raw_files.exchange_rates"
    assert _rows(company, query) == [(Decimal("0.006412345678"), "2026-01-31|JPY")]


@pytest.mark.parametrize("kind", ["integer", "{type: decimal, precision: 30, scale: 2}"])
def test_a_number_too_large_for_its_field_is_rejected(tmp_path: Path, kind: str) -> None:
    company = _company(
        tmp_path,
        f"id: text, n: {kind}",
        "{entity: deals, values: {record_id: id, amount: {first_of: [n]}}}",
        "{entity: persons, values: {record_id: id}}",
    )
    numbers = ["999999999999", "1000000000000", "-1000000000000", None]
    rows = [{"id": f"D{n}", "n": number} for n, number in enumerate(numbers)]
    load(company, "crm", "deals", rows, MONDAY)
    assert _rows(company, "select record_id, amount from raw_files.deals order by 1") == [
        ("D0", Decimal(999999999999)),
        ("D3", None),
    ]
    detail = "n: more than 12 digits before the point, too many for amount"
    assert _rows(
        company,
        "select entity, source_record_id, reason, detail, seq from raw_files.rejects order by 2",
    ) == [("deals", "D1", "out_of_range", detail, 1), ("deals", "D2", "out_of_range", detail, 2)]
    assert _rows(company, "select count(*) from raw_files.persons") == [(4,)]


def test_a_row_that_a_fill_passes_over_is_there_as_deleted(tmp_path: Path) -> None:
    company = _company(
        tmp_path,
        "id: text, phase: text, big: boolean, n: integer",
        '{entity: deals, values: {record_id: id}, where: {phase: [Open, "Won\'t say"]}}',
        "{entity: persons, values: {record_id: id}, where: {phase: absent, big: true}}",
        "{entity: accounts, values: {record_id: id}, where: {n: 7}}",
    )
    rows = [
        {"id": "1", "phase": "Open", "big": "true", "n": "7"},
        {"id": "2", "phase": "Won't say", "n": "70"},
        {"id": "3", "phase": "Lost"},
        {"id": "4", "big": "true"},
        {"id": "5", "big": "false"},
    ]
    load(company, "crm", "deals", rows, MONDAY)
    for entity, kept in (("deals", ["1", "2"]), ("persons", ["4"]), ("accounts", ["1"])):
        assert _rows(company, f"select record_id, _deleted from raw_files.{entity} order by 1") == [
            (row["id"], row["id"] not in kept) for row in rows
        ]


def test_a_deletion_is_a_version_whatever_the_fill_asks_for(tmp_path: Path) -> None:
    company = _company(
        tmp_path,
        "id: text, phase: text, day: date",
        "{entity: deals, values: {record_id: id}, where: {phase: present}}",
        "{entity: stage_changes, values: {subject_kind: {constant: deal}, subject: id,"
        " stage: {constant: won}, changed_at: day}}",
    )
    row = {"id": "D1", "phase": "Open", "day": "2026-01-31"}
    load(company, "crm", "deals", [row], MONDAY)
    gone = {"id": "D1", "_record_id": "D1", "_deleted": True}
    load(company, "crm", "deals", [gone], TUESDAY)
    query = "select record_key, _record_id, _deleted from raw_files.{} order by _loaded_at"
    assert _rows(company, query.format("deals")) == [("D1", "D1", False), ("D1", "D1", True)]
    assert _rows(company, query.format("stage_changes")) == [
        ("deal|D1|won|2026-01-31 00:00:00", "D1", False),
        # Without its day it can't say which change it was; the row of the lake tells.
        (None, "D1", True),
    ]


def test_each_fill_of_a_stream_has_its_number(tmp_path: Path) -> None:
    change = (
        "{entity: stage_changes, values: {subject_kind: {constant: deal}, subject: id,"
        " stage: {constant: %s}, changed_at: day}}"
    )
    company = _company(
        tmp_path,
        "id: text, day: date",
        "{entity: deals, values: {record_id: id}}",
        change % "opportunity",
        change % "won",
    )
    load(company, "crm", "deals", [{"id": "D1", "day": "2026-01-31"}], MONDAY)
    query = "select _fill, stage from raw_files.stage_changes order by 1"
    assert _rows(company, query) == [(1, "opportunity"), (2, "won")]


def test_an_absent_part_of_a_key_is_empty_text(tmp_path: Path) -> None:
    company = _company(
        tmp_path,
        "id: text, day: date, channel: text, cost: decimal",
        "{entity: spend, values: {day: day, channel: channel, campaign: id, amount: cost}}",
    )
    rows = [
        {"id": "C1", "day": "2026-01-31", "channel": "web", "cost": "1"},
        {"id": "C2", "day": "2026-01-31", "cost": "1"},
        {"id": "C3", "channel": "web", "cost": "1"},
    ]
    load(company, "crm", "deals", rows, MONDAY)
    assert _rows(company, "select record_key from raw_files.spend order by _seq") == [
        ("2026-01-31|web|C1",),
        ("2026-01-31||C2",),
        (None,),
    ]


def test_rejects_of_a_stream_that_fills_nothing_are_in_its_own_view(tmp_path: Path) -> None:
    sources = SOURCES % ("UTC", "id: text", "")
    company = write_company(tmp_path, re.sub(r" +fills:\s*$", "", sources), AGREEMENT % "")
    reject = Reject("D1", "deals.csv:2", "ragged_row", "5 values for 4 columns", '["D1"]')
    load(company, "crm", "deals", [], MONDAY, rejects=[reject])
    assert _rows(company, "select count(*) from raw_files.rejects") == [(0,)]
    query = "select _record_id, _reject_reason, _reject_detail, _extra from raw_crm.deals"
    assert _rows(company, query) == [("D1", "ragged_row", "5 values for 4 columns", '["D1"]')]
    assert _rows(company, "select rejected from bound.sources") == [(1,)]
