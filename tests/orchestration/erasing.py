"""A company whose people are forgotten: its two systems, a lake of them, and hooks that build none.

    python -m tests.orchestration.erasing

reads lines `<folder of the company> <step> <address>` and answers each with `killed` or `done`: a
child forgets that person, and is killed for real before its operation of that number on a file of
the company.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from connectors.base import Reject
from connectors.lake import raw_rows
from connectors.scratch import scratch
from orchestration.company import Company, load_company
from orchestration.erasure.forget import Hooks, forget
from tests.orchestration.lakes import load, write_company
from tests.orchestration.publishing import kill_before

SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    complete_until: 2026-06-30
    streams:
      - name: leads
        files: leads.csv
        key: id
        columns: {id: text, email: text, more: text, phone: text, note: text}
        fills:
          - entity: persons
            values: {record_id: id, email: email, other_emails: more, phone: phone}
      - name: calls
        files: calls.csv
        key: id
        columns: {id: text, lead: text, at: timestamp, note: text}
        fills:
          - {entity: touches, values: {record_id: id, person: lead, occurred_at: at,
             kind: {constant: call}}}
      - name: deals
        files: deals.csv
        key: id
        columns: {id: text, lead: text, stage: text, name: text}
        fills:
          - {entity: deals, values: {record_id: id, person: lead, stage: stage, name: name}}
  - name: web
    kind: files
    complete_until: 2026-06-30
    streams:
      - name: forms
        files: forms.csv
        key: [email, at]
        columns: {email: text, at: timestamp, page: text}
        fills:
          - {entity: touches, values: {record_id: {join: [email, page]}, person: email,
             occurred_at: at, kind: {constant: form}}}
"""
AGREEMENT = """\
version: acme-1
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql, owner: marketing}
  - {key: won, owner: sales, means: {crm.deals.stage: [won]}}
"""
NIGHT = datetime(2026, 2, 1, 3)
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
ANNA = "Anna.B+x@Gmail.com"


def a_company(folder: Path, anna: str = ANNA, lake: str | None = None) -> Company:
    """Anna, with two records in the CRM, and Ben, who shares her phone and knows her."""
    company = replace(write_company(folder, SOURCES, AGREEMENT), lake_root=lake)
    record = json.dumps({"e": anna})
    rejected = Reject("l9", "leads.csv:9", "unparseable", f"{anna!r} as x", record)
    others = f"x@acme.example;{anna}"
    phone = "+49 30 123456"
    leads = [
        {"id": "l1", "email": anna, "more": None, "phone": phone, "note": "first"},
        {"id": "l2", "email": "old@acme.example", "more": others, "phone": None},
        {
            "id": "l3",
            "email": "ben@acme.example",
            "phone": "+49 30 123456",
            "note": f"knows {anna}!",
        },
    ]
    load(company, "crm", "leads", leads, NIGHT, rejects=[rejected])
    calls = [
        {"id": "c1", "lead": "l1", "at": AT, "note": "talked"},
        {"id": "c2", "lead": "l2", "at": AT, "note": "talked"},
        {"id": "c3", "lead": "l3", "at": AT, "note": "talked"},
    ]
    load(company, "crm", "calls", calls, NIGHT)
    deals = [
        {"id": "d1", "lead": "l1", "stage": "won", "name": f"{anna} - 10 seats"},
        {"id": "l1", "lead": "l3", "stage": "won", "name": "Ben's"},
    ]
    load(company, "crm", "deals", deals, NIGHT)
    forms = [
        {"email": anna.upper(), "at": AT, "page": "/a"},
        {"email": "old@acme.example", "at": AT, "page": "/a"},
        {"email": "ben@acme.example", "at": AT, "page": "/?from=anna.b%2Bx%40gmail.com"},
    ]
    load(company, "web", "forms", forms, NIGHT)
    return company


def lake_rows(company: Company, source: str, stream: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query over `raw`, a raw table as it is."""
    with scratch() as connection:
        raw_rows(connection, company.lake, source, stream)
        return connection.execute(query).fetchall()


def forget_now(company: Company, *given: str) -> tuple[bool, list[str]]:
    """Forget somebody without asking; whether nothing is left, and what was told."""
    told: list[str] = []
    return forget(company, given, Hooks(told.append, lambda: True, lambda: True)), told


def build_identity(
    company: Company, records: Sequence[Sequence[str]], edges: Sequence[Sequence[str]]
) -> None:
    """A warehouse that says of (key, prospect, source, id) who is one, by (key, other, rule)."""
    with duckdb.connect(str(company.warehouse)) as connection:
        connection.execute("create schema marts; create schema intermediate")
        connection.execute(
            "create table marts.bridge_record_prospect (person_key varchar, prospect_id varchar, "
            "source varchar, source_record_id varchar)"
        )
        connection.execute(
            "create table intermediate.int_identity_edge (person_key varchar, other_key varchar, "
            "rule varchar)"
        )
        if records:
            connection.executemany(
                "insert into marts.bridge_record_prospect values (?, ?, ?, ?)", records
            )
        if edges:
            connection.executemany(
                "insert into intermediate.int_identity_edge values (?, ?, ?)", edges
            )


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        folder, step, address = line.split()
        child = os.fork()
        if child == 0:
            try:
                data = str(Path(folder) / "data")
                company = load_company({"TANDEM_COMPANY": folder, "TANDEM_DATA": data})
                kill_before(int(step), company.folder)
                forget_now(company, address)
            except BaseException:  # noqa: BLE001 - whatever it is, the process must end by it
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"done {status}", flush=True)


if __name__ == "__main__":
    main()
