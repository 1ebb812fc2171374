"""The staging and input models build on what the bind step makes of a real lake."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.entities import ENTITIES, Entity, FieldType
from orchestration.company import Company
from orchestration.warehouse.bind import bind
from orchestration.warehouse.connection import open_warehouse
from tests.dbt_project.compiled import CompiledProject, Database
from tests.orchestration.lakes import Row, load, write_company

AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql, means: {crm.stage_changes.stage: [Hot]}}
  - {key: opportunity, means: {crm.deals.stage: [Open]}}
  - {key: won, means: {crm.deals.stage: [Signed]}}
teams:
  sales: {crm.users.role: [AE]}
"""
MONDAY = datetime(2026, 3, 2, 6)

# One record of each entity, each field with a value of its own.
RECORDS: Mapping[str, Row] = {
    "persons": {
        "record_id": "P1", "email": "Ann@Acme.example", "phone": "+1 555 0100",
        "full_name": "Ann Example", "external_id": "X1", "merged_into": "P2", "converted_to": "P3",
        "account": "A1", "company_name": "Acme", "country": "US", "lead_source": "web",
        "campaign": "C1", "owner": "U1", "created_at": "2026-01-05T10:00:00Z",
    },
    "accounts": {
        "record_id": "A1", "name": "Acme", "domain": "acme.example", "external_id": "E1",
        "merged_into": "A2", "industry": "tools",
        "employees": "250", "country": "US", "parent": "A0", "created_at": "2026-01-01T00:00:00Z",
    },
    "deals": {
        "record_id": "D1", "name": "Big one", "account": "A1", "person": "P1", "pipeline": "new",
        "stage": "Signed", "amount": "1234.56", "currency": "usd", "owner": "U1",
        "lead_source": "web", "campaign": "C1", "created_at": "2026-01-20T09:00:00Z",
        "closed_at": "2026-02-20T16:30:00Z", "expected_close_on": "2026-02-28",
        "close_reason": "price",
    },
    "deal_persons": {"deal": "D1", "person": "P1", "role": "buyer", "is_primary": "true"},
    "deal_accounts": {"deal": "D1", "account": "A1", "role": "partner", "is_primary": "true"},
    "stage_changes": {
        "subject_kind": "person", "subject": "P1", "stage": "Hot",
        "changed_at": "2026-01-10T12:00:00Z", "evidence": "history", "changed_by": "U1",
        "reason": "score",
    },
    "owner_changes": {
        "subject_kind": "person", "subject": "P1", "owner": "U1",
        "changed_at": "2026-01-10T12:30:00Z", "changed_by": "U1",
    },
    "deal_amounts": {
        "deal": "D1", "amount": "99.90", "currency": "EUR", "changed_at": "2026-01-21T10:00:00Z",
        "changed_by": "U1",
    },
    "touches": {
        "record_id": "T1", "person": "P1", "deal": "D1", "occurred_at": "2026-01-06T08:00:00Z",
        "kind": "click", "channel": "web", "campaign": "C1", "content": "banner",
        "direction": "in", "is_two_way": "false", "is_automated": "false", "team": "marketing",
        "user": "U1",
    },
    "campaigns": {
        "record_id": "C1", "name": "Winter", "utm": "winter", "channel": "web",
        "starts_on": "2026-01-01", "ends_on": "2026-03-31",
    },
    "spend": {
        "day": "2026-01-06", "channel": "web", "campaign": "C1", "amount": "99.95",
        "currency": "USD",
    },
    "users": {
        "record_id": "U1", "full_name": "Una Example", "email": "una@acme.example", "role": "AE",
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z",
    },
    "exchange_rates": {"day": "2026-01-06", "currency": "USD", "rate": "0.923456789012"},
}  # fmt: skip


