"""What a source's columns have become, and whether what came is what landed."""

from datetime import datetime

import pytest

from connectors.file_source import FilesSource
from connectors.load import LoadResult
from connectors.sync_state import NEVER_SYNCED, Counts, SyncState
from orchestration.checks.columns import verdict_on_columns
from orchestration.checks.landing import (
    verdict_on_binding,
    verdict_on_landing,
    verdict_on_quarantine,
    verdict_on_unmatched,
)
from orchestration.checks.verdict import Level
from orchestration.warehouse.freshness import BoundSource, StreamState, bound_source
from tests.orchestration.checks.results import with_columns

BEFORE = {"id": "number", "amount": "number", "Note": "string"}
DECLARED = ("id", "amount")
LEADS = {"name": "leads", "files": "leads.csv", "key": "lead", "columns": {"lead": "text"}}


def _result(rows: int = 0, rejected: int = 0, before: SyncState = NEVER_SYNCED) -> LoadResult:
    reasons = {"unparseable": rejected} if rejected else {}
    return LoadResult("crm", "deals", rows, rejected, 0, 0, reasons, 1, 0.1, before=before)


@pytest.mark.parametrize(
    ("now", "level", "told"),
    [
        (BEFORE, Level.GOOD, "The same 3 columns."),
        (
            BEFORE | {"Region": "string"},
            Level.WORTH_A_LOOK,
            "Region (string) is new; its values land in _extra.",
        ),
        (
            {"id": "number", "amount": "number"},
            Level.WORTH_A_LOOK,
            "Note is gone; nothing is made of it.",
        ),
        (
            {"id": "number", "Note": "string"},
            Level.WRONG,
            "amount is gone; newer records have nothing in its place.",
        ),
        (
            BEFORE | {"amount": "string"},
            Level.WRONG,
            "amount was number and is string; 7 records whose value no longer fits are in "
            "quarantine.",
        ),
        (
            BEFORE | {"id": "string"},
            Level.WRONG,
            "id was number and is string; every value that came still fits the column in the lake.",
        ),
    ],
)
def test_what_came_went_and_changed_is_told_with_what_became_of_it(
    now: dict[str, str], level: Level, told: str
) -> None:
    found = verdict_on_columns(with_columns(_result(), BEFORE, now, {"amount": 7}), DECLARED)
    assert (found.level, found.told) == (level, told)


def test_columns_that_are_seen_for_the_first_time_are_no_change() -> None:
    found = verdict_on_columns(with_columns(_result(), None, BEFORE, {}), DECLARED)
    assert found.level is Level.GOOD


def test_a_source_that_does_not_tell_its_columns_is_not_judged() -> None:
    assert verdict_on_columns(_result(), DECLARED).level is Level.GOOD


def test_what_landed_is_what_the_lake_holds_with_what_a_cut_off_load_left() -> None:
    before = SyncState(None, 3, None, None, unfinished=Counts(rows=2))
    result = _result(rows=5, rejected=1, before=before)
    assert verdict_on_landing(result, 8).level is Level.GOOD
    found = verdict_on_landing(result, 7)
    assert found.level is Level.WRONG
    assert found.told.startswith("8 rows landed, and the lake's files hold 7 of them.")


@pytest.mark.parametrize(
    ("rows", "rejected", "level"),
    [
        (990, 10, Level.GOOD),
        (989, 11, Level.WORTH_A_LOOK),
        (0, 0, Level.GOOD),
        (2, 1, Level.GOOD),
    ],
)
def test_more_of_a_load_in_quarantine_than_usual_is_worth_a_look(
    rows: int, rejected: int, level: Level
) -> None:
    assert verdict_on_quarantine(_result(rows, rejected), at_most=0.01, few=10).level is level


def _bound(rows: int, in_lake: int | None) -> BoundSource:
    loaded = datetime(2026, 3, 2, 6)
    stream = StreamState("leads", True, 4, rows, 1, loaded, loaded, loaded, None, in_lake)
    source = FilesSource.model_validate({"name": "crm", "kind": "files", "streams": [LEADS]})
    return bound_source(source, [stream], None, False)


@pytest.mark.parametrize(
    ("in_lake", "level"), [(10, Level.GOOD), (None, Level.GOOD), (12, Level.WRONG)]
)
def test_a_night_is_bound_to_every_row_of_the_lake(in_lake: int | None, level: Level) -> None:
    found = verdict_on_binding([_bound(9, in_lake)])
    assert found.level is level
    if level is Level.WRONG:
        assert found.told == "crm.leads: 10 rows, where the lake's log tells of 12."


@pytest.mark.parametrize(
    ("unmatched", "level"), [({}, Level.GOOD), ({"no_subject": 5}, Level.GOOD)]
)
def test_some_touches_belong_to_no_journey(unmatched: dict[str, int], level: Level) -> None:
    assert verdict_on_unmatched(100, unmatched, at_most=0.05).level is level


def test_more_touches_of_no_journey_than_usual_are_worth_a_look_with_the_reasons() -> None:
    found = verdict_on_unmatched(100, {"no_subject": 2, "unknown_person": 4}, at_most=0.05)
    assert found.level is Level.WORTH_A_LOOK
    assert found.told.startswith(
        "6 of 100 touches (6.0%) belong to no journey: 2 no_subject, 4 unknown_person"
    )


def test_without_touches_nothing_is_unmatched() -> None:
    assert verdict_on_unmatched(0, {}, at_most=0.05).level is Level.GOOD
