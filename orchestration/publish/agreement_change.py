"""What another agreement makes of the same records: two scorecards of one pair of clocks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.typed_yaml import ConfigurationError
from orchestration.agreement import Agreement, agreement_of_text, load_agreement
from orchestration.company import Company
from orchestration.publish.catalogue import OWNERS_SLICE
from orchestration.publish.gate import GateClosed
from orchestration.publish.pseudonyms import Pseudonyms, pseudonyms_of, rows_under
from orchestration.publish.publish import PublishError, nothing_new_since
from orchestration.publish.rebuild import as_it_stood
from orchestration.publish.versions import (
    agreement_before,
    current_folder,
    current_version,
    published_agreement,
)
from orchestration.warehouse.connection import WarehouseError, in_memory, read_warehouse
from orchestration.warehouse.dbt_project import DbtFailed, DbtProject
from orchestration.warehouse.freshness import BindError
from orchestration.warehouse.hold import hold_warehouse
from orchestration.warehouse.sql import literal

CHANGE: Final = "agreement_change"
BEFORE: Final = "agreement_before"
AFTER: Final = "agreement_after"
"""The folders, below `rebuilt/`, of what is built by an agreement that is not the published one."""

_NOT_COMPARABLE: Final = (
    BindError,
    ConfigurationError,
    DbtFailed,
    GateClosed,
    PublishError,
    WarehouseError,
)

# A cell without a case on either side says nothing of the agreement.
_CHANGES: Final = """
create temp table agreement_change as
with sides as (
    select
        coalesce(before.metric, later.metric) as metric,
        coalesce(before.month, later.month) as month,
        coalesce(before.segment, later.segment) as segment,
        coalesce(before.slice_kind, later.slice_kind) as slice_kind,
        coalesce(before.slice, later.slice) as slice,
        before.value as value_before,
        later.value as value_after,
        coalesce(before.n, 0) as n_before,
        coalesce(later.n, 0) as n_after,
        before.numerator as numerator_before,
        later.numerator as numerator_after,
        before.target as target_before,
        later.target as target_after,
        before.status as status_before,
        later.status as status_after
    from scorecard_was as before
    full join scorecard_now as later
        on before.metric = later.metric
        and before.month = later.month
        and before.segment = later.segment
        and before.slice_kind = later.slice_kind
        and before.slice = later.slice
)

select
    sides.metric,
    sides.month,
    sides.segment,
    sides.slice_kind,
    sides.slice,
    stamps.agreement_before,
    stamps.agreement_after,
    case
        when sides.n_before = 0 then 'appeared'
        when sides.n_after = 0 then 'vanished'
        when (value_before, n_before, numerator_before, target_before, status_before)
            is distinct from (value_after, n_after, numerator_after, target_after, status_after)
            then 'moved'
        else 'same'
    end as change,
    sides.value_before,
    sides.value_after,
    sides.value_after - sides.value_before as difference,
    sides.n_before,
    sides.n_after,
    sides.target_before,
    sides.target_after,
    sides.status_before,
    sides.status_after,
    stamps.as_of,
    stamps.known_at
from sides
cross join (
    select
        max(before.agreement_version) as agreement_before,
        max(later.agreement_version) as agreement_after,
        max(later.as_of) as as_of,
        max(later.known_at) as known_at
    from scorecard_was as before
    cross join (
        select
            max(agreement_version) as agreement_version,
            max(as_of) as as_of,
            max(known_at) as known_at
        from scorecard_now
    ) as later
) as stamps
where sides.n_before > 0 or sides.n_after > 0
order by all
"""

_TOLD: Final = """
select
    metric,
    count(*) filter (where change = 'moved'),
    count(*) filter (where change = 'appeared'),
    count(*) filter (where change = 'vanished'),
    count(*) filter (where change = 'same'),
    arg_max(month, abs(difference)) filter (where difference != 0),
    arg_max(value_before, abs(difference)) filter (where difference != 0),
    arg_max(value_after, abs(difference)) filter (where difference != 0)
