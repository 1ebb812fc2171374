"""What publish.yml says, and what is wrong in it is told by its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.typed_yaml import ConfigurationError
from orchestration.company import load_company
from orchestration.publish_settings import PublishSettings, load_publish_settings
from tests.orchestration.nights import AGREEMENT, SOURCES

WHOLE = """\
keep_nights: 7
postgres:
  url_env: ACME_POSTGRES
  schema: funnel
  readers: [dashboards, Analysts, dashboards]
  give_up_after: 2 hours
"""


def _read(folder: Path, text: str) -> PublishSettings:
    file = folder / "publish.yml"
    file.write_text(text, encoding="utf-8")
    return load_publish_settings(file)


def test_a_company_without_the_file_keeps_two_nights_and_publishes_files_alone(
    tmp_path: Path,
) -> None:
    settings = load_publish_settings(tmp_path / "publish.yml")
    assert (settings.keep_nights, settings.postgres) == (2, None)


def test_a_company_has_the_settings_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "agreement.yml").write_text(AGREEMENT, encoding="utf-8")
    _read(tmp_path, WHOLE)
    company = load_company({"TANDEM_COMPANY": str(tmp_path)})
    assert company.publishing.keep_nights == 7


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    postgres = _read(tmp_path, WHOLE).postgres
    assert postgres is not None
    assert postgres.url_env == "ACME_POSTGRES"
    assert postgres.schema_name == "funnel"
    assert postgres.readers == ("dashboards", "Analysts")
    assert postgres.give_up_after == timedelta(hours=2)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("keep_nights: 1", "keep_nights"),
        ("personal_data: hashed", "personal_data"),
        ("postgres: {url_env: acme}", "postgres.url_env"),
        ("postgres: {url_env: ACME, schema: pg_marts}", "postgres.schema"),
        ("postgres: {url_env: ACME, schema: Marts}", "postgres.schema"),
        (f"postgres: {{url_env: ACME, schema: {'m' * 39}}}", "postgres.schema"),
        ("postgres: {url_env: ACME, readers: ['a; drop']}", "postgres.readers.0"),
        ("postgres: {url_env: ACME, give_up_after: soon}", "postgres.give_up_after"),
        ("keep: 3", "keep"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _read(tmp_path, text)
    assert [fault.field for fault in caught.value.faults] == [field]


def test_an_address_in_place_of_a_variable_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _read(tmp_path, "postgres: {url_env: 'postgresql://tandem:geheim@db/marts'}")
    assert "geheim" not in str(caught.value)
