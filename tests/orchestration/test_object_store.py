"""The published files in an object store: whole versions, switched by one write."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pyarrow.parquet as pq
import pytest

from connectors.errors import ConnectorError, PermanentError
from connectors.typed_yaml import ConfigurationError
from orchestration.company import Company
from orchestration.defs.naming import PUBLISHED_OBJECT_STORE
from orchestration.defs.publish.assets import published_assets
from orchestration.publish.object_store import (
    drop_kept_versions,
    publish_to_object_store,
)
from orchestration.publish.publish import publish, refresh_catalogue
from orchestration.publish.versions import current_folder
from orchestration.publish_settings import PublishSettings, load_publish_settings
from tests.connectors.object_store import object_store
from tests.orchestration.nights import PROJECT, build_night, make_company

BUCKET = "published"


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
    with object_store(BUCKET) as found:
        yield found


@pytest.fixture
def company(tmp_path: Path, options: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("ACME_KEY", options["AWS_ACCESS_KEY_ID"])
    monkeypatch.setenv("ACME_SECRET", options["AWS_SECRET_ACCESS_KEY"])
    return _publishing_to(make_company(tmp_path), f"s3://{BUCKET}/{tmp_path.name}", options)


def _publishing_to(company: Company, url: str, options: dict[str, str]) -> Company:
    store = {
        "url": url,
        "endpoint": options["AWS_ENDPOINT_URL"],
        "region": options["AWS_REGION"],
        "access_key_env": "ACME_KEY",
        "secret_key_env": "ACME_SECRET",
    }
    told = {"personal_data": "clear", "object_store": store}
    return replace(company, publishing=PublishSettings.model_validate(told))


class _Store:
    """What a reader of the store finds below the company's address."""

    def __init__(self, company: Company, options: dict[str, str]) -> None:
        settings = company.publishing.object_store
        assert settings is not None
        self._prefix = settings.url.removeprefix(f"s3://{BUCKET}/")
        self.client = boto3.client(
            "s3",
            endpoint_url=options["AWS_ENDPOINT_URL"],
            region_name=options["AWS_REGION"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{self._prefix}/")
        return [o["Key"].removeprefix(f"{self._prefix}/") for o in found.get("Contents", [])]

    def read(self, name: str) -> bytes:
        got = self.client.get_object(Bucket=BUCKET, Key=f"{self._prefix}/{name}")
        return bytes(got["Body"].read())

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"{self._prefix}/{name}", Body=content)

    def pointer(self) -> dict[str, Any]:
        return dict(json.loads(self.read("current.json")))

    def versions(self) -> set[str]:
        return {n.split("/")[1] for n in self.names() if n.startswith("versions/")} - {""}

    def night(self) -> set[int]:
        """The nights of the rows that a reader finds who follows the pointer."""
        file = self.read(f"{self.pointer()['path']}/parquet/leads/leads.parquet")
        return set(pq.read_table(io.BytesIO(file))["night"].to_pylist())


@pytest.fixture
def store(company: Company, options: dict[str, str]) -> _Store:
    return _Store(company, options)


def _night(company: Company, night: int) -> str:
    build_night(company, night)
    version = publish(company, PROJECT, f"night {night}")
    publish_to_object_store(company, lambda _: None)
    return version.version


def test_the_store_has_every_file_of_the_version_and_a_pointer_to_it(
    company: Company, store: _Store
) -> None:
    version = _night(company, 3)
    folder = current_folder(company)
    for file in (p for p in folder.rglob("*") if p.is_file()):
        assert store.read(f"versions/{version}/{file.relative_to(folder)}") == file.read_bytes()
    assert store.pointer()["version"] == version
    assert store.night() == {3}


def test_a_version_that_is_there_is_not_copied_again(company: Company) -> None:
    _night(company, 1)
    assert publish_to_object_store(company, lambda _: None).files == 0


def test_a_quiet_night_brings_its_catalogue(company: Company, store: _Store) -> None:
    _night(company, 2)
    quiet = refresh_catalogue(company, PROJECT, "quiet")
    publish_to_object_store(company, lambda _: None)
    assert store.pointer()["version"] == quiet.version
    assert store.night() == {2}


def test_as_many_nights_stay_as_on_disk(company: Company, store: _Store) -> None:
    made = [_night(company, night) for night in range(1, 5)]
    assert store.versions() == set(made[2:])
    assert store.pointer()["versions"] == made[:1:-1]


def test_a_copy_that_was_cut_off_leaves_readers_what_they_had_and_is_made_whole_by_the_next(
    company: Company, store: _Store
) -> None:
    _night(company, 1)
    build_night(company, 2)
    cut_off = publish(company, PROJECT, "night 2").version
    store.put(f"versions/{cut_off}/parquet/leads/leads.parquet", b"half a fi")
    assert store.night() == {1}
    publish_to_object_store(company, lambda _: None)
    assert store.night() == {2}


def test_a_version_that_never_arrived_whole_is_not_kept(company: Company, store: _Store) -> None:
    _night(company, 1)
    build_night(company, 2)
    cut_off = publish(company, PROJECT, "night 2").version
    store.put(f"versions/{cut_off}/parquet/leads/leads.parquet", b"half a fi")
    last = _night(company, 3)
    assert cut_off not in store.versions()
    assert store.pointer()["versions"][0] == last


def test_what_others_keep_there_stays(company: Company, store: _Store) -> None:
    store.put("versions/of-my-own/notes.txt", b"mine")
    for night in range(1, 4):
        _night(company, night)
    assert store.read("versions/of-my-own/notes.txt") == b"mine"


def test_the_tables_of_another_company_are_not_replaced(company: Company, store: _Store) -> None:
    store.put("current.json", b'{"company": "globex", "version": "1", "versions": []}')
    with pytest.raises(PermanentError, match="globex"):
        _night(company, 1)
    assert store.names() == ["current.json"]


def test_where_somebody_is_forgotten_only_the_present_version_stays(
    company: Company, store: _Store
) -> None:
    made = [_night(company, night) for night in (1, 2)]
    assert store.versions() == set(made)
    assert drop_kept_versions(company) == []
    assert store.versions() == {made[1]}
    assert store.night() == {2}


def test_where_somebody_is_forgotten_a_version_from_before_that_readers_see_is_told(
    company: Company, store: _Store
) -> None:
    before = _night(company, 1)
    build_night(company, 2)
    publish(company, PROJECT, "night 2")
    assert drop_kept_versions(company) == [
        f"version {before} is from before, and is what readers see"
    ]


def test_a_night_copies_there_what_it_published(company: Company, store: _Store) -> None:
    build_night(company, 4)
    result = dg.materialize(published_assets(company, PROJECT))
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert PUBLISHED_OBJECT_STORE in made
    assert store.night() == {4}


def test_a_bucket_that_is_not_there_is_told_and_the_files_are_published(
    company: Company, options: dict[str, str]
) -> None:
    away = _publishing_to(company, "s3://nowhere/tables", options)
    with pytest.raises(ConnectorError, match="s3://nowhere/tables"):
        _night(away, 1)
    assert current_folder(away).exists()


@pytest.mark.parametrize(
    "text",
    [
        "object_store: {url: 's3://bucket/tables'}",
        "personal_data: clear\nobject_store: {url: 's3://bucket'}",
        "personal_data: clear\nobject_store: {url: 's3://key:secret@bucket/tables'}",
        "personal_data: clear\nobject_store: {url: 'http://bucket/tables'}",
    ],
)
def test_an_address_that_is_none_or_without_a_word_on_personal_data_is_refused(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "publish.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="object_store"):
        load_publish_settings(file)
