"""Somebody is forgotten in a lake that is on an object store, and in what is published to one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from connectors.suppression import Identity, Suppression
from orchestration.company import Company
from orchestration.erasure.forget import Hooks, forget
from orchestration.erasure.traces import search
from orchestration.publish.object_store import publish_to_object_store
from orchestration.publish.publish import publish
from orchestration.publish_settings import PublishSettings
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from tests.connectors.object_store import object_store
from tests.connectors.object_stores import KINDS, Folder, store_of
from tests.orchestration.erasing import ANNA, a_company, forget_now, lake_rows
from tests.orchestration.nights import PROJECT, build_night, make_company


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
    with object_store("lake") as found:
        yield found


def test_all_of_theirs_goes_from_an_object_store_too(
    options: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in options.items():
        monkeypatch.setenv(name, value)
    company = a_company(tmp_path, lake="s3://lake/kept")
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert lake_rows(company, "crm", "leads", "select id from raw") == [("l3",)]

    client = boto3.client(
        "s3",
        endpoint_url=options["AWS_ENDPOINT_URL"],
        region_name=options["AWS_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.put_object(Bucket="lake", Key="kept/acme/crm/left.txt", Body=ANNA.encode())
    found = search(company, company.suppression.read())
    assert found.found == ("s3://lake/kept/acme/crm/left.txt",)


@pytest.fixture(params=KINDS)
def published(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Company, Folder]]:
    """A company that published Anna's address to an object store, and what lies there."""
    with store_of(request.param, "tables", tmp_path / "log") as bucket:
        for name, value in bucket.secrets.items():
            monkeypatch.setenv(name, value)
        store = {"url": f"{bucket.address}/acme", **bucket.options}
        told = {"personal_data": "clear", "object_store": store}
        company = replace(make_company(tmp_path), publishing=PublishSettings.model_validate(told))
        for night in (1, 2):
            build_night(company, night)
            with open_warehouse(company.warehouse) as connection:
                connection.execute(
                    f"create or replace table marts.leads as select 1 as night, '{ANNA}' as who"
                )
            publish(company, PROJECT, f"night {night}")
            publish_to_object_store(company, lambda _: None)
        yield company, bucket.below("acme")


def test_the_search_finds_them_in_every_published_version_column_by_column(
    published: tuple[Company, Folder],
) -> None:
    company, folder = published
    store = company.publishing.object_store
    assert store is not None
    anna = Suppression.of(b"key", Identity(frozenset({ANNA})))
    found = set(search(company, anna).found)
    versions = {name.split("/")[1] for name in folder.names() if name.startswith("versions/")}
    assert len(versions) == 2
    for version in versions:
        place = f"{store.url}/versions/{version}"
        assert f"{place}/tandem.duckdb: marts.leads.who" in found
        assert f"{place}/parquet/leads/leads.parquet: who" in found


def test_all_versions_of_theirs_go_from_the_store_and_it_is_searched(
    published: tuple[Company, Folder],
) -> None:
    company, folder = published

    def build() -> bool:
        bind(company)
        build_night(company, 3)
        publish(company, PROJECT, "without Anna")
        publish_to_object_store(company, lambda _: None)
        return True

    told: list[str] = []
    assert forget(company, [ANNA], Hooks(told.append, lambda: True, build)), told
    [version] = {name.split("/")[1] for name in folder.names() if name.startswith("versions/")}
    pointer = json.loads(folder.read("current.json"))
    assert (pointer["version"], pointer["versions"]) == (version, [version])

    folder.put("versions/left/notes.txt", ANNA.encode())
    assert not forget(company, [ANNA], Hooks(told.append, lambda: True, build))
    assert any(line.endswith("/versions/left/notes.txt") for line in told), told
