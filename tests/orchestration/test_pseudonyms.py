"""Under pseudonyms nobody is named in what is published, and what joined still joins."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.errors import PermanentError
from orchestration.company import Company
from orchestration.loading.attempts import Attempt, AttemptState, now, remember
from orchestration.publish.catalogue import OWNERS_SLICE
from orchestration.publish.gate import write_gate
from orchestration.publish.pseudonyms import KEY_VARIABLE, WITHHELD, Pseudonyms, rows_under
from orchestration.publish.publish import (
    PublishError,
    nothing_new_since,
    publish,
    refresh_catalogue,
)
from orchestration.publish_settings import PersonalData, PublishSettings
from orchestration.warehouse.connection import in_memory, open_warehouse
from tests.orchestration.nights import make_company
from tests.orchestration.tiny_project import all_good, model, tiny_project

KEY = "the key of these tests"
ANNA = "anna@acme.example"


def _columns(**personal: object) -> dict[str, Any]:
    return {
        name: {"name": name, "data_type": "string", "config": {"meta": {"personal": on}}}
        for name, on in personal.items()
    }


PROJECT = tiny_project(
    {
        **model("people", "select 1"),
        "columns": _columns(person_id=None, email=True, company=None, run_id=None),
    },
    {
        **model("scores", "select 1"),
        "columns": _columns(slice_kind=None, slice="slice_kind = 'owner'"),
    },
)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company whose tables are built, and which is to publish them under pseudonyms."""
    made = make_company(tmp_path)
    with open_warehouse(made.warehouse) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.people as from (values "
            f"('p1', '{ANNA}', 'Acme', 'r'), ('unknown', null, 'Acme', 'r')) "
            "as t(person_id, email, company, run_id)"
        )
        connection.execute(
            "create table marts.scores as from "
            "(values ('owner', 'p1'), ('source', 'p1'), ('owner', 'unknown'), ('all', 'all')) "
            "as t(slice_kind, slice)"
        )
        [(fingerprint,)] = connection.execute("select fingerprint from bound.binding").fetchall()
    write_gate(made.gate, all_good(PROJECT, fingerprint))
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return replace(made, publishing=PublishSettings(personal_data=PersonalData.PSEUDONYMS))


def _in_clear(company: Company) -> Company:
    return replace(company, publishing=PublishSettings())


def _rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(company.published_warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def _pseudonym(text: str) -> str:
    return hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest()[:32]


@pytest.mark.parametrize(
    "key", ["0123456789abcdef", "k" * 64, "longer than a block " * 9, "schlüssel" * 4]
)
@pytest.mark.parametrize("text", ["Ann Smith", "", 'O\'Brien \\ "x"', "Zoë 張 \U0001f600", "a\0b"])
def test_the_engine_makes_the_pseudonym_that_the_key_makes(key: str, text: str) -> None:
    under = Pseudonyms(key.encode())
    query, parameters = rows_under(under, "(select $text as name)", {"name": "true"})
    with in_memory() as connection:
        found = connection.execute(query, {**parameters, "text": text}).fetchall()
    assert found == [(under.of(text),)]
    assert under.of(text) == hmac.new(key.encode(), text.encode(), "sha256").hexdigest()[:32]


def test_addresses_and_keys_of_rows_are_hashed_and_the_rest_is_as_it_was(company: Company) -> None:
    publish(company, PROJECT, "run")
    assert _rows(company, "from marts.people order by all") == [
        (_pseudonym("p1"), _pseudonym(ANNA), "Acme", "r"),
        ("unknown", None, "Acme", "r"),
    ]


def test_parquet_has_the_rows_of_the_duckdb_file(company: Company) -> None:
    publish(company, PROJECT, "run")
    files = company.published_parquet / "people" / "*.parquet"
    assert _rows(company, f"from '{files}'") == _rows(company, "from marts.people")


def test_a_column_that_tells_of_people_in_some_rows_is_hashed_in_those(company: Company) -> None:
    publish(company, PROJECT, "run")
    assert set(_rows(company, "from marts.scores")) == {
        ("owner", _pseudonym("p1")), ("source", "p1"), ("owner", "unknown"), ("all", "all"),
    }  # fmt: skip
    [(joined,)] = _rows(
        company, "select count(*) from marts.scores join marts.people on slice = person_id"
    )
    assert joined == 2


def test_the_catalogue_says_which_columns_tell_who_somebody_is(company: Company) -> None:
    publish(company, PROJECT, "run")
    assert _rows(
        company,
        "select table_name, column_name from marts.catalogue_column where is_personal order by all",
    ) == [("agreement_change", "slice"), ("people", "email"), ("scores", "slice")]
    assert list(OWNERS_SLICE) == ["slice"]


def test_the_words_of_a_failed_load_are_withheld(company: Company) -> None:
    problem = f"{ANNA} is no number"
    remember(company, Attempt("crm", "leads", AttemptState.FAILED, "r", now(), problem=problem))
    publish(company, PROJECT, "run")
    told = dict(_rows(company, "select source, problem from marts.catalogue_source"))
    assert told == {"ads": None, "crm": WITHHELD}


def test_without_the_key_nothing_is_published_and_its_variable_is_named(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(PermanentError, match=KEY_VARIABLE):
        publish(company, PROJECT, "run")
    assert not company.published.exists()


def test_a_key_that_can_be_guessed_is_refused(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(PermanentError, match="fewer than 16 characters"):
        publish(company, PROJECT, "run")


@pytest.mark.parametrize("change", [{KEY_VARIABLE: "another key, long enough"}, {}])
def test_a_night_under_other_pseudonyms_is_built_and_none_is_kept_that_names_people_otherwise(
    company: Company, monkeypatch: pytest.MonkeyPatch, change: Mapping[str, str]
) -> None:
    publish(company if change else _in_clear(company), PROJECT, "first")
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    assert nothing_new_since(company, PROJECT) is None
    with pytest.raises(PublishError, match="name people otherwise"):
        refresh_catalogue(company, PROJECT, "quiet")
    publish(company, PROJECT, "second")
    assert nothing_new_since(company, PROJECT) is not None
    assert len(list((company.published / "versions").iterdir())) == 1


def test_a_quiet_night_keeps_the_pseudonyms(company: Company) -> None:
    publish(company, PROJECT, "first")
    refresh_catalogue(company, PROJECT, "quiet")
    assert nothing_new_since(company, PROJECT) is not None
    assert (_pseudonym(ANNA),) in _rows(company, "select email from marts.people")
