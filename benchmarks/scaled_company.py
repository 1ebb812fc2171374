"""The simulated company at a million touches and more: its raw lake, written without its servers.

`python -m benchmarks.scaled_company FOLDER --touches 10000000` lets the pipeline load a small
company once, through the simulated HubSpot and Salesforce, and multiplies its raw tables by SQL
until there are that many touches: people, firms, deals and their histories in proportion. Every
copy has ids, addresses, domains, names and numbers of its own, so that nobody is taken for
somebody of another copy; users, campaigns, forms, spend and rates are those of one company. All
copies do the same at the same moments. What no model reads (`_extra`) is copied as it is. The
tables are as the connectors land them, cursors and times included: `bind` takes them for a
company's.

`--night` lets the small company live on for `--days` days, loads what is new in it, and lands that
for as many of the copies as it takes for one in a hundred prospects to have changed (`--share`).

FOLDER is the company's (TANDEM_COMPANY) and holds its data (TANDEM_DATA is FOLDER/data).
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from connectors.lake import open_table, raw_arrow_schema, snapshot
from connectors.sandbox import parameters_of, simulate
from connectors.source_parts import DeclaredStream, raw_schema
from connectors.sync_state import Counts
from orchestration.company import Company, load_company
from orchestration.loading.load import load
from orchestration.sandbox import sandbox_servers

PROSPECTS: Final = 2_000
"""Of the small company. Salesforce's ids leave room for copies while it has no more than these."""

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_ROWS_A_COMMIT: Final = 500_000
_DIGITS: Final = 5

_NUMBERED: Final = "{column} || number"
_SALESFORCE: Final = f"substr({{column}}, 1, 3) || number || substr({{column}}, {4 + _DIGITS})"
_NAMED: Final = "{column} || ' ' || copy"
_DOMAIN: Final = r"regexp_replace({column}, '\.example\b', '-c' || copy || '.example', 'gi')"
_ADDRESS: Final = f"regexp_replace({_DOMAIN}, '(^|;)', '\\1c' || copy || '.', 'g')"
_PHONE: Final = "replace({column}, '+1 555 ', '+1 2' || number)"
_SEVERAL: Final = r"regexp_replace({column}, '(\d+)', '\1' || number, 'g')"

# How the columns of a system name what each copy has for itself.
_OWN: Final[Mapping[str, Mapping[str, str]]] = {
    "hubspot": {
        _NUMBERED: "id from_id to_id contact_id deal_id conversion_id associatedcompanyid "
        "hs_primary_associated_company hs_parent_company_id",
        _SEVERAL: "hs_merged_object_ids",
        _SALESFORCE: "salesforceleadid salesforcecontactid salesforceaccountid "
        "hs_salesforceopportunityid",
        _ADDRESS: "email hs_additional_emails recipient",
        _NAMED: "lastname company name dealname",
        _DOMAIN: "domain hs_additional_domains",
        _PHONE: "phone mobilephone",
    },
    "salesforce": {
        _SALESFORCE: "id master_record_id account_id contact_id lead_id opportunity_id who_id "
        "what_id parent_id converted_account_id converted_contact_id converted_opportunity_id",
        _ADDRESS: "email",
        _NAMED: "last_name company name",
        _DOMAIN: "website",
        _PHONE: "phone mobile_phone",
    },
    "web": {_NUMBERED: "record_id activity_id contact_id", _ADDRESS: "email"},
}
_SHARED: Final[Mapping[str, str]] = {
    "hubspot": "owners pipelines pipeline_stages properties campaigns campaign_spend "
    "campaign_assets forms marketing_emails marketing_events",
    "salesforce": "campaigns users user_roles currency_types dated_conversion_rates "
    "field_definitions",
    "web": "",
}
# When a system last changed a record; the small company's portal is made anew every night, and
# takes whoever was ever merged for changed.
_MODIFIED: Final = frozenset({"lastmodifieddate", "hs_lastmodifieddate", "system_modstamp"})

# Who changed by what is new in the small company's lake, and all people, by their address.
_CHANGED: Final = """
with people as (
    select id as person, lower(email) as email from held_hubspot_contacts
    union
    select id, lower(email) from held_salesforce_leads
    union
    select id, lower(email) from held_salesforce_contacts
),
changed as (
    select id as person from news_hubspot_contacts
    union select contact_id from news_hubspot_contact_history
    union select contact_id from news_hubspot_marketing_event_participations
    union select contact_id from news_web_web_activity
    union select id from news_salesforce_leads
    union select id from news_salesforce_contacts
    union select who_id from news_salesforce_tasks
    union select who_id from news_salesforce_events
),
changed_addresses as (
    select lower(email) as email from news_hubspot_form_submissions
    union select lower(recipient) from news_hubspot_email_events
    union select people.email from people join changed using (person)
)
select count(distinct email) filter (where email in (from changed_addresses)), count(distinct email)
from people
"""


