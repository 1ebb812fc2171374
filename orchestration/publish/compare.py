"""What moved in the funnel of one `as_of` between two moments of knowing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb

from orchestration.company import Company
from orchestration.publish.rebuild import as_it_stood
from orchestration.publish.versions import current_folder, current_version, version_before
from orchestration.warehouse.bind import check_clocks
from orchestration.warehouse.connection import in_memory
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.freshness import BindError
from orchestration.warehouse.moments import name_of
from orchestration.warehouse.sql import identifier, literal

CHANGES: Final = "funnel_change"
TOTALS: Final = "funnel_change_total"

_NOT_COMPARED: Final = frozenset({"journey_id", "as_of", "known_at"})
_FUNNEL: Final = """
select
    *,
    case when outcome = 'won' then deal_id end as won_deal,
    case when outcome = 'won' then amount end as won_amount
from {side}.marts.fct_funnel
"""

# A prospect is joined where its records were of several before, split where they are of several
# now, renamed where all of them went on together under another id.
_IDENTITY: Final = """
create temp table identity as
with pairs as (
    select earlier.prospect_id as was_id, later.prospect_id as now_id
    from earlier.marts.bridge_record_prospect as earlier
    inner join later.marts.bridge_record_prospect as later
        on earlier.person_key = later.person_key
    group by earlier.prospect_id, later.prospect_id
),

counted as (
    select
        was_id,
        now_id,
        count(*) over (partition by was_id) as now_ids,
        count(*) over (partition by now_id) as was_ids
    from pairs
),

sides as (
    select *, was_id as prospect_id, now_id as other_id from counted
    union all
    select *, now_id as prospect_id, was_id as other_id from counted where was_id != now_id
),

gathered as (
    select
        prospect_id,
        max(was_ids) as was_ids,
        max(now_ids) as now_ids,
        string_agg(distinct other_id, ', ' order by other_id)
            filter (where other_id != prospect_id) as other_prospect_ids
    from sides
    group by prospect_id
)

select
    prospect_id,
    other_prospect_ids,
    case when was_ids > 1 then 'joined' when now_ids > 1 then 'split' else 'renamed' end as identity
from gathered
where other_prospect_ids is not null
"""

_CHANGES: Final = f"""
create temp table {CHANGES} as
with journeys as (
    select
        coalesce(later.journey_id, earlier.journey_id) as journey_id,
        coalesce(later.prospect_id, earlier.prospect_id) as prospect_id,
        coalesce(later.deal_id, earlier.deal_id) as deal_id,
        case
            when earlier.journey_id is null then 'appeared'
            when later.journey_id is null then 'vanished'
            else 'changed'
        end as kind
    from earlier.marts.fct_funnel as earlier
    full join later.marts.fct_funnel as later on earlier.journey_id = later.journey_id
),

fields as (
    select
        coalesce(field_now.journey_id, field_was.journey_id) as journey_id,
        coalesce(field_now.field, field_was.field) as field,
        field_was.value as was,
        field_now.value as now
    from field_was
    full join field_now
        on field_was.journey_id = field_now.journey_id and field_was.field = field_now.field
    where field_was.value is distinct from field_now.value
)

select
    fields.journey_id,
    fields.field,
    journeys.kind,
    coalesce(identity.identity, 'same') as identity,
    fields.was,
    fields.now,
    journeys.prospect_id,
    identity.other_prospect_ids,
    journeys.deal_id,
    clock.as_of,
    clock.known_at_was,
    clock.known_at
from fields
cross join clock
inner join journeys on fields.journey_id = journeys.journey_id
left join identity on journeys.prospect_id = identity.prospect_id
order by fields.journey_id, fields.field
"""

# What is counted comes from the two funnels, how it moved from the changes: so they must agree.
_TOTALS: Final = f"""
create temp table {TOTALS} as
with entries as (
    select field, value, 'was' as part, 1 as sign from field_was
    union all
    select field, value, 'now' as part, 1 as sign from field_now
    union all
    select field, was as value, kind as part, -1 as sign from {CHANGES} where was is not null
    union all
    select field, now as value, kind as part, 1 as sign from {CHANGES} where now is not null
),

measured as (
    select
        part,
        case
            when field = 'is_primary' then 'journeys'
            when field = 'won_deal' then 'won_deals'
            when field = 'outcome' then 'outcome ' || value
            else field
        end as measure,
        sign
        * case when field = 'won_amount' then cast(value as decimal(18, 2)) else 1 end as number
    from entries
    where field in ('is_primary', 'outcome', 'won_deal', 'won_amount') or ends_with(field, '_at')
)

select
    measured.measure,
    coalesce(sum(measured.number) filter (where measured.part = 'was'), 0) as was,
    coalesce(sum(measured.number) filter (where measured.part = 'appeared'), 0) as appeared,
    coalesce(sum(measured.number) filter (where measured.part = 'vanished'), 0) as vanished,
    coalesce(sum(measured.number) filter (where measured.part = 'changed'), 0) as changed,
    coalesce(sum(measured.number) filter (where measured.part = 'now'), 0) as now,
    clock.as_of,
    clock.known_at_was,
    clock.known_at
