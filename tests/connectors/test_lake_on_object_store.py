"""The lake on an object store: the same rows, the same cursor, one of two writers refused."""

from collections.abc import Iterator

import pytest
from deltalake import DeltaTable

from connectors.errors import LoadConflict
from connectors.lake import Lake, open_table, snapshot
from connectors.lake_maintenance import maintain
from connectors.load import load_stream
from tests.connectors.object_store import object_store
from tests.connectors.streams import NUMBERED, NumberedStream


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
    with object_store("lake") as found:
        yield found


@pytest.fixture
def lake(options: dict[str, str], request: pytest.FixtureRequest) -> Lake:
    return Lake(f"s3://lake/{request.node.name}", options)


def _numbers(lake: Lake) -> list[int]:
    table = DeltaTable(lake.address("source", "numbers"), storage_options=lake.storage_options)
    return sorted(table.to_pyarrow_dataset().to_table(columns=["number"])["number"].to_pylist())


def test_a_load_goes_on_where_the_last_one_ended(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(10, 5), "run-1")
    assert load_stream(lake, "source", NumberedStream(15, 5), "run-2").rows == 5
    assert _numbers(lake) == list(range(15))


def test_of_two_loads_at_one_cursor_the_second_is_refused(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(10, 10), "run-1")
    late = open_table(lake, "source", "numbers", NUMBERED)
    load_stream(lake, "source", NumberedStream(20, 10), "run-2")
    with pytest.raises(LoadConflict):
        late.commit_anew()
    assert _numbers(lake) == list(range(20))


def test_maintenance_compacts_and_keeps_the_cursor(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    result = maintain(lake, "source", "numbers")
    assert result is not None
    assert (result.files_before, result.files_after) == (4, 1)
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 20}


def test_a_snapshot_names_its_files_by_their_urls(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(10, 5), "run-1")
    found = snapshot(lake, "source", "numbers")
    assert found is not None
    assert len(found.files) == 2
    assert all(file.startswith(lake.root) for file in found.files)


def test_a_table_that_is_not_there_has_no_snapshot(lake: Lake) -> None:
    assert snapshot(lake, "source", "numbers") is None
