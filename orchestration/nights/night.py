"""Advance the tables of the night before where that can be done, and remember what was built."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from orchestration.company import Company
from orchestration.nights.advance import advance
from orchestration.nights.base import (
    Base,
    forget_base,
    keep_base,
    kept_base,
    present_clock,
    present_lake,
    rules_of,
)
from orchestration.nights.closure import NotByPieces
from orchestration.nights.steps import Steps, steps_of
from orchestration.warehouse.connection import WarehouseDamaged, open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import DbtRun, NodeResult

FEWEST: Final = 400_000
"""The rows of the lake below which a whole build takes no longer, reckoned from 1.5 million."""

MOST: Final = 0.3
"""The share of the lake's rows above which a whole build is the shorter way."""

_ADVANCED: Final = "{went:,} rows made way for {came:,}"


def advance_tables(
    company: Company,
    project: DbtProject,
    models: Collection[str],
    tell: Callable[[str], None],
) -> tuple[NodeResult, ...]:
    """Bring the tables by records and by pieces to what is bound, by what changed alone.

    `models` are those that are asked for, by dbt's id. Nothing is done, and nothing returned, where
    a table among them has to be built in full: because it is not known what it was made of, because
    the company's files, the models or the code are others, or for a reason that is told. Whoever
    calls holds the warehouse.
    """
    steps = steps_of(project)
    # What a night reads of the one before must be as old as the tables: all is built, or none.
    if steps.made.isdisjoint(models):
        return ()
    with open_warehouse(company.warehouse) as connection:
        base = kept_base(connection)
        # Until all is built again, nobody may go on from what is half built.
        forget_base(connection)
        if base is None or base.rules != rules_of(company) or not steps.made <= set(models):
            return ()
        if base.clock == present_clock(connection) and base.lake == present_lake(connection):
            # Who asks for it again wants it made again.
            return ()
        try:
            advanced = advance(connection, steps, base, tell, most=MOST)
        except NotByPieces as reason:
            tell(f"All tables are built in full: {reason}")
            return ()
        lake, clock = present_lake(connection), present_clock(connection)
        keep_base(connection, Base(base.rules, clock, lake, base.statements))
    went, came = sum(one.went for one in advanced), sum(one.came for one in advanced)
    tell(f"{len(advanced)} tables were advanced: {_ADVANCED.format(went=went, came=came)}")
    ended = datetime.now(UTC)
    return tuple(
        NodeResult(
            one.model.unique_id,
            "success",
            one.seconds,
            ended,
            None,
            _ADVANCED.format(went=one.went, came=one.came),
        )
        for one in advanced
    )


def forget_built(company: Company) -> None:
    """Have the next build make all tables in full. Whoever calls holds the warehouse."""
    # A warehouse that is damaged is gone then, and with it what was built.
    with suppress(WarehouseDamaged):
        if company.warehouse.exists():
            with open_warehouse(company.warehouse) as connection:
                forget_base(connection)


def note_built(company: Company, project: DbtProject, run: DbtRun) -> None:
    """Remember what the tables were made of, where dbt has just built all of them in full.

    Of a lake that is built as fast in full nothing is remembered.

    Whoever calls holds the warehouse.
    """
    steps = steps_of(project)
    built = {result.unique_id for result in run.results if result.is_good}
    if not steps.made <= built:
        return
    with open_warehouse(company.warehouse) as connection:
        lake, clock = present_lake(connection), present_clock(connection)
        if sum(landed.rows for landed in lake.values()) < FEWEST:
            return
        if any(landed.until > clock.known_at for landed in lake.values()):
            # As of an earlier time: the next night is none after it.
            return
        keep_base(
            connection, Base(rules_of(company), clock, lake, _statements(company, project, steps))
        )


def _statements(company: Company, project: DbtProject, steps: Steps) -> Mapping[str, str]:
    """The queries of models, as dbt just ran them."""
    compiled = company.dbt / "target" / "compiled" / "tandem"
    return {
        i: (compiled / project.models[i]["original_file_path"]).read_text(encoding="utf-8")
        for i in steps.made
    }
