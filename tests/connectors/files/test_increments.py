"""Only what is new or changed is read, and the newest version of a record stays the newest."""

import os

import pytest

from connectors.errors import PermanentError, SchemaChanged, TransientError
from connectors.files import locate, rows
from connectors.load import load_stream
from tests.connectors.files.company import Exports

HEADER = "id,amount,won_on\n"


def test_a_second_load_without_changes_brings_nothing(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    assert exports.load().rows == 1
    assert exports.load().rows == 0


def test_a_changed_row_gives_a_new_version_of_its_record(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load()
    exports.write("deals.csv", HEADER + "a,2,2026-01-01\n")
    exports.load()
    assert exports.rows("select id, amount from raw order by _loaded_at") == [("a", 1), ("a", 2)]
    assert exports.rows("select id, amount from newest") == [("a", 2)]


def test_a_file_that_was_touched_but_not_changed_is_not_read_again(exports: Exports) -> None:
    path = exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load()
    os.utime(path, (1, 1))
    assert exports.load().rows == 0


def test_a_change_that_keeps_size_and_time_is_seen_where_the_file_was_fresh(
    exports: Exports,
) -> None:
    path = exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    times = path.stat()
    exports.load()
    exports.write("deals.csv", HEADER + "a,2,2026-01-01\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    exports.load()
    assert exports.rows("select amount from newest") == [(2,)]


def test_a_new_file_of_a_glob_is_read_and_the_old_ones_are_not(exports: Exports) -> None:
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\n")
    exports.load(files="deals_*.csv")
    exports.write("deals_2.csv", HEADER + "b,2,2026-01-01\n")
    assert exports.load(files="deals_*.csv").rows == 1
    assert exports.rows("select id from newest order by id") == [("a",), ("b",)]


def test_a_correction_of_an_earlier_file_does_not_undo_what_a_later_one_says(
    exports: Exports,
) -> None:
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\nb,1,2026-01-01\n")
    exports.write("deals_2.csv", HEADER + "a,2,2026-01-01\n")
    exports.load(files="deals_*.csv")
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\nb,9,2026-01-01\n")
    exports.load(files="deals_*.csv")
    assert exports.rows("select id, amount from newest order by id") == [("a", 2), ("b", 9)]


def test_files_can_be_ordered_by_when_they_were_modified(exports: Exports) -> None:
    late = exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\n")
    early = exports.write("deals_2.csv", HEADER + "a,2,2026-01-01\n")
    os.utime(early, (1000, 1000))
    os.utime(late, (2000, 2000))
    exports.load(files="deals_*.csv", order="modified")
    assert exports.rows("select amount from newest") == [(1,)]


def test_a_file_that_vanished_deletes_nothing(exports: Exports) -> None:
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\n")
    exports.write("deals_2.csv", HEADER + "b,2,2026-01-01\n")
    exports.load(files="deals_*.csv")
    (exports.root / "exports" / "deals_1.csv").unlink()
    result = exports.load(files="deals_*.csv")
    assert (result.rows, result.deleted) == (0, 0)


def test_a_record_that_a_full_export_lacks_is_deleted(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\nb,2,2026-01-01\n")
    exports.load(full_export=True)
    exports.write("deals.csv", HEADER + "b,2,2026-01-01\n")
    assert exports.load(full_export=True).deleted == 1
    found = exports.rows("select _record_id, _deleted from newest order by 1")
    assert found == [("a", True), ("b", False)]


def test_a_deleted_record_that_comes_back_is_there_again(exports: Exports) -> None:
    for content in ("a,1,2026-01-01\nb,2,2026-01-01\n", "b,2,2026-01-01\n", "a,3,2026-01-01\n"):
        exports.write("deals.csv", HEADER + content)
        exports.load(full_export=True)
    found = exports.rows("select _record_id, amount, _deleted from newest order by 1")
    assert found == [("a", 3, False), ("b", None, True)]


def test_of_full_exports_the_newest_counts_alone(exports: Exports) -> None:
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\nb,2,2026-01-01\n")
    exports.load(files="deals_*.csv", full_export="newest")
    exports.write("deals_2.csv", HEADER + "b,2,2026-01-01\n")
    assert exports.load(files="deals_*.csv", full_export="newest").deleted == 1


def test_files_that_are_complete_together_delete_what_none_of_them_has(exports: Exports) -> None:
    exports.write("east.csv", HEADER + "a,1,2026-01-01\nb,2,2026-01-01\n")
    exports.write("west.csv", HEADER + "c,3,2026-01-01\n")
    options = {"files": "*.csv", "full_export": "together"}
    assert exports.load(**options).rows == 3
    exports.write("east.csv", HEADER + "b,2,2026-01-01\n")
    exports.load(**options)
    assert exports.rows("select _record_id from newest where _deleted") == [("a",)]


def test_a_full_export_without_records_is_refused_rather_than_believed(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load(full_export=True)
    exports.write("deals.csv", HEADER)
    with pytest.raises(PermanentError, match="all would be deleted"):
        exports.load(full_export=True)
    assert exports.rows("select _record_id from newest where not _deleted") == [("a",)]


def test_a_record_whose_row_is_rejected_is_not_taken_for_gone(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\nb,2,2026-01-01\n")
    exports.load(full_export=True)
    exports.write("deals.csv", HEADER + "a,much,2026-01-01\nb,2,2026-01-01\n")
    result = exports.load(full_export=True)
    assert (result.rejected, result.deleted) == (1, 0)


def test_where_a_row_does_not_tell_its_record_nothing_is_taken_for_gone(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\nb,2,2026-01-01\n")
    exports.load(full_export=True)
    exports.write("deals.csv", HEADER + "a,1\nb,3,2026-01-01\n")
    with pytest.raises(PermanentError, match="1 records are no longer in the export, and 1 of its"):
        exports.load(full_export=True)
    found = exports.rows("select _record_id, amount, _deleted from newest order by 1")
    assert found == [("a", 1, False), ("b", 3, False)]


def test_a_broken_row_of_a_new_record_does_not_hold_a_full_export_up(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load(full_export=True)
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\nb,2\n")
    assert exports.load(full_export=True).reasons == {"ragged_row": 1}


def test_an_older_export_does_not_undo_the_newest_one_when_that_is_gone(exports: Exports) -> None:
    options = {"files": "deals_*.csv", "full_export": "newest"}
    exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\n")
    newest = exports.write("deals_2.csv", HEADER + "a,2,2026-01-01\nb,2,2026-01-01\n")
    exports.load(**options)
    newest.unlink()
    with pytest.raises(PermanentError, match=r"deals_2\.csv, is gone"):
        exports.load(**options)
    exports.write("deals_3.csv", HEADER + "a,3,2026-01-01\nb,2,2026-01-01\n")
    exports.load(**options)
    assert exports.rows("select id, amount from newest order by id") == [("a", 3), ("b", 2)]


def test_a_full_export_under_another_name_is_the_same_export(exports: Exports) -> None:
    options = {"files": "deals_*.csv", "full_export": "newest"}
    path = exports.write("deals_2.csv", HEADER + "a,1,2026-01-01\n")
    exports.load(**options)
    path.rename(path.with_name("deals_1.csv"))
    assert exports.load(**options).rows == 0


def test_numbers_in_names_are_compared_as_numbers(exports: Exports) -> None:
    exports.write("deals_10.csv", HEADER + "a,10,2026-01-01\n")
    exports.write("deals_9.csv", HEADER + "a,9,2026-01-01\n")
    exports.load(files="deals_*.csv")
    assert exports.rows("select amount from newest") == [(10,)]


def test_where_every_file_of_a_glob_is_gone_the_load_fails(exports: Exports) -> None:
    path = exports.write("deals_1.csv", HEADER + "a,1,2026-01-01\n")
    exports.load(files="deals_*.csv")
    path.unlink()
    with pytest.raises(PermanentError, match=r"there is no file for `deals_\*\.csv`"):
        exports.load(files="deals_*.csv")


def test_a_file_that_has_settled_is_looked_into_once_more_and_then_no_longer(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load()
    os.utime(path, (1000, 1000))
    exports.load()
    looked_into: list[str] = []
    monkeypatch.setattr(locate, "fingerprint", lambda _, file: looked_into.append(file.name))
    exports.load()
    assert looked_into == []


def test_another_declaration_reads_the_files_again(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    columns = {"id": "text", "amount": "decimal"}
    exports.load(columns=columns)
    assert exports.rows("select _extra from newest") == [('{"won_on": "2026-01-01"}',)]
    assert exports.load().rows == 1
    assert exports.rows("select cast(won_on as text) from newest") == [("2026-01-01",)]


def test_a_column_that_changes_its_type_is_refused(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,2026-01-01\n")
    exports.load()
    with pytest.raises(SchemaChanged, match="amount"):
        exports.load(columns={"id": "text", "amount": "text", "won_on": "date"})


def test_a_load_that_was_cut_off_goes_on_in_the_middle_of_the_file(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 10)
    lines = "".join(f"{n},{n},2026-01-01\n" for n in range(35))
    exports.write("deals.csv", HEADER + lines)
    [stream] = exports.connector().streams()
    landed: list[int] = []

    def stop_after_two(count: int, _: int | None) -> None:
        landed.append(count)
        if len(landed) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_stream(exports.lake, "crm", stream, "run-1", progress=stop_after_two)
    assert exports.load().rows == 15
    assert exports.rows("select count(*), count(distinct id) from raw") == [(35, 35)]


def test_a_file_that_changes_while_it_is_read_ends_the_load(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 10)
    lines = HEADER + "".join(f"{n},{n},2026-01-01\n" for n in range(35))
    path = exports.write("deals.csv", lines)
    [stream] = exports.connector().streams()

    def write_to_it(_: int, __: int | None) -> None:
        path.write_text(lines + "z,1,2026-01-01\n")

    with pytest.raises(TransientError, match="changed while it was read"):
        load_stream(exports.lake, "crm", stream, "run-1", progress=write_to_it)
    exports.load()
    assert exports.rows("select count(distinct id) from newest") == [(36,)]
