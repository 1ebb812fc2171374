"""A look at the sources: what is ready, what is not, and what to do."""

from pathlib import Path

from orchestration.loading.check import check_sources, told
from tests.orchestration.lakes import write_company

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    location: {folder}
    streams:
      - {{name: leads, files: "leads_*.csv", key: id, columns: {{id: text, email: text}}}}
      - {{name: deals, files: deals.csv, key: id, columns: {{id: text, amount: decimal}}}}
"""
AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: USD
stages:
  - {key: lead}
  - {key: won}
"""


def _told(folder: Path, files: dict[str, str]) -> tuple[bool, str]:
    exports = folder / "exports"
    exports.mkdir()
    for name, text in files.items():
        (exports / name).write_text(text, encoding="utf-8")
    company = write_company(folder, SOURCES.format(folder=exports), AGREEMENT)
    [checked] = check_sources(company, {})
    return checked.report.is_ready, "\n".join(told(checked))


def test_files_that_can_be_read_are_told_with_their_number_and_size(tmp_path: Path) -> None:
    is_ready, said = _told(
        tmp_path,
        {"leads_9.csv": "id,email\n", "leads_10.csv": "id,email\n", "deals.csv": "id,amount\n"},
    )
    assert is_ready
    assert "crm (files, required)" in said
    assert "leads: 2 files, 0 kB; the newest is leads_10.csv" in said


def test_a_file_that_is_missing_is_told_first_with_what_to_do(tmp_path: Path) -> None:
    is_ready, said = _told(tmp_path, {"leads_1.csv": "id,email\n"})
    assert not is_ready
    first, _, rest = said.partition("\n")
    assert first.endswith("NOT READY")
    assert rest.lstrip().startswith("problem  deals: ")
    assert "Put the export there" in said


def test_a_column_that_is_missing_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    is_ready, said = _told(tmp_path, {"leads_1.csv": "id,email\n", "deals.csv": "id,sum\n1,2\n"})
    assert not is_ready
    assert "amount" in said
    assert not (tmp_path / "data" / "acme" / "lake").exists()
