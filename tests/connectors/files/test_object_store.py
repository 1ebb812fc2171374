"""Exports in an object store are found, read and followed as those in a folder are."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import PermanentError, TransientError
from tests.connectors.files.company import Exports
from tests.connectors.object_store import object_store
from tests.connectors.object_stores import store_of

HEADER = "id,amount,won_on\n"


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
    with object_store("exports") as found:
        yield found


@pytest.fixture
def stored(options: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exports:
    monkeypatch.setenv("ACME_KEY", options["AWS_ACCESS_KEY_ID"])
    monkeypatch.setenv("ACME_SECRET", options["AWS_SECRET_ACCESS_KEY"])
    return Exports(
        tmp_path,
        {
            "location": f"s3://exports/{tmp_path.name}",
            "object_store": {
                "endpoint": options["AWS_ENDPOINT_URL"],
                "region": options["AWS_REGION"],
                "access_key_env": "ACME_KEY",
                "secret_key_env": "ACME_SECRET",
            },
        },
    )


def _put(options: dict[str, str], stored: Exports, name: str, content: str | bytes) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=options["AWS_ENDPOINT_URL"],
        region_name=options["AWS_REGION"],
        aws_access_key_id=options["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=options["AWS_SECRET_ACCESS_KEY"],
    )
    client.put_object(
        Bucket="exports",
        Key=f"{stored.root.name}/{name}",
        Body=content.encode() if isinstance(content, str) else content,
    )


def test_only_what_is_new_or_changed_is_read(options: dict[str, str], stored: Exports) -> None:
    _put(options, stored, "deals_1.csv", HEADER + "a,1,2026-01-01\n")
    assert stored.load(files="deals_*.csv").rows == 1
    assert stored.load(files="deals_*.csv").rows == 0
    _put(options, stored, "deals_2.csv", HEADER + "a,2,2026-01-01\n")
    assert stored.load(files="deals_*.csv").rows == 1
    assert stored.rows("select amount, _origin from newest") == [(2, "deals_2.csv:2")]


def test_a_change_within_the_second_is_seen(options: dict[str, str], stored: Exports) -> None:
    _put(options, stored, "deals.csv", HEADER + "a,1,2026-01-01\n")
    stored.load()
    _put(options, stored, "deals.csv", HEADER + "a,2,2026-01-01\n")
    stored.load()
    assert stored.rows("select amount from newest") == [(2,)]


def test_a_key_that_is_not_set_is_an_error_that_names_its_variable(
    stored: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_SECRET")
    with pytest.raises(PermanentError, match="ACME_SECRET is not set"):
        stored.load()


def test_where_no_file_is_found_the_error_names_the_address(
    options: dict[str, str], stored: Exports
) -> None:
    _put(options, stored, "other.csv", HEADER)
    with pytest.raises(PermanentError, match=r"other\.csv") as raised:
        stored.load()
    assert raised.value.where.startswith("s3://exports/")


def test_a_bucket_that_is_not_there_is_an_error_that_no_retry_cures(stored: Exports) -> None:
    elsewhere = Exports(stored.root, {**stored.source_options, "location": "s3://nowhere/in"})
    with pytest.raises(PermanentError, match="NO_SUCH_BUCKET"):
        elsewhere.load(files="*.csv")


def test_a_store_that_does_not_answer_is_an_error_that_a_retry_may_cure(stored: Exports) -> None:
    away = {**stored.source_options["object_store"], "endpoint": "http://127.0.0.1:9"}
    with pytest.raises(TransientError, match="can't be reached"):
        Exports(stored.root, {**stored.source_options, "object_store": away}).load()


def test_compressed_and_typed_objects_are_read(options: dict[str, str], stored: Exports) -> None:
    _put(options, stored, "deals.csv.gz", gzip.compress((HEADER + "a,1,2026-01-01\n").encode()))
    table = pa.table({"id": ["b"], "amount": [2], "won_on": ["2026-01-01"]})
    held = io.BytesIO()
    pq.write_table(table, held)
    _put(options, stored, "deals.parquet", held.getvalue())
    assert stored.load(files="deals.csv.gz").rows == 1
    assert stored.load(files="deals.parquet").rows == 1
    assert stored.rows("select id, amount from newest order by id") == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("kind", ["gs", "az"])
def test_other_clouds_stores_are_read_by_their_own_interfaces(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_of(kind, "exports", tmp_path / "log") as bucket:
        for name, value in bucket.secrets.items():
            monkeypatch.setenv(name, value)
        there = bucket.below("in")
        there.put("deals_1.csv", f"{HEADER}a,1,2026-01-01\n".encode())
        place = {"location": f"{bucket.address}/in", "object_store": dict(bucket.options)}
        stored = Exports(tmp_path, place)
        assert stored.load(files="deals_*.csv").rows == 1
        assert stored.load(files="deals_*.csv").rows == 0
        there.put("deals_2.csv", f"{HEADER}a,2,2026-01-01\n".encode())
        assert stored.load(files="deals_*.csv").rows == 1
        with pytest.raises(PermanentError, match=r"there is deals_1\.csv"):
            stored.load(files="others.csv")