from measured
cross join clock
group by measured.measure, clock.as_of, clock.known_at_was, clock.known_at
order by measured.measure
"""


@dataclass(frozen=True)
class Comparison:
    """Where what moved was written, and its totals: measure, was, appeared, …, now as texts."""

    changes: Path
    totals: Path
    told: Sequence[Sequence[str]]


def compare(
    company: Company,
    project: DbtProject,
    as_of: datetime,
    known: tuple[datetime, datetime | None],
    tell: Callable[[str], None],
) -> Comparison:
    """Write what moved in the funnel of `as_of` between two moments of knowing it (naive, UTC).

    Without the second of `known`, up to the newest load. The funnel of each is rebuilt where it is
    not there yet. The two tables lie in the folder of the later one, as Parquet.

    Raises BindError where the second moment is not after the first, and what `rebuild` raises.
    """
    known_at_was = known[0]
    known_at = _known_later(company, as_of, known_at_was, known[1])
    earlier = as_it_stood(company, project, as_of, known_at_was, tell)
    later = as_it_stood(company, project, as_of, known_at, tell)
    folder = _moved(company, later, known_at_was)
    return what_moved(current_folder(earlier), current_folder(later), folder)


def compare_with_last(
    company: Company, project: DbtProject, tell: Callable[[str], None]
) -> Comparison:
    """Write what the newest load has moved in the funnel that was published before the present one.

    It is rebuilt for the `as_of` of that version, with what is known now, so what happened since is
    not in it. Raises BindError where no such version is kept, or where nothing was loaded since,
    and what `rebuild` raises.
    """
    before = version_before(company)
    if before is None:
        raise BindError(
            "Nothing was published before what is published now: compare after the next night, or "
            "name AS_OF and KNOWN_AT."
        )
    folder, made_of = before
    as_of, known_at_was = (
        datetime.fromisoformat(text) for text in (made_of.as_of, made_of.known_at)
    )
    known_at = _known_later(company, as_of, known_at_was, None)
    later = as_it_stood(company, project, as_of, known_at, tell)
    present = current_version(later)
    if present and present.recipes != made_of.recipes:
        tell("The models have changed since as well, which may be why a figure moved.")
    if present and present.agreement_version != made_of.agreement_version:
        tell("The agreement has changed since as well, which may be why a figure moved.")
    return what_moved(folder, current_folder(later), _moved(company, later, known_at_was))


def _known_later(
    company: Company, as_of: datetime, known_at_was: datetime, known_at: datetime | None
) -> datetime:
    known_at = check_clocks(company, as_of, known_at)
    if known_at <= known_at_was:
        raise BindError(
            f"Nothing can have moved from {known_at_was} UTC to {known_at} UTC: ask for an "
            "earlier KNOWN_AT or a later AND_AT."
        )
    return known_at


def _moved(company: Company, later: Company, known_at_was: datetime) -> Path:
    return later.built / f"since_{name_of(known_at_was, company.agreement.zone)}"


def what_moved(earlier: Path, later: Path, folder: Path) -> Comparison:
    """Hold two published versions, of one `as_of`, against each other; write it into `folder`.

    `funnel_change.parquet` has a row per journey and field that differ, and
    `funnel_change_total.parquet` one per measure: was + appeared + vanished + changed = now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with in_memory() as connection:
        for side, version in (("earlier", earlier), ("later", later)):
            file = literal(str(version / "tandem.duckdb"))
            connection.execute(f"attach {file} as {side} (read_only)")
        connection.execute(
            "create temp table clock as select max(later.as_of) as as_of, "
            "max(earlier.known_at) as known_at_was, max(later.known_at) as known_at "
            "from earlier.marts.catalogue as earlier cross join later.marts.catalogue as later"
        )
        _fields(connection, "earlier", "field_was")
        _fields(connection, "later", "field_now")
        for statement in (_IDENTITY, _CHANGES, _TOTALS):
            connection.execute(statement)
        files = {name: folder / f"{name}.parquet" for name in (CHANGES, TOTALS)}
        for name, path in files.items():
            connection.execute(f"copy {name} to {literal(str(path))} (format parquet)")
        told = connection.execute(
            f"select measure, was, appeared, vanished, changed, now from {TOTALS} order by measure"
        ).fetchall()
    return Comparison(files[CHANGES], files[TOTALS], [_as_texts(*row) for row in told])


def _as_texts(measure: str, *numbers: Decimal) -> Sequence[str]:
    """Money with its cents, all else as the counts that they are."""
    is_money = measure == "won_amount"
    return [measure, *(f"{n:,}" if is_money else f"{n:,.0f}" for n in numbers)]


def _fields(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> None:
    """A row for each journey and field that is not null, its value as text."""
    query = _FUNNEL.format(side=side)
    described = connection.execute(f"describe {query}").fetchall()
    names = [identifier(name) for name, *_ in described if name not in _NOT_COMPARED]
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in names)
    connection.execute(
        f"create temp table {table} as unpivot (select journey_id, {texts} from ({query})) "
        f"on {', '.join(names)} into name field value value"
    )
