"""The default company's exports, read by the files connector as sources.yml says."""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from connectors.files import files_connector
from connectors.lake import Lake
from connectors.load import LoadResult, load_stream
from connectors.sources import load_sources
from tests.connectors.sandbox.conftest import Query

_EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "simulated_files" / "sources.yml"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="module")
def loaded(company: Path, lake: Lake) -> dict[str, LoadResult]:
    return {
        f"{source.name}.{stream.name}": load_stream(lake, source.name, stream, "a run")
        for source in load_sources(_EXAMPLE).sources
        for stream in files_connector(source, company / "exports").streams()
    }


def test_only_what_the_truth_declares_unreadable_is_rejected(
    loaded: dict[str, LoadResult], query: Query
) -> None:
    reasons = {"missing key": "missing_key", "unparseable date": "unparseable"}
    declared = {
        (f"{source}.{stream}", reasons[str(fault)]): count
        for source, stream, fault, count in query(
            "select source, stream, fault, count(*) from faults group by 1, 2, 3"
        )
        if fault in reasons
    }
    rejected = {
        (stream, reason): count
        for stream, result in loaded.items()
        for reason, count in result.reasons.items()
    }
    assert rejected == declared


@pytest.mark.parametrize(
    ("stream", "table"),
    [
        ("marketing.contacts", "marketing_contacts"),
        ("marketing.web_activity", "marketing_web_activity"),
        ("marketing.attendance", "marketing_attendance"),
        ("marketing.email_events", "marketing_email_events"),
        ("crm.leads", "crm_leads"),
        ("crm.opportunities", "crm_opportunities"),
        ("crm.activities", "crm_activities"),
        ("ads.search", "ads_search"),
        ("ads.social", "ads_social"),
        ("finance.exchange_rates", "finance_exchange_rates"),
    ],
)
def test_every_row_of_every_file_arrives(
    loaded: dict[str, LoadResult], query: Query, stream: str, table: str
) -> None:
    result = loaded[stream]
    assert [(result.rows + result.rejected,)] == query(f"select count(*) from {table}")


def test_every_stream_has_rows(loaded: dict[str, LoadResult]) -> None:
    assert [stream for stream, result in loaded.items() if result.rows == 0] == []


@pytest.mark.usefixtures("loaded")
def test_times_on_the_portal_s_clock_become_the_instants_that_they_were(
    lake: Lake, tables: duckdb.DuckDBPyConnection
) -> None:
    attendance = DeltaTable(lake.address("marketing", "attendance")).to_pyarrow_dataset()
    tables.register("attendance_in_lake", attendance)
    differs = """
        select * from attendance_in_lake join touches on cast(registration as bigint) = touch
        where attended <> date_trunc('minute', occurred_at)
    """
    same = "select count(*) from attendance_in_lake join touches on touch = registration::bigint"
    assert tables.sql(differs).fetchall() == []
    [(matched,)] = tables.sql(same).fetchall()
    assert matched > 500


@pytest.mark.usefixtures("loaded")
def test_decimal_commas_become_the_money_that_they_were(lake: Lake, company: Path) -> None:
    written = Decimal(0)
    for path in (company / "exports" / "ads" / "search").iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, delimiter=";"):
                written += Decimal(line["Kosten"].replace(".", "").replace(",", "."))
    with duckdb.connect() as connection:
        spend = DeltaTable(lake.address("ads", "search")).to_pyarrow_dataset()
        connection.register("spend", spend)
        assert connection.sql("select sum(cost) from spend").fetchall() == [(written,)]
