"""To forget a person in what a distributed engine made of the lake, wherever that lies."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from connectors.suppression import Identity, Suppression
from orchestration.company import Company
from orchestration.erasure.traces import search
from tests.connectors.object_store import object_store
from tests.orchestration.erasing import ANNA, a_company, forget_now, lake_rows

TABLES = ("dim_prospect", "fct_deal", "bound/clock", "agreement/teams", "statistics/trend")
WORDS = "Removed the 5 tables of the distributed engine"


@pytest.fixture(scope="module")
def store() -> Iterator[dict[str, str]]:
    with object_store("tables") as found:
        yield found


@pytest.fixture(params=["elsewhere", "among the company's data", "s3"])
def company(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Company:
    """A company whose tables of the engine name Anna in a version that was, and in the present."""
    if request.param == "s3":
        for name, value in request.getfixturevalue("store").items():
            monkeypatch.setenv(name, value)
    data = tmp_path / "data"
    root = {
        "elsewhere": str(tmp_path / "tables"),
        "among the company's data": str(data),
        "s3": f"s3://tables/{tmp_path.name}",
    }[request.param]
    company = replace(a_company(tmp_path), tables_root=root)
    assert company.data == data / company.name
    for place in TABLES:
        for who in (ANNA, f"{ANNA} too"):
            table = pa.table({"who": [who]})
            write_deltalake(f"{company.tables}/{place}", table, mode="overwrite")
    return company


def _anna() -> Suppression:
    return Suppression.of(b"key", Identity(frozenset({ANNA})))


def test_the_search_finds_them_in_every_version_of_every_table(company: Company) -> None:
    found = search(company, _anna()).found
    for place in TABLES:
        of_table = [one for one in found if one.startswith(f"{company.tables}/{place}/")]
        assert len([one for one in of_table if one.endswith(".parquet: who")]) == 2


def test_all_tables_go_with_what_they_were_and_the_lake_stays(company: Company) -> None:
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert len([line for line in told if line.startswith(WORDS)]) == 1
    for place in TABLES:
        assert not DeltaTable.is_deltatable(f"{company.tables}/{place}")
    assert search(company, _anna()).found == ()
    assert lake_rows(company, "crm", "leads", "select id from raw") == [("l3",)]


def test_where_there_is_none_nothing_is_said_of_tables(tmp_path: Path) -> None:
    company = a_company(tmp_path)
    is_clean, told = forget_now(company, ANNA)
    assert is_clean, told
    assert not any("distributed engine" in line for line in told)
    assert not Path(company.tables).exists()
