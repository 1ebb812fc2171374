"""Somebody is forgotten in a lake that is on an object store."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from orchestration.erasure.traces import search
from tests.connectors.object_store import object_store
from tests.orchestration.erasing import ANNA, a_company, forget_now, lake_rows


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