@dataclass(frozen=True)
class Written:
    """What was written: how many rows, how many of them touches, for how many copies."""

    copies: int
    rows: int
    touches: int
    seconds: float


def scaled_company(folder: Path) -> Company:
    """The company that `make_scaled` left in a folder, as the pipeline knows it."""
    return load_company({"TANDEM_COMPANY": str(folder), "TANDEM_DATA": str(folder / "data")})


def make_scaled(folder: Path, touches: int, prospects: int = PROSPECTS) -> Written:
    """Write a company of about so many touches into a folder that has none yet.

    A small company that is there already, below `small`, is the one that is multiplied.
    """
    small = folder / "small"
    if not small.exists():
        make_small(folder, prospects)
    copies = max(1, round(touches / touches_of(scaled_company(small))))
    return write_copies(scaled_company(small), scaled_company(folder), range(1, copies + 1))


def make_small(folder: Path, prospects: int) -> None:
    """Load a company of so many prospects below `small`, and give `folder` its settings."""
    if prospects > PROSPECTS:
        raise ValueError(f"the small company can't have more than {PROSPECTS} prospects")
    settings = yaml.safe_load((_REPOSITORY / "sources.yml").read_text(encoding="utf-8"))
    settings["simulate"] |= {"prospects": prospects}
    for place in (folder, folder / "small"):
        _write_settings(place, settings)
    load_small(folder / "small")


def add_night(folder: Path, days: int = 1, share: float = 0.01) -> Written:
    """Land what a night brings when that share of all prospects changed in so many days."""
    small = folder / "small"
    settings = yaml.safe_load((small / "sources.yml").read_text(encoding="utf-8"))
    settings["simulate"]["until"] += timedelta(days=days)
    before = scaled_company(folder)
    _write_settings(small, settings)
    load_small(small)
    copies = copies_in(before)
    changed, people = changed_people(scaled_company(small), before)
    fewer = max(1, min(copies, round(share * copies * people / max(1, changed))))
    _write_settings(folder, settings)
    # Another part of the company has news every night.
    first = 1 + (settings["simulate"]["until"].toordinal() * fewer) % max(1, copies - fewer + 1)
    chosen = range(first, first + fewer)
    return write_copies(scaled_company(small), scaled_company(folder), chosen)


def load_small(folder: Path) -> None:
    """Load what is new in the small company, through its servers."""
    company = scaled_company(folder)
    wanted = company.sources.simulate
    assert wanted is not None
    simulate(parameters_of(wanted), company.data)
    with sandbox_servers(company):
        streams = [(s.name, stream) for s in company.sources.sources for stream in s.streams]
        for source, stream in sorted(streams, key=lambda pair: pair[1].beside is not None):
            load(company, source, stream.name, "scaled", lambda _, __: None)


def write_copies(small: Company, target: Company, copies: range) -> Written:
    """Land, for each of these copies, what the small company's lake has and the target's has not.

    What all copies share is landed once.
    """
    started = time.monotonic()
    rows = touches = 0
    for source in small.sources.sources:
        for stream in source.streams:
            landed = _write_stream(small, target, source.name, stream, copies)
            rows += landed
            touches += landed if "touches" in stream.entities else 0
    return Written(len(copies), rows, touches, time.monotonic() - started)


def touches_of(company: Company) -> int:
    """How many rows of its lake tell of touches."""
    return sum(
        found.rows
        for source in company.sources.sources
        for stream in source.streams
        if "touches" in stream.entities
        and (found := snapshot(company.lake, source.name, stream.name)) is not None
    )


def copies_in(company: Company) -> int:
    """How many copies its lake holds."""
    found = snapshot(company.lake, "web", "visitors")
    assert found is not None
    with duckdb.connect() as connection:
        ids = connection.read_parquet(list(found.files))
        [(last,)] = ids.max(f"cast(right(record_id, {_DIGITS}) as integer)").fetchall()
    return int(last)