from agreement_change
where slice_kind = 'all' and segment = 'all'
group by metric
having count(*) filter (where change != 'same') > 0
order by metric
"""
TOLD_COLUMNS: Final = (
    "metric", "moved", "appeared", "vanished", "same", "most in", "from", "to",
)  # fmt: skip


@dataclass(frozen=True)
class AgreementChange:
    """What moved, cell by cell, and of the whole company measure by measure, as texts."""

    table: pa.Table
    told: Sequence[Sequence[str]]
    seconds: float


def change_of_night(
    company: Company, project: DbtProject, tell: Callable[[str], None]
) -> AgreementChange | None:
    """What the agreement by which the night was built moves, against the one last published by.

    The night's warehouse is built and readers have the version before it. The earlier agreement is
    built on the same clocks in a folder of its own, which takes as long as the night's own build,
    unless what readers have is just that.
    None where the agreement is the same, where nothing was published, or where the records can't
    be told by the earlier one any more: then that is said, and it holds up nothing.
    """
    published = published_agreement(company)
    if published is None or published == company.agreement.as_text():
        return None
    started = time.monotonic()
    try:
        earlier = _kept(published)
        tell(
            f"The agreement is {company.agreement.version} and was {earlier.version}: building "
            "once more by that one, to say what moved"
        )
        with hold_warehouse(company), read_warehouse(company.warehouse) as connection:
            [(as_of, known_at)] = connection.execute(
                "select as_of, known_at from bound.clock"
            ).fetchall()
        by_earlier = replace(company, agreement=earlier)
        was = _built(by_earlier, project, (as_of, known_at), BEFORE, tell)
        with hold_warehouse(company):
            under = pseudonyms_of(company)
            change = change_between(was / "tandem.duckdb", company.warehouse, started, under)
    except _NOT_COMPARABLE as error:
        tell(
            f"What the agreement moved can't be told: {error} The night goes on. "
            "`make compare-agreements` tries again."
        )
        return None
    tell(f"What the agreement moved was reckoned in {change.seconds:.0f} s")
    return change


def compare_agreements(
    company: Company, project: DbtProject, earlier: Path | None, tell: Callable[[str], None]
) -> tuple[AgreementChange, Path]:
    """What the agreement as it now is moves, on the clocks last published, and the file of it.

    It is held against the one in the file `earlier`; without it, against the published one where
    the agreement was edited since, else against the one before. What is not built by one of the
    two yet is built, in a folder of its own; readers keep what they have.

    Raises BindError where there is nothing to hold it against, ConfigurationError where the file
    is wrong, and what `rebuild` raises.
    """
    started = time.monotonic()
    present = current_version(company)
    if present is None:
        raise BindError("Nothing is published yet: `make run` builds it.")
    clocks = datetime.fromisoformat(present.as_of), datetime.fromisoformat(present.known_at)
    before = load_agreement(earlier) if earlier else _earlier(company)
    if before == company.agreement:
        raise BindError("The two agreements say the same: nothing can have moved.")
    was = _built(replace(company, agreement=before), project, clocks, BEFORE, tell)
    now = _built(company, project, clocks, AFTER, tell)
    change = change_between(was / "tandem.duckdb", now / "tandem.duckdb", started)
    file = company.rebuilt(BEFORE).built / f"{CHANGE}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    with in_memory() as connection:
        connection.register("change", change.table)
        connection.execute(f"copy change to {literal(str(file))} (format parquet)")
    return change, file


def _earlier(company: Company) -> Agreement:
    published = published_agreement(company)
    edited = published is not None and published != company.agreement.as_text()
    text = published if edited else agreement_before(company)
    if text is None:
        raise BindError(
            "No earlier agreement is kept. Name the file of one: make compare-agreements "
            "BEFORE=agreement-of-last-year.yml"
        )
    return _kept(text)


def _kept(text: str) -> Agreement:
    try:
        return agreement_of_text(text)
    except ValueError as error:
        raise BindError(f"The agreement kept from then is none any more: {error}") from error


def _built(
    company: Company,
    project: DbtProject,
    clocks: tuple[datetime, datetime],
    folder: str,
    tell: Callable[[str], None],
) -> Path:
    """The published version of these clocks: readers' own where it is the same, else a rebuild."""
    own = nothing_new_since(company, project)
    if own and (own.as_of, own.known_at) == tuple(clock.isoformat() for clock in clocks):
        return current_folder(company)
    return current_folder(as_it_stood(company, project, *clocks, tell, folder=folder))


def change_between(
    was: Path, now: Path, started: float, under: Pseudonyms | None = None
) -> AgreementChange:
    """Hold the scorecards of two DuckDB files against each other; `started` is a monotonic time.

    `under`: the pseudonyms that `was` has and `now` does not have yet.
    """
    with in_memory() as connection:
        for side, file in (("was", was), ("now", now)):
            connection.execute(f"attach {literal(str(file))} as {side} (read_only)")
            lacking = under if side == "now" else None
            table = f"{side}.marts.alignment_scorecard"
            query, key = rows_under(lacking, table, OWNERS_SLICE)
            connection.execute(f"create temp table scorecard_{side} as {query}", key)
        connection.execute(_CHANGES)
        told = connection.execute(_TOLD).fetchall()
        table = connection.sql(f"from {CHANGE}").to_arrow_table()
    rows = [[*(_cell(value) for value in row)] for row in told]
    return AgreementChange(table, rows, time.monotonic() - started)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return "" if value is None else str(value)
