"""From the lake's versions to one record each: the newest, deletions, rejects, what is known."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

MONDAY = datetime(2026, 3, 2)
MODELS = ("stg_files__persons", "stg_files__rejects", "int_persons_checked", "input_persons")

Version = Mapping[str, Any]


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def at(night: int) -> datetime:
    return MONDAY + timedelta(days=night)


def version(record_id: str, night: int, seq: int = 0, **fields: Any) -> dict[str, Any]:
    """A person's version as bound: its row in the lake is the record itself unless said."""
    return {
        "source": "crm",
        "stream": "people",
        "record_key": record_id,
        "record_id": record_id,
        "_record_id": record_id,
        "_fill": 0,
        "_origin": f"people.csv:{seq}",
        "_seq": seq,
        "_loaded_at": at(night),
        "_deleted": False,
        **fields,
    }


def gone(record_id: str, night: int, seq: int = 0) -> Version:
    """What the lake says when a source has deleted a record: its id alone."""
    return version(record_id, night, seq) | {
        "record_key": None,
        "record_id": None,
        "_deleted": True,
    }


def reject(record_id: str | None, night: int, seq: int = 0, **fields: Any) -> Version:
    return {
        "source": "crm",
        "stream": "people",
        "entity": "persons",
        "source_record_id": record_id,
        "reason": "unparseable",
        "detail": "created_at: 'soon' is no time",
        "origin": f"people.csv:{seq}",
        "seq": seq,
        "loaded_at": at(night),
        **fields,
    }


def build(
    database: Database,
    versions: Sequence[Version],
    rejects: Sequence[Version] = (),
    known_at: datetime = MONDAY + timedelta(days=1000),
) -> None:
    database.fill("bound.clock", [{"as_of": known_at, "known_at": known_at}])
    database.fill("raw_files.persons", versions)
    database.fill("raw_files.rejects", rejects)
    database.build_with_parents(*MODELS)


def names(database: Database) -> dict[str, tuple[str | None, bool]]:
    rows = database.rows("select source_record_id, full_name, is_deleted from {input_persons}")
    return {row["source_record_id"]: (row["full_name"], row["is_deleted"]) for row in rows}


def rejected(database: Database) -> list[tuple[Any, ...]]:
    rows = database.rows(
        "select source_record_id, reason, origin from {stg_files__rejects} order by all"
    )
    return [tuple(row.values()) for row in rows]


def test_the_newest_version_of_a_record_counts(warehouse: Database) -> None:
    build(warehouse, [version("1", 2, full_name="New"), version("1", 1, full_name="Old")])
    assert names(warehouse) == {"1": ("New", False)}


def test_within_one_load_the_later_row_is_the_newer(warehouse: Database) -> None:
    build(
        warehouse,
        [version("1", 1, seq=8, full_name="Later"), version("1", 1, seq=3, full_name="Sooner")],
    )
    assert names(warehouse) == {"1": ("Later", False)}


def test_a_deleted_record_stays_with_its_last_values(warehouse: Database) -> None:
    build(warehouse, [version("1", 1, full_name="Ann"), gone("1", 2)])
    assert names(warehouse) == {"1": ("Ann", True)}


def test_a_record_that_comes_back_is_no_longer_deleted(warehouse: Database) -> None:
    back = version("1", 3, full_name="Anne")
    build(warehouse, [version("1", 1, full_name="Ann"), gone("1", 2), back])
    assert names(warehouse) == {"1": ("Anne", False)}


def test_what_was_loaded_after_known_at_is_not_known(warehouse: Database) -> None:
    versions = [version("1", 1, full_name="Old"), version("1", 3, full_name="New")]
    build(warehouse, versions, [reject("1", 4)], known_at=at(2))
    assert names(warehouse) == {"1": ("Old", False)}
    assert rejected(warehouse) == []


def test_a_rejected_version_takes_its_record_out(warehouse: Database) -> None:
    build(warehouse, [version("1", 1), version("2", 1)], [reject("1", 2, seq=5)])
    assert names(warehouse).keys() == {"2"}
    assert rejected(warehouse) == [("1", "unparseable", "people.csv:5")]


def test_a_newer_version_that_can_be_read_mends_a_rejected_record(warehouse: Database) -> None:
    build(warehouse, [version("1", 3, full_name="Ann")], [reject("1", 2)])
    assert names(warehouse) == {"1": ("Ann", False)}
    assert rejected(warehouse) == []


def test_every_row_without_an_id_is_rejected_by_itself(warehouse: Database) -> None:
    build(warehouse, [], [reject(None, 1, seq=4), reject(None, 1, seq=9), reject(None, 2, seq=2)])
    assert [origin for *_, origin in rejected(warehouse)] == [
        "people.csv:2",
        "people.csv:4",
        "people.csv:9",
    ]


def test_a_row_without_an_id_that_is_read_again_is_rejected_once(warehouse: Database) -> None:
    build(warehouse, [], [reject(None, 1, seq=4), reject(None, 2, seq=4)])
    assert rejected(warehouse) == [(None, "unparseable", "people.csv:4")]


def test_a_row_without_an_id_leaves_quarantine_when_its_line_can_be_read(
    warehouse: Database,
) -> None:
    build(warehouse, [version("1", 2, seq=4)], [reject(None, 1, seq=4)])
    assert rejected(warehouse) == []
    assert names(warehouse).keys() == {"1"}


def test_a_record_that_only_an_older_version_of_its_row_made_is_gone(warehouse: Database) -> None:
    moved = [
        version("old id", 1, _record_id="row"),
        version("new id", 2, _record_id="row"),
    ]
    build(warehouse, moved)
    assert names(warehouse).keys() == {"new id"}


def test_of_two_rows_that_make_one_record_the_one_that_stands_counts(warehouse: Database) -> None:
    build(
        warehouse,
        [
            version("1", 1, stream="leads", full_name="Ann"),
            version("1", 2, stream="people", full_name="Anne"),
            version("1", 3, stream="people", _deleted=True),
        ],
    )
    assert names(warehouse) == {"1": ("Ann", False)}


histories = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(1, 3),
        st.sampled_from(["read", "read", "deleted", "rejected"]),
    ),
    max_size=12,
)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories, known=st.integers(0, 4))
def test_a_history_is_what_it_is_when_it_is_told_in_order(
    warehouse: Database, history: list[tuple[str, int, str]], known: int
) -> None:
    versions: list[Version] = []
    rejects: list[Version] = []
    told: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for seq, (record_id, night, what) in enumerate(history):
        told[night].append((seq, record_id, what))
        if what == "rejected":
            rejects.append(reject(record_id, night, seq))
        elif what == "deleted":
            versions.append(gone(record_id, night, seq))
        else:
            versions.append(version(record_id, night, seq, full_name=str(seq)))
    expected: dict[str, tuple[str | None, bool]] = {}
    last_read: dict[str, str] = {}
    in_quarantine = set()
    for night in range(1, known + 1):
        for seq, record_id, what in told[night]:
            in_quarantine.discard(record_id)
            if what == "read":
                last_read[record_id] = str(seq)
                expected[record_id] = (str(seq), False)
            elif what == "deleted":
                expected.pop(record_id, None)
                if record_id in last_read:
                    expected[record_id] = (last_read[record_id], True)
            else:
                expected.pop(record_id, None)
                in_quarantine.add(record_id)
    build(warehouse, versions, rejects, known_at=at(known))
    assert names(warehouse) == expected
    assert {row[0] for row in rejected(warehouse)} == in_quarantine
