"""A forgotten person who comes back in a sync or a file is counted, and lands nowhere."""

import json
from pathlib import Path

import duckdb
import pytest

from connectors.errors import PermanentError
from connectors.lake import raw_rows
from connectors.suppression import Identity
from orchestration.company import Company
from orchestration.loading.attempts import last_attempts
from orchestration.loading.load import load
from tests.orchestration.lakes import write_company

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    complete_until: 2026-06-30
    location: {folder}
    streams:
      - name: leads
        files: leads.csv
        key: id
        columns: {{id: text, email: text, mql_at: timestamp, score: integer}}
        fills:
          - {{entity: persons, values: {{record_id: id, email: email, created_at: mql_at}}}}
"""
AGREEMENT = """\
version: acme-1
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql, owner: marketing}
  - {key: won, owner: sales}
"""
ANNA = Identity(addresses=frozenset({"anna@acme.example"}), persons=frozenset({("crm", "7")}))


def _silent(_: int, __: int | None) -> None:
    return


@pytest.fixture
def company(tmp_path: Path) -> Company:
    (tmp_path / "leads.csv").write_text(
        "id,email,mql_at,score\n"
        "1,Anna@acme.example,2026-01-01 09:00:00,1\n"
        "2,ben@acme.example,2026-01-01 09:00:00,1\n"
        "7,other@acme.example,2026-01-01 09:00:00,1\n"
        "8,anna@acme.example,2026-01-01 09:00:00,many\n"
        "9,cleo@acme.example,2026-01-01 09:00:00,many\n"
    )
    return write_company(tmp_path, SOURCES.format(folder=tmp_path), AGREEMENT)


def test_a_forgotten_person_in_a_file_lands_neither_as_row_nor_in_quarantine(
    company: Company,
) -> None:
    company.suppression.add(ANNA)
    result = load(company, "crm", "leads", "run-1", _silent)
    assert (result.rows, result.rejected, result.suppressed) == (1, 1, 3)
    with duckdb.connect() as connection:
        assert raw_rows(connection, company.lake, "crm", "leads") == 2
        found = connection.execute("select _record_id from raw order by all").fetchall()
    assert found == [("2",), ("9",)]


def test_how_many_were_suppressed_is_kept_with_the_load(company: Company) -> None:
    company.suppression.add(ANNA)
    load(company, "crm", "leads", "run-1", _silent)
    [attempt] = last_attempts(company)
    assert (attempt.rows, attempt.rejected, attempt.suppressed) == (1, 1, 3)


def test_a_load_of_an_earlier_version_of_the_software_is_read(company: Company) -> None:
    load(company, "crm", "leads", "run-1", _silent)
    file = company.data / "loads" / "crm" / "leads.json"
    told = json.loads(file.read_text())
    del told["suppressed"]
    file.write_text(json.dumps(told))
    [attempt] = last_attempts(company)
    assert attempt.suppressed == 0


def test_nothing_is_loaded_without_the_key_to_the_list(company: Company) -> None:
    company.suppression.add(ANNA)
    company.suppression.key_file.unlink()
    with pytest.raises(PermanentError, match="key to the list of forgotten people is lost"):
        load(company, "crm", "leads", "run-1", _silent)
    assert not Path(company.lake.address("crm", "leads")).exists()
