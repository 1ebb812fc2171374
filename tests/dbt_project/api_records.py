"""Versions of records as a source behind an API binds them, for tests of what dbt makes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project.compiled import Database

MONDAY = datetime(2026, 3, 2)
LOADED_AT = MONDAY + timedelta(days=100)


def day(number: int) -> datetime:
    """Midnight, UTC, so many days after the first Monday."""
    return MONDAY + timedelta(days=number)


def version(
    source: str, record_id: str, seq: int = 0, loaded_at: datetime = LOADED_AT, **fields: Any
) -> dict[str, Any]:
    """A version of a record that was read."""
    return {
        "source": source,
        "_record_id": record_id,
        "_seq": seq,
        "_origin": f"page:{seq}",
        "_loaded_at": loaded_at,
        "_deleted": False,
        **fields,
    }


def gone(source: str, record_id: str, loaded_at: datetime) -> dict[str, Any]:
    """What the lake says when a source tells that a record is deleted, and nothing else."""
    return version(source, record_id, loaded_at=loaded_at) | {"_origin": None, "_deleted": True}


def open_warehouse(database: Database) -> None:
    """Set both clocks of an empty warehouse long after all that these tests load."""
    known_at = LOADED_AT + timedelta(days=1000)
    database.fill("bound.clock", [{"as_of": known_at, "known_at": known_at}])


def given(database: Database, kind: str, **streams: Sequence[Mapping[str, Any]]) -> None:
    """Let the streams of a kind of source hold these rows, and all its others none."""
    for name, relation in database.project.relations.items():
        if relation.sql is None and name.startswith(f"bound_{kind}."):
            rows = streams.get(name.split(".")[1], ())
            # What was empty and stays so needs no new models on it: that is most of the time.
            if rows or database.rows(f"select 1 as one from {relation.address} limit 1"):
                database.fill(name, rows)


def stage_words(database: Database, vocabularies: Mapping[str, Mapping[str, str]]) -> None:
    """Let the agreement map these words, vocabulary by vocabulary, to stages."""
    database.fill(
        "agreement.stage_words",
        [
            {"vocabulary": vocabulary, "word": word, "stage": stage}
            for vocabulary, words in vocabularies.items()
            for word, stage in words.items()
        ],
    )


def exits(database: Database) -> None:
    """Let the agreement have the ladder's exits, and the stages that are none."""
    stages = {"lead": False, "mql": False, "sql": False, "opportunity": False, "won": False}
    stages |= {"lost": True, "disqualified": True, "recycled": True}
    database.fill(
        "agreement.stages",
        [
            {"stage": stage, "stage_order": order, "is_exit": is_exit}
            for order, (stage, is_exit) in enumerate(stages.items())
        ],
    )


def table(database: Database, model: str, columns: str, order_by: str = "all") -> list[Any]:
    """Build a model with all that it stands on; its rows as tuples of these columns."""
    database.build_with_parents(model)
    rows = database.rows(f"select {columns} from {{{model}}} order by {order_by}")
    return [tuple(row.values()) for row in rows]


def prospects(database: Database) -> set[frozenset[str]]:
    """Which records of persons the identity rules hold for one prospect, by their ids."""
    database.build_with_parents("int_person_link")
    groups: dict[str, set[str]] = {}
    for row in database.rows("select prospect_id, source_record_id from {int_person_link}"):
        groups.setdefault(row["prospect_id"], set()).add(row["source_record_id"])
    return {frozenset(group) for group in groups.values()}
