"""The published data sets land whole: every row and value, as Python's own reader sees them."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.files import files_connector
from connectors.lake import Lake, snapshot
from connectors.load import load_stream
from connectors.sources import load_sources
from tests.end_to_end.real_data import REPOSITORY, real_data

pytestmark = pytest.mark.real_data


def _load(company: str, root: Path) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Path]]:
    """The records of each stream as they landed, and the file that each stream has."""
    folder = real_data(company)
    [source] = load_sources(REPOSITORY / "examples" / company / "sources.yml").sources
    lake = Lake(str(root))
    landed: dict[str, list[dict[str, Any]]] = {}
    for stream in files_connector(source, folder).streams():
        result = load_stream(lake, source.name, stream, "run")
        assert result.rejected == 0
        again = load_stream(lake, source.name, stream, "again")
        assert again.rows == 0
        found = snapshot(lake, source.name, stream.name)
        assert found is not None
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            names = ", ".join(
                f'"{c.name}"::timestamp as "{c.name}"' if c.type == "timestamp" else f'"{c.name}"'
                for c in stream.schema.columns
            )
            rows = connection.read_parquet(list(found.files)).project(names + ", _origin")
            landed[stream.name] = rows.to_arrow_table().to_pylist()
    return landed, {stream.name: folder / stream.files for stream in source.streams}


def _same(text: str, value: Any, column: str) -> bool:
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, Decimal | int):
        return Decimal(text) == value
    if value is None:
        return text == "" or (column == "close_value" and Decimal(text) == 0)
    return text == str(value)


@pytest.mark.parametrize(
    ("company", "counts"),
    [
        ("olist", {"leads": 8000, "closed_deals": 842}),
        ("maven_crm", {"deals": 8800, "accounts": 85, "sales_teams": 35}),
    ],
)
def test_every_row_and_value_of_the_files_is_in_the_lake(
    company: str, counts: dict[str, int], tmp_path: Path
) -> None:
    landed, files = _load(company, tmp_path)
    assert {name: len(rows) for name, rows in landed.items()} == counts
    for name, rows in landed.items():
        rows.sort(key=lambda row: int(row["_origin"].rpartition(":")[2]))
        with files[name].open(newline="", encoding="utf-8-sig") as opened:
            written = list(csv.DictReader(opened))
        assert [row["_origin"] for row in rows] == [
            f"{files[name].name}:{line}" for line in range(2, len(written) + 2)
        ]
        differing = [
            (row["_origin"], column)
            for row, line in zip(rows, written, strict=True)
            for column, value in row.items()
            if column != "_origin" and not _same(line[column], value, column)
        ]
        assert differing == []


def test_what_the_files_leave_open_is_null(tmp_path: Path) -> None:
    leads = _load("olist", tmp_path / "olist")[0]["leads"]
    assert sum(row["origin"] is None for row in leads) == 60
    deals = _load("maven_crm", tmp_path / "maven")[0]["deals"]
    assert sum(row["account"] is None for row in deals) == 1425
