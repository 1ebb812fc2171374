"""A company: its two files held against each other, and where its data lies."""

from pathlib import Path

import pytest

from connectors.lake import Lake
from connectors.typed_yaml import ConfigurationError
from orchestration.company import load_company

REPOSITORY = Path(__file__).resolve().parents[2]

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    streams:
      - name: deals
        files: deals.csv
        key: deal_id
        columns: {deal_id: text, stage: text, won_on: date}
        fills:
          - entity: deals
            values: {record_id: deal_id, stage: stage}
          - entity: stage_changes
            values:
              subject_kind: {constant: deal}
              subject: deal_id
              stage: {constant: won}
              changed_at: won_on
      - name: people
        files: people.csv
        key: user_id
        columns: {user_id: text, role: text}
        fills:
          - {entity: users, values: {record_id: user_id, role: role}}
"""
AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: opportunity, means: {crm.deals.stage: [Open]}}
  - {key: won, means: {crm.deals.stage: [Won]}}
teams:
  sales: {crm.people.role: [AE]}
"""


def _write(folder: Path, sources: str = SOURCES, agreement: str = AGREEMENT) -> dict[str, str]:
    (folder / "sources.yml").write_text(sources, encoding="utf-8")
    (folder / "agreement.yml").write_text(agreement, encoding="utf-8")
    return {"TANDEM_COMPANY": str(folder), "TANDEM_DATA": str(folder / "data")}


def _faults(environment: dict[str, str]) -> list[tuple[str, int, str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load_company(environment)
    name = caught.value.path.name
    return [(name, fault.line, fault.field, fault.message) for fault in caught.value.faults]


def test_a_company_is_its_two_files_and_a_folder_for_its_data(tmp_path: Path) -> None:
    company = load_company(_write(tmp_path))
    data = tmp_path / "data" / "acme"
    assert company.name == "acme"
    assert company.folder == tmp_path
    assert company.source_data == data / "exports"
    assert company.lake == Lake(str(data / "lake"))
    assert company.warehouse == data / "warehouse.duckdb"
    assert company.published_warehouse == data / "published" / "tandem.duckdb"
    assert company.published_parquet == data / "published" / "parquet"


def test_export_files_may_lie_elsewhere(tmp_path: Path) -> None:
    company = load_company(_write(tmp_path) | {"TANDEM_SOURCE_DATA": str(tmp_path / "exports")})
    assert company.source_data == tmp_path / "exports"


def test_the_lake_may_lie_in_another_folder_or_in_an_object_store(tmp_path: Path) -> None:
    environment = _write(tmp_path)
    inside = load_company(environment | {"TANDEM_LAKE": str(tmp_path / "x" / ".." / "lakes")})
    assert inside.lake == Lake(str(tmp_path / "lakes" / "acme"))
    store = load_company(environment | {"TANDEM_LAKE": "s3://bucket/lakes/"})
    assert store.lake == Lake("s3://bucket/lakes/acme")


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    company = load_company(_write(tmp_path) | {"TANDEM_DATA": "", "TANDEM_SOURCE_DATA": " "})
    assert company.data == REPOSITORY / "data" / "acme"


@pytest.mark.parametrize("example", ["olist", "maven_crm"])
def test_the_examples_are_companies(example: str) -> None:
    company = load_company({"TANDEM_COMPANY": str(REPOSITORY / "examples" / example)})
    assert company.name == example


def test_words_of_a_column_that_fills_nothing_are_a_fault_of_the_agreement(tmp_path: Path) -> None:
    environment = _write(tmp_path, agreement=AGREEMENT.replace("crm.people.role", "crm.staff.role"))
    ((name, line, field, message),) = _faults(environment)
    assert (name, line, field) == ("agreement.yml", 8, "teams.sales.crm.staff.role")
    assert "crm.deals.stage, crm.people.role" in message


def test_a_stage_column_without_any_meaning_is_a_fault_of_the_agreement(tmp_path: Path) -> None:
    silent = AGREEMENT.replace("{crm.deals.stage: [Open]}", "{}").replace(
        "{crm.deals.stage: [Won]}", "{}"
    )
    ((name, line, field, message),) = _faults(_write(tmp_path, agreement=silent))
    assert (name, line, field) == ("agreement.yml", 4, "stages")
    assert "`means` of crm.deals.stage" in message


def test_a_constant_stage_that_the_ladder_lacks_is_a_fault_of_the_agreement(tmp_path: Path) -> None:
    environment = _write(tmp_path, sources=SOURCES.replace("{constant: won}", "{constant: sql}"))
    ((name, line, field, message),) = _faults(environment)
    assert (name, line, field) == ("agreement.yml", 4, "stages")
    assert "the stage sql too" in message
