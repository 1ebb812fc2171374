"""Rows and their cursor land together or not at all, and no second writer slips in between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import write_deltalake

from connectors.base import RawColumn, RawSchema
from connectors.entities import FieldType
from connectors.errors import CursorLost, LoadConflict, PermanentError, SchemaChanged
from connectors.lake import Lake, open_table, raw_arrow_schema, snapshot
from connectors.load import load_stream
from connectors.sift import Sifted
from connectors.sync_state import Counts
from tests.connectors.streams import NUMBERED, ListStream, NumberedStream, PairsStream

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def rows(lake: Lake, query: str, stream: str = "numbers") -> list[tuple[object, ...]]:
    """The rows of a query over `raw`, the newest version of a raw table."""
    found = snapshot(lake, "source", stream)
    assert found is not None
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        raw = connection.read_parquet(list(found.files), union_by_name=True)
        connection.register("raw", raw)
        return connection.execute(query).fetchall()


def test_a_load_lands_every_record_with_where_it_came_from(lake: Lake) -> None:
    result = load_stream(lake, "source", NumberedStream(5, 2), "run-1")
    assert (result.rows, result.rejected) == (5, 0)
    assert rows(
        lake, "select number, word, _record_id, _seq, _run_id, _deleted from raw order by 1"
    ) == [(n, f"word {n}", str(n), n, "run-1", False) for n in range(5)]


def test_the_next_load_goes_on_from_the_cursor(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(5, 2), "run-1")
    result = load_stream(lake, "source", NumberedStream(8, 2), "run-2")
    assert result.rows == 3
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(8)]


def test_a_load_that_brings_nothing_says_when_the_stream_was_last_read(lake: Lake) -> None:
    first, second = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    load_stream(lake, "source", NumberedStream(5, 5), "run-1", clock=lambda: first)
    load_stream(lake, "source", NumberedStream(5, 5), "run-2", clock=lambda: second)
    found = snapshot(lake, "source", "numbers")
    assert found is not None
    assert (found.rows, found.synced_at, found.loaded_at) == (5, second, first)


def test_loads_bear_rising_times_even_where_the_clock_goes_back(lake: Lake) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    load_stream(lake, "source", NumberedStream(1, 1), "run-1", clock=lambda: noon)
    load_stream(
        lake, "source", NumberedStream(2, 1), "run-2", clock=lambda: noon - timedelta(hours=1)
    )
    assert rows(lake, "select number from raw order by _loaded_at") == [(0,), (1,)]


def test_a_load_never_ends_before_its_last_rows_even_where_the_clock_goes_back(lake: Lake) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    load_stream(lake, "source", NumberedStream(1, 1), "run-1", clock=lambda: noon)
    load_stream(
        lake, "source", NumberedStream(2, 1), "run-2", clock=lambda: noon - timedelta(hours=1)
    )
    found = snapshot(lake, "source", "numbers")
    assert found is not None
    assert found.loaded_at == found.synced_at == noon + timedelta(microseconds=1)


@pytest.mark.parametrize("name", ["a lake", "l'eau", "lake*", "lake{1,2}", "湖"])
def test_a_lake_may_lie_in_a_folder_of_any_ordinary_name(tmp_path: Path, name: str) -> None:
    lake = Lake(str(tmp_path / name))
    load_stream(lake, "source", NumberedStream(3, 1), "run-1")
    assert rows(lake, "select number from raw order by 1") == [(0,), (1,), (2,)]


@pytest.mark.parametrize("name", ["lake?", "lake#1", "[lake]", "50%25"])
def test_a_folder_that_the_library_would_take_for_another_is_refused(name: str) -> None:
    with pytest.raises(PermanentError, match="Move the folder, or name another one"):
        Lake(f"/data/{name}")


def test_a_misfit_lands_in_the_same_commit_with_its_reason(lake: Lake) -> None:
    stream = ListStream(["1", "1.5", "3"], RawColumn("amount", FieldType.INTEGER))
    result = load_stream(lake, "source", stream, "run-1")
    assert (result.rows, result.rejected, result.reasons) == (2, 1, {"out_of_range": 1})
    query = "select _record_id, amount, _reject_reason, _extra from raw where amount is null"
    assert rows(lake, query, "values") == [
        ("1", None, "out_of_range", '{"id": "1", "amount": "1.5"}')
    ]


def test_of_two_runs_at_one_cursor_the_second_is_refused(lake: Lake) -> None:
    first = open_table(lake, "source", "numbers", NUMBERED)
    second = open_table(lake, "source", "numbers", NUMBERED)
    empty = raw_arrow_schema(NUMBERED).empty_table()
    first.append(empty, {"next": 1}, Counts(), NOW)
    with pytest.raises(LoadConflict, match="another run has written"):
        second.append(empty, {"next": 2}, Counts(), NOW)
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 1}


def test_a_run_writes_batch_after_batch_through_the_table_it_opened(lake: Lake) -> None:
    table = open_table(lake, "source", "numbers", NUMBERED)
    for number in range(3):
        table.append(raw_arrow_schema(NUMBERED).empty_table(), {"next": number}, Counts(), NOW)
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 2}


def test_a_table_with_rows_and_no_cursor_is_an_error_and_no_first_sync(lake: Lake) -> None:
    rows_of_another = raw_arrow_schema(NUMBERED).empty_table()
    write_deltalake(lake.address("source", "numbers"), rows_of_another)
    write_deltalake(
        lake.address("source", "numbers"),
        pa.table({"number": [1]}),
        mode="append",
        schema_mode="merge",
    )
    with pytest.raises(CursorLost, match="no longer says up to where"):
        load_stream(lake, "source", NumberedStream(5, 5), "run-1")


def test_a_new_column_is_added_and_a_vanished_one_stays(lake: Lake) -> None:
    load_stream(lake, "source", ListStream(["a"], RawColumn("old", FieldType.TEXT)), "run-1")
    load_stream(lake, "source", ListStream(["b"], RawColumn("new", FieldType.TEXT)), "run-2")
    assert rows(
        lake,
        "select old, new from raw order by _loaded_at",
        "values",
    ) == [("a", None), (None, "b")]


def test_a_column_of_another_type_is_an_error_that_tells_what_to_do(lake: Lake) -> None:
    load_stream(lake, "source", ListStream(["1"], RawColumn("size", FieldType.INTEGER)), "run-1")
    with pytest.raises(SchemaChanged, match=r"size is declared as string.*new name"):
        load_stream(lake, "source", ListStream(["1"], RawColumn("size", FieldType.TEXT)), "run-2")
    assert rows(lake, "select size from raw", "values") == [(1,)]


def test_a_column_without_a_value_lands_in_its_declared_type(lake: Lake) -> None:
    stream = ListStream([None, None], RawColumn("amount", FieldType.DECIMAL))
    load_stream(lake, "source", stream, "run-1")
    found = snapshot(lake, "source", "values")
    assert found is not None
    assert found.schema.field("amount").type == pa.decimal128(18, 6)
    assert rows(lake, "select typeof(amount) from raw limit 1", "values") == [("DECIMAL(18,6)",)]


def test_a_table_that_is_not_there_has_no_snapshot(lake: Lake) -> None:
    assert snapshot(lake, "source", "numbers") is None


def test_an_old_version_stays_readable(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(2, 2), "run-1")
    before = snapshot(lake, "source", "numbers")
    load_stream(lake, "source", NumberedStream(5, 3), "run-2")
    assert before is not None
    again = snapshot(lake, "source", "numbers", before.version)
    assert again is not None
    assert (again.rows, again.files) == (2, before.files)


def test_the_log_keeps_no_extremes_of_personal_columns(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(5, 5), "run-1")
    log = Path(lake.address("source", "numbers")) / "_delta_log"
    assert all("word 4" not in file.read_text() for file in log.glob("*.json"))


SCHEMA_OF_TWO = RawSchema((RawColumn("id", FieldType.TEXT),), ("id",))


def test_the_first_of_two_makers_of_a_table_wins_and_both_can_go_on(lake: Lake) -> None:
    open_table(lake, "source", "numbers", SCHEMA_OF_TWO)
    again = open_table(lake, "source", "numbers", SCHEMA_OF_TWO)
    assert again.state.cursor is None


def test_what_a_parent_read_whole_no_longer_has_is_gone(lake: Lake) -> None:
    before = [("1", "a"), ("1", "b"), ("10", "a"), ("2", "a")]
    load_stream(lake, "source", PairsStream(before, ["1", "10", "2"]), "run-1")
    result = load_stream(lake, "source", PairsStream([("1", "b"), ("1", "c")], ["1", "2"]), "run-2")
    assert result.deleted == 2
    newest = "arg_max(_deleted, (_loaded_at, _seq))"
    assert rows(lake, f"select _record_id, {newest} from raw group by all order by 1", "pairs") == [
        ("10|a", False),
        ("1|a", True),
        ("1|b", False),
        ("1|c", False),
        ("2|a", True),
    ]


def test_a_load_tells_how_many_records_were_announced(lake: Lake) -> None:
    told: list[tuple[int, int | None]] = []
    load_stream(
        lake, "source", NumberedStream(5, 2), "run-1", progress=lambda n, of: told.append((n, of))
    )
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_what_is_sifted_out_is_counted_and_nowhere_written(lake: Lake) -> None:
    def sift(rows: pa.Table) -> Sifted:
        kept = rows.filter(pc.not_equal(rows.column("word"), "word 3"))
        return Sifted(kept, len(rows) - len(kept), 0)

    result = load_stream(lake, "source", NumberedStream(5, 5), "run-1", sift=sift)
    assert (result.rows, result.suppressed) == (4, 1)
    assert rows(lake, "select number from raw order by all") == [(0,), (1,), (2,), (4,)]
    assert load_stream(lake, "source", NumberedStream(5, 5), "run-2").rows == 0