def _stream(entity: Entity) -> dict[str, Any]:
    columns: dict[str, Any] = {field.name: field.type.value for field in entity.fields}
    for field in entity.fields:
        if field.type is FieldType.DECIMAL:
            columns[field.name] = {
                "type": "decimal",
                "precision": field.precision,
                "scale": field.scale,
            }
    return {
        "name": entity.name,
        "files": f"{entity.name}.csv",
        "key": list(entity.key),
        "columns": columns,
        "fills": [{"entity": entity.name, "values": {name: name for name in columns}}],
    }


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company with a stream for each entity, none of them loaded."""
    streams = [_stream(entity) for entity in ENTITIES.values()]
    source = {"name": "crm", "kind": "files", "streams": streams}
    text = StringIO()
    YAML().dump({"company": "acme", "sources": [source]}, text)
    return write_company(tmp_path, text.getvalue(), AGREEMENT)


def _models(project: CompiledProject) -> list[str]:
    """The models that stand on what is bound alone: staging and input."""
    return [
        str(node["name"])
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] in {"staging", "input"}
    ]


@contextmanager
def _built(project: CompiledProject, company: Company) -> Iterator[Database]:
    """The company's own warehouse file with all staging and input models built on it."""
    with open_warehouse(company.warehouse) as connection:
        database = Database(project, connection)
        database.build_with_parents(*_models(project))
        yield database


def _failures(database: Database) -> list[str]:
    models = _models(database.project)
    bound = [name for name, relation in database.project.relations.items() if relation.sql is None]
    tests = database.project.data_tests(*models, *bound)
    assert len(tests) > len(models) / 2
    return [name for name, query in tests.items() if database.connection.execute(query).fetchall()]


def _types(database: Database, query: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in database.connection.execute(query).fetchall()}


@pytest.mark.parametrize("records", [{}, RECORDS], ids=["no records", "one record of each entity"])
def test_all_models_keep_their_contracts_and_pass_their_tests(
    project: CompiledProject, company: Company, records: Mapping[str, Row]
) -> None:
    for entity in ENTITIES:
        load(company, "crm", entity, [records[entity]] if records else [], MONDAY)
    bind(company, now=MONDAY)
    with _built(project, company) as database:
        assert _failures(database) == []
        for name in _models(project):
            relation = project.relations[name]
            columns = ", ".join(
                f'cast(null as {kind}) as "{column}"' for column, kind in relation.columns.items()
            )
            promised = _types(database, f"describe select {columns}")
            assert _types(database, f"describe from {relation.address}") == promised, name


def test_every_record_of_a_source_reaches_the_input_layer(
    project: CompiledProject, company: Company
) -> None:
    for entity, record in RECORDS.items():
        load(company, "crm", entity, [record], MONDAY)
    bind(company, now=MONDAY)
    with _built(project, company) as database:
        assert database.rows("select entity, reason from {input_excluded}") == []
        for entity in ENTITIES:
            query = f"select source, is_deleted, run_id from {{input_{entity}}}"
            assert database.rows(query) == [
                {"source": "crm", "is_deleted": False, "run_id": "run-20260302"}
            ], entity
        assert database.rows(
            "select stage, amount, currency, created_at, closed_at from {input_deals}"
        ) == [
            {
                "stage": "won",
                "amount": Decimal("1234.56"),
                "currency": "USD",
                "created_at": datetime(2026, 1, 20, 9),
                "closed_at": datetime(2026, 2, 20, 16, 30),
            }
        ]
        assert database.rows("select rate from {input_exchange_rates}") == [
            {"rate": Decimal("0.923456789012")}
        ]


def test_the_next_night_is_bound_below_the_models_of_the_last(
    project: CompiledProject, company: Company
) -> None:
    for entity, record in RECORDS.items():
        load(company, "crm", entity, [record], MONDAY)
    bind(company, now=MONDAY)
    with _built(project, company):
        pass
    tuesday = MONDAY.replace(day=3)
    load(company, "crm", "deals", [{"record_id": "D1", "_deleted": True}], tuesday)
    bind(company, now=tuesday.replace(tzinfo=UTC))
    with _built(project, company) as database:
        assert database.rows("select is_deleted, amount from {input_deals}") == [
            {"is_deleted": True, "amount": Decimal("1234.56")}
        ]
        assert _failures(database) == []
