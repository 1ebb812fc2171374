"""The simulated company's deals and the touches on them, as the models of their lives read them."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import HOME
from connectors.sandbox.deals import LOST, OPEN, WON
from connectors.sandbox.draws import Ints
from connectors.sandbox.history import History, histories
from connectors.sandbox.parameters import Parameters
from connectors.sandbox.touches import SALES_KINDS
from connectors.sandbox.world import make_world
from tests.dbt_project.compiled import CompiledProject, Database

SEGMENTS = ("smb", "mid", "enterprise")
_ENDINGS = {OPEN: "open", WON: "won", LOST: "lost"}


def lives_of_deals(
    project: CompiledProject, parameters: Parameters, window: int = 30
) -> tuple[pa.Table, pa.Table]:
    """`int_nurture_deal` and `int_nurture_spell` of a company with those parameters."""
    database = project.database()
    try:
        world = make_world(parameters)
        parts = [_rows(history) for history in histories(world)]
        for number, name in enumerate(
            ("fct_funnel", "int_cycle_journey", "fct_deal", "int_deal_touch")
        ):
            _stand_in(database, name, pa.concat_tables([part[number] for part in parts]))
        database.fill("dim_prospect", [])
        database.fill(
            "agreement.settings",
            [{"time_zone": HOME, "nurture_window_days": window, "nurture_trailing_days": 365}],
        )
        database.fill("agreement.nurture_lags", [{"lag_days": 7}])
        as_of = datetime.fromtimestamp(world.end - 1, UTC).replace(tzinfo=None)
        database.fill("bound.clock", [{"as_of": as_of}])
        database.build("int_nurture_deal", "int_nurture_spell")
        relations = database.project.relations
        deals, spells = (
            database.connection.sql(f"from {relations[name].address}").to_arrow_table()
            for name in ("int_nurture_deal", "int_nurture_spell")
        )
        return deals, spells
    finally:
        database.connection.close()


def _stand_in(database: Database, name: str, rows: pa.Table) -> None:
    database.fill(name, [])
    columns = ", ".join(f'"{column}"' for column in rows.column_names)
    database.connection.register("rows_of_it", rows)
    database.change(name, f"insert into {{}} ({columns}) from rows_of_it")
    database.connection.unregister("rows_of_it")


def _rows(history: History) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    deals, calendar, end = history.deals, history.world.calendar, history.world.end
    names = np.char.add("d", deals.number.astype(str))
    is_over = deals.closed_at < end
    outcomes = [
        _ENDINGS[int(outcome)] if over else "open"
        for outcome, over in zip(deals.outcome, is_over, strict=True)
    ]
    opened = _days(calendar.local_day(deals.opened_at))
    ended = _days(calendar.local_day(np.minimum(deals.closed_at, end - 1)))
    funnel = pa.table(
        {
            "journey_id": names,
            "deal_id": names,
            "is_primary": np.ones(len(names), dtype=np.bool_),
            "account_id": deals.account.astype(str),
            "segment": [SEGMENTS[segment] for segment in deals.segment],
            "outcome": outcomes,
        }
    )
    spells = pa.table(
        {
            "journey_id": names,
            "from_stage": ["opportunity"] * len(names),
            "started_on": opened,
            "seen_on": opened,
            "ended_on": ended,
            "is_excluded": np.zeros(len(names), dtype=np.bool_),
        }
    )
    # As the models have it: the first amount that sales gave the deal, not what it came to.
    first = np.where(np.isnan(deals.estimate), deals.quote, deals.estimate)
    first_usd = np.round(first * deals.worth_usd / deals.amount, 2)
    amounts = pa.table({"deal_id": names, "amount_at_creation_reporting": first_usd})
    touches = history.touches
    place_of_row = np.full(len(history.prospects.number), -1, dtype=np.int64)
    place_of_row[deals.row] = np.arange(len(names))
    place = place_of_row[touches.row]
    counts = (place >= 0) & (touches.kind < SALES_KINDS[-1] + 1)
    worked = pa.table(
        {
            "deal_id": names[place[counts]],
            "touch_id": touches.key[counts].astype(str),
            "team": np.where(np.isin(touches.kind[counts], SALES_KINDS), "sales", "marketing"),
            "occurred_at": pa.array(touches.at[counts] * 1_000_000, pa.timestamp("us")),
        }
    )
    return funnel, spells, amounts, worked


def _days(numbers: Ints) -> pa.Array:
    return pa.array(numbers.astype(np.int32), pa.int32()).cast(pa.date32())