def changed_people(small: Company, target: Company) -> tuple[int, int]:
    """How many of the small company's people changed by what the target has not, of how many."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for source in small.sources.sources:
            for stream in source.streams:
                landed = snapshot(target.lake, source.name, stream.name)
                since = landed.loaded_at if landed else None
                suffix = f"_{source.name}_{stream.name}"
                _make_tables(connection, small, source.name, stream, since=since, suffix=suffix)
        [(changed, people)] = connection.execute(_CHANGED).fetchall()
    return int(changed), int(people)


def _write_settings(folder: Path, settings: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    shutil.copy(_REPOSITORY / "agreement.yml", folder / "agreement.yml")


def _write_stream(
    small: Company, target: Company, source: str, stream: DeclaredStream, copies: range
) -> int:
    declared = raw_schema(stream.columns, stream.key)
    table = open_table(target.lake, source, stream.name, declared)
    state = open_table(small.lake, source, stream.name, declared).state
    assert state.synced_at is not None
    is_shared = stream.name in _SHARED.get(source, stream.name).split()
    schema = raw_arrow_schema(declared)
    rows = 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        _make_tables(connection, small, source, stream, since=table.state.loaded_at)
        rules = {} if is_shared else _rules(source)
        numbers = range(1, 2) if is_shared else copies
        for batch in _batches(connection, schema, rules, numbers):
            table.append(batch, state.cursor, _counts(batch), state.loaded_at or state.synced_at)
            rows += len(batch)
    table.end(schema, state.cursor, state.synced_at, state.columns)
    return rows


def _make_tables(
    connection: duckdb.DuckDBPyConnection,
    small: Company,
    source: str,
    stream: DeclaredStream,
    *,
    since: datetime | None,
    suffix: str = "",
) -> None:
    """The rows of a stream of the small lake, as `held`, and as `news` those that are new.

    What says no more than the version before it is no news.
    """
    found = snapshot(small.lake, source, stream.name)
    assert found is not None
    schema = raw_arrow_schema(raw_schema(stream.columns, stream.key))
    if found.files:
        rows = connection.read_parquet(list(found.files), union_by_name=True)
        lacking = [f"null as {field.name}" for field in schema if field.name not in rows.columns]
        rows.project(", ".join(["*", *lacking])).create(f"held{suffix}")
    else:
        connection.from_arrow(schema.empty_table()).create(f"held{suffix}")
    told = [name for name in stream.columns if name not in _MODIFIED]
    values = ", ".join(f'"{name}"' for name in (*told, "_deleted", "_reject_reason"))
    connection.execute(
        f"""
        create table news{suffix} as
        with versions as (
            select *, row({values}) as told, lag(row({values})) over record as told_before,
                lag(1) over record is null as is_first
            from held{suffix}
            window record as (
                partition by coalesce(_record_id, _origin) order by _loaded_at, _seq
            )
        )
        select * exclude (told, told_before, is_first)
        from versions
        where ($since is null or _loaded_at > $since)
            and (is_first or told is distinct from told_before)
        """,
        {"since": since},
    )


def _batches(
    connection: duckdb.DuckDBPyConnection,
    schema: pa.Schema,
    rules: Mapping[str, str],
    copies: range,
) -> Iterator[pa.Table]:
    """The rows of `news`, for some of the copies at a time."""
    [(rows, last)] = connection.execute("select count(*), max(_seq) from news").fetchall()
    if not rows:
        return
    listed = ", ".join(
        f'{_rewritten(field.name, rules, last + 1)} as "{field.name}"' for field in schema
    )
    step = max(1, _ROWS_A_COMMIT // rows)
    for first in range(copies.start, copies.stop, step):
        connection.execute(
            "create or replace temp table copies as "
            f"select copy, lpad(cast(copy as varchar), {_DIGITS}, '0') as number "
            f"from range({first}, {min(first + step, copies.stop)}) as numbers (copy)"
        )
        batch = connection.sql(f"select {listed} from news cross join copies").to_arrow_table()
        yield batch.cast(schema)


def _rules(source: str) -> Mapping[str, str]:
    own = {name: rule for rule, names in _OWN[source].items() for name in names.split()}
    marks = dict.fromkeys(("_record_id", "_origin"), "{column} || '|' || number")
    return own | marks


def _rewritten(name: str, rules: Mapping[str, str], rows: int) -> str:
    column = f'"{name}"'
    if not rules:
        return column
    if name == "_seq":
        return f"{column} + copy * {rows}"
    return rules.get(name, "{column}").format(column=column)


def _counts(batch: pa.Table) -> Counts:
    return Counts(
        rows=len(batch),
        rejected=len(batch) - batch.column("_reject_reason").null_count,
        deleted=pc.sum(batch.column("_deleted")).as_py() or 0,
    )


def main() -> None:
    """Write the company, or a night of it, and tell what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--prospects", type=int, default=PROSPECTS)
    parser.add_argument("--night", action="store_true", help="add a night to a folder's company")
    parser.add_argument("--days", type=int, default=1, help="how long the small company lives on")
    parser.add_argument("--share", type=float, default=0.01, help="of prospects that change")
    asked = parser.parse_args()
    started = time.monotonic()
    written = (
        add_night(asked.folder, asked.days, asked.share)
        if asked.night
        else make_scaled(asked.folder, asked.touches, asked.prospects)
    )
    loading = time.monotonic() - started - written.seconds
    print(
        f"{written.rows:,} rows, {written.touches:,} of them of touches, for {written.copies:,} "
        f"copies in {written.seconds:.1f} s, after {loading:.1f} s for the small company"
    )


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    main()
