"""The published files in an object store: whole versions, switched by one write."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

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
from tests.connectors.object_stores import KINDS, Folder, Store, store_of
from tests.orchestration.nights import PROJECT, build_night, make_company

IN_ONE_STORE = pytest.mark.parametrize("bucket", KINDS[:1], indirect=True, scope="module")
"""For what does not depend on whose store it is."""


@pytest.fixture(scope="module", params=KINDS)
def bucket(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A bucket of each cloud's store."""
    log = tmp_path_factory.mktemp("store") / "log"
    with store_of(request.param, "published", log) as found:
        yield found


@pytest.fixture
def company(tmp_path: Path, bucket: Store, monkeypatch: pytest.MonkeyPatch) -> Company:
    for name, value in bucket.secrets.items():
        monkeypatch.setenv(name, value)
    return _publishing_to(
        make_company(tmp_path), f"{bucket.address}/tables/{tmp_path.name}", bucket
    )


def _publishing_to(company: Company, url: str, bucket: Store) -> Company:
    told = {"personal_data": "clear", "object_store": {"url": url, **bucket.options}}
    return replace(company, publishing=PublishSettings.model_validate(told))


class _Reader:
    """What a reader of the store finds below the company's address."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def pointer(self) -> dict[str, Any]:
        # PyArrow asks for a file's length first, and cuts the end of one that grew since.
        for _ in range(20):
            with suppress(json.JSONDecodeError):
                return dict(json.loads(self.folder.read("current.json")))
        raise AssertionError("current.json is not JSON, however often it is read")

    def versions(self) -> set[str]:
        return {n.split("/")[1] for n in self.folder.names() if n.startswith("versions/")}

    def night(self) -> set[int]:
        """The nights of the rows that a reader finds who follows the pointer."""
        file = self.folder.read(f"{self.pointer()['path']}/parquet/leads/leads.parquet")
        return set(pq.read_table(io.BytesIO(file))["night"].to_pylist())


@pytest.fixture
def store(tmp_path: Path, company: Company, bucket: Store) -> _Reader:
    return _Reader(bucket.below(f"tables/{tmp_path.name}"))


def _night(company: Company, night: int) -> str:
    build_night(company, night)
    version = publish(company, PROJECT, f"night {night}")
    publish_to_object_store(company, lambda _: None)
    return version.version


def test_the_store_has_every_file_of_the_version_and_a_pointer_to_it(
    company: Company, store: _Reader
) -> None:
    version = _night(company, 3)
    folder = current_folder(company)
    for file in (p for p in folder.rglob("*") if p.is_file()):
        assert (
            store.folder.read(f"versions/{version}/{file.relative_to(folder)}") == file.read_bytes()
        )
    assert store.pointer()["version"] == version
    assert store.night() == {3}


@IN_ONE_STORE
def test_a_version_that_is_there_is_not_copied_again(company: Company) -> None:
    _night(company, 1)
    assert publish_to_object_store(company, lambda _: None).files == 0


def test_a_quiet_night_brings_its_catalogue_and_sends_no_table_that_is_there(
    company: Company, store: _Reader
) -> None:
    busy = _night(company, 2)
    quiet = refresh_catalogue(company, PROJECT, "quiet")
    copied = publish_to_object_store(company, lambda _: None)
    assert store.pointer()["version"] == quiet.version
    assert store.night() == {2}
    table = "parquet/leads/leads.parquet"
    same = [store.folder.read(f"versions/{version}/{table}") for version in (busy, quiet.version)]
    assert same[0] == same[1]
    shared = [*(current_folder(company) / "parquet").rglob("*.parquet")]
    shared = [file for file in shared if "catalogue" not in file.name]
    assert copied.reused == len(shared)
    assert copied.files == len(store.folder.names()) - 1 - copied.reused - _files_of(store, busy)


def _files_of(store: _Reader, version: str) -> int:
    return sum(name.startswith(f"versions/{version}/") for name in store.folder.names())


@IN_ONE_STORE
def test_a_table_that_is_gone_from_the_store_is_sent_again(
    company: Company, store: _Reader
) -> None:
    busy = _night(company, 2)
    store.folder.store.delete_file(f"versions/{busy}/parquet/leads/leads.parquet")
    refresh_catalogue(company, PROJECT, "quiet")
    publish_to_object_store(company, lambda _: None)
    assert store.night() == {2}


def test_a_reader_sees_one_night_or_the_other_while_the_pointer_moves(
    company: Company, store: _Reader
) -> None:
    _night(company, 1)
    seen, is_over = set[int](), Event()

    def read() -> None:
        while not is_over.is_set():
            seen.update(store.night())

    with ThreadPoolExecutor(1) as readers:
        reading = readers.submit(read)
        try:
            for night in (2, 1, 2, 1, 2):
                _night(company, night)
        finally:
            is_over.set()
        reading.result()
    assert seen
    assert seen <= {1, 2}
    assert store.night() == {2}


def test_as_many_nights_stay_as_on_disk(company: Company, store: _Reader) -> None:
    made = [_night(company, night) for night in range(1, 5)]
    assert store.versions() == set(made[2:])
    assert store.pointer()["versions"] == made[:1:-1]


@IN_ONE_STORE
def test_a_copy_that_was_cut_off_leaves_readers_what_they_had_and_is_made_whole_by_the_next(
    company: Company, store: _Reader
) -> None:
    _night(company, 1)
    build_night(company, 2)
    cut_off = publish(company, PROJECT, "night 2").version
    store.folder.put(f"versions/{cut_off}/parquet/leads/leads.parquet", b"half a fi")
    assert store.night() == {1}
    publish_to_object_store(company, lambda _: None)
    assert store.night() == {2}


@IN_ONE_STORE
def test_a_version_that_never_arrived_whole_is_not_kept(company: Company, store: _Reader) -> None:
    _night(company, 1)
    build_night(company, 2)
    cut_off = publish(company, PROJECT, "night 2").version
    store.folder.put(f"versions/{cut_off}/parquet/leads/leads.parquet", b"half a fi")
    last = _night(company, 3)
    assert cut_off not in store.versions()
    assert store.pointer()["versions"][0] == last


@IN_ONE_STORE
def test_what_others_keep_there_stays(company: Company, store: _Reader) -> None:
    store.folder.put("versions/of-my-own/notes.txt", b"mine")
    for night in range(1, 4):
        _night(company, night)
    assert store.folder.read("versions/of-my-own/notes.txt") == b"mine"


@IN_ONE_STORE
def test_the_tables_of_another_company_are_not_replaced(company: Company, store: _Reader) -> None:
    store.folder.put("current.json", b'{"company": "globex", "version": "1", "versions": []}')
    with pytest.raises(PermanentError, match="globex"):
        _night(company, 1)
    assert store.folder.names() == ["current.json"]


@IN_ONE_STORE
def test_where_somebody_is_forgotten_only_the_present_version_stays(
    company: Company, store: _Reader
) -> None:
    made = [_night(company, night) for night in (1, 2)]
    assert store.versions() == set(made)
    assert drop_kept_versions(company) == []
    assert store.versions() == {made[1]}
    assert store.night() == {2}


@IN_ONE_STORE
def test_where_somebody_is_forgotten_a_version_from_before_that_readers_see_is_told(
    company: Company, store: _Reader
) -> None:
    before = _night(company, 1)
    build_night(company, 2)
    publish(company, PROJECT, "night 2")
    assert drop_kept_versions(company) == [
        f"version {before} is from before, and is what readers see"
    ]


@IN_ONE_STORE
def test_a_night_copies_there_what_it_published(company: Company, store: _Reader) -> None:
    build_night(company, 4)
    result = dg.materialize(published_assets(company, PROJECT))
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert PUBLISHED_OBJECT_STORE in made
    assert store.night() == {4}


def test_a_bucket_that_is_not_there_is_told_and_the_files_are_published(
    company: Company, bucket: Store
) -> None:
    scheme = bucket.address.partition("://")[0]
    away = _publishing_to(company, f"{scheme}://nowhere/tables", bucket)
    with pytest.raises(ConnectorError, match=f"{scheme}://nowhere/tables"):
        _night(away, 1)
    assert current_folder(away).exists()


@pytest.mark.parametrize(
    "text",
    [
        "object_store: {url: 's3://bucket/tables'}",
        "personal_data: clear\nobject_store: {url: 's3://bucket'}",
        "personal_data: clear\nobject_store: {url: 's3://key:secret@bucket/tables'}",
        "personal_data: clear\nobject_store: {url: 'http://bucket/tables'}",
        "personal_data: clear\nobject_store: {url: 'az://container/tables'}",
        "personal_data: clear\nobject_store: {url: 'gs://bucket/tables', region: eu}",
    ],
)
def test_an_address_that_is_none_or_that_lacks_what_such_a_store_needs_is_refused(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "publish.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="object_store"):
        load_publish_settings(file)
