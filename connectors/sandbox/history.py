"""One portion of the company's history, in memory: prospects, and all that happened to them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from connectors.sandbox.calendar import NEVER
from connectors.sandbox.deals import Deals, make_deals
from connectors.sandbox.draws import Ints, exponential
from connectors.sandbox.journeys import Journeys, Prospects, make_journeys, make_prospects
from connectors.sandbox.people import PEOPLE_A_PROSPECT
from connectors.sandbox.staff import Staff, make_staff
from connectors.sandbox.touches import (
    SALES_KINDS,
    Touches,
    chosen,
    joined,
    marketing_before,
    on_deals,
    sales_before,
)
from connectors.sandbox.world import World

PORTION: Final = 20_000
"""Prospects that are in memory at a time."""

_COLLEAGUE_MINUTES: Final = 2700.0


@dataclass(frozen=True)
class History:
    """A portion of what happened; `touches` are those before the end of the history only.

    `colleagues_at` has a column for each of a deal's people (the prospect first): when each joined.
    """

    world: World
    staff: Staff
    prospects: Prospects
    journeys: Journeys
    deals: Deals
    colleagues_at: Ints
    touches: Touches


def histories(world: World) -> Iterator[History]:
    """The company's history, in portions that fit in memory, in the order of the prospects."""
    staff = make_staff(world)
    total = int(world.boundaries[-1])
    for low in range(0, total, PORTION):
        numbers = np.arange(low, min(low + PORTION, total), dtype=np.int64)
        prospects = make_prospects(world, numbers)
        is_seen = prospects.aware_at < world.end
        if not is_seen.any():
            return
        seen = Prospects(**{f.name: getattr(prospects, f.name)[is_seen] for f in fields(Prospects)})
        yield _history(world, staff, seen)


def _history(world: World, staff: Staff, prospects: Prospects) -> History:
    journeys = make_journeys(world, prospects)
    before = joined(
        [marketing_before(world, prospects, journeys), sales_before(world, prospects, journeys)]
    )
    is_sales = np.isin(before.kind, SALES_KINDS)
    deals = make_deals(
        world,
        prospects,
        journeys,
        (before.row[~is_sales], before.at[~is_sales]),
        (before.row[is_sales], before.at[is_sales]),
    )
    colleagues_at = _colleagues(world, deals)
    touches = joined([before, on_deals(world, prospects, deals)])
    touches = chosen(touches, touches.at < world.end)
    return History(
        world=world,
        staff=staff,
        prospects=prospects,
        journeys=journeys,
        deals=deals,
        colleagues_at=colleagues_at,
        touches=chosen(touches, np.lexsort((touches.key, touches.at))),
    )


def _colleagues(world: World, deals: Deals) -> Ints:
    columns = [deals.opened_at]
    for which in range(1, PEOPLE_A_PROSPECT):
        keys = deals.number * PEOPLE_A_PROSPECT + which
        wait = 60 + _COLLEAGUE_MINUTES * exponential(world.draw("joins deal", keys))
        at = world.calendar.after(deals.opened_at, wait)
        comes = (which <= deals.colleagues) & (at < deals.closed_at)
        columns.append(np.where(comes, at, NEVER))
    return np.stack(columns, axis=1)
