"""What prospects did, and what both teams did to reach them."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.deals import HORIZON, WON, Deals
from connectors.sandbox.draws import Bools, Ints, choose, exponential, whole
from connectors.sandbox.journeys import ATTEMPTS, Journeys, Prospects
from connectors.sandbox.world import EVENT, OUTBOUND, VARIANTS, WEBINAR, World

KINDS: Final = (
    "visit",
    "form_submission",
    "ad_click",
    "webinar",
    "event",
    "email_click",
    "email_reply",
    "call",
    "email",
    "meeting",
    "email_sent",
    "email_open",
    "bot_click",
)
(VISIT, FORM, AD_CLICK, WEBINAR_SEEN, EVENT_SEEN, EMAIL_CLICK, EMAIL_REPLY) = range(7)
(CALL, EMAIL, MEETING, EMAIL_SENT, EMAIL_OPEN, BOT_CLICK) = range(7, 13)
SALES_KINDS: Final = (CALL, EMAIL, MEETING)

EMAIL_CHANNEL: Final = 7
"""The channel of e-mail programs, after those of world.CHANNELS; sales' own work has -1."""

# The first thing that a prospect of each channel does.
_FIRST_KIND: Final = np.array([AD_CLICK, VISIT, WEBINAR_SEEN, EVENT_SEEN, VISIT, EMAIL, AD_CLICK])
_NEXT_KINDS: Final = (VISIT, FORM, AD_CLICK, WEBINAR_SEEN, EVENT_SEEN, EMAIL_CLICK)
_NEXT_WEIGHTS: Final = (0.24, 0.14, 0.12, 0.14, 0.06, 0.30)
_NURTURE_KINDS: Final = (EMAIL_CLICK, WEBINAR_SEEN, FORM, EVENT_SEEN, EMAIL_REPLY)
_NURTURE_WEIGHTS: Final = (0.44, 0.22, 0.16, 0.10, 0.08)
_MOST_VISITS: Final = 6
_VISITS: Final = (0.18, 0.22, 0.2, 0.15, 0.12, 0.08, 0.05)
_VISIT_DAYS: Final = 120
_CALLS: Final = 0.55
_ANSWERS: Final = 0.4
_CONTRACT: Final = 0.85
_CASE_STUDY: Final = 0.6
_ONBOARDING: Final = 0.5


@dataclass(frozen=True)
class Touches:
    """Touches, row by row. `row` is the prospect's place; `deal` the deal's number, or -1.

    `key` is unique and stays the same however far the history goes; `which` of the prospect's
    people it is; `campaign` is -1 where there is none.
    """

    key: Ints
    row: Ints
    which: Ints
    deal: Ints
    at: Ints
    kind: Ints
    channel: Ints
    campaign: Ints
    is_out: Bools
    is_two_way: Bools


def joined(parts: list[Touches]) -> Touches:
    """Several lots of touches as one."""
    return Touches(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Touches)
        }
    )


def chosen(touches: Touches, keep: Bools | Ints) -> Touches:
    """Some of the touches, by mask or by place."""
    return Touches(**{f.name: getattr(touches, f.name)[keep] for f in fields(Touches)})


def campaign_of(world: World, channel: Ints, at: Ints, keys: Ints) -> Ints:
    """The campaign of a channel that runs in the quarter of each instant."""
    month = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    variant = whole(world.draw("campaign", keys) * VARIANTS)
    return (channel * 10_000 + month // 3) * VARIANTS + variant


def marketing_before(world: World, prospects: Prospects, journeys: Journeys) -> Touches:
    """What prospects did before there was a deal, and marketing's part in it."""
    rows = np.arange(len(prospects.number))
    aware, channel = prospects.aware_at, prospects.channel
    stop = np.minimum(journeys.opportunity_at, journeys.disqualified_at)
    parts = [_lot(world, 0, prospects, rows, aware, kind=_FIRST_KIND[channel], channel=channel)]

    lead = np.nonzero((journeys.lead_at < NEVER) & (channel != OUTBOUND))[0]
    kind = np.full(len(lead), FORM)
    parts.append(
        _lot(
            world, 1, prospects, lead, journeys.lead_at[lead] - 30, kind=kind, channel=channel[lead]
        )
    )

    for which, way in enumerate(journeys.passes):
        ripe = np.nonzero((way.mql_at < NEVER) & (channel != OUTBOUND))[0]
        kind = np.full(len(ripe), FORM if which == 0 else EMAIL_CLICK)
        at = way.mql_at[ripe] - 90
        by = _channel(kind, channel[ripe])
        parts.append(_lot(world, 2 + which, prospects, ripe, at, kind=kind, channel=by))

    count = choose(world.draw("visits", prospects.number), _VISITS)
    span = np.minimum(stop, aware + _VISIT_DAYS * DAY) - aware
    for which in range(_MOST_VISITS):
        some = rows[which < count]
        keys = prospects.number[some] * _MOST_VISITS + which
        at = _awake(world, aware[some] + 60 + whole(span[some] * world.draw("visit at", keys)))
        at = np.clip(at, aware[some] + 60, np.maximum(stop[some] - 60, aware[some] + 60))
        kind = np.array(_NEXT_KINDS)[choose(world.draw("visit kind", keys), _NEXT_WEIGHTS)]
        parts.append(
            _lot(
                world,
                5 + which,
                prospects,
                some,
                at,
                kind=kind,
                channel=_channel(kind, channel[some]),
            )
        )
    return joined(parts)


def sales_before(world: World, prospects: Prospects, journeys: Journeys) -> Touches:
    """What sales did between the handoff and the deal."""
    parts = []
    for which, way in enumerate(journeys.passes):
        last = (way.attempt_at < NEVER).sum(axis=1) - 1
        for attempt in range(ATTEMPTS):
            rows = np.nonzero(way.attempt_at[:, attempt] < NEVER)[0]
            code = 20 + which * ATTEMPTS + attempt
            keys = prospects.number[rows] * 64 + code
            kind = np.where(world.draw("attempt kind", keys) < _CALLS, CALL, EMAIL)
            two_way = way.two_way[rows] & (last[rows] == attempt)
            at = way.attempt_at[rows, attempt]
            parts.append(
                _lot(world, code, prospects, rows, at, kind=kind, channel=None, two_way=two_way)
            )
        for code, reached in ((40 + which, way.sal_at), (44 + which, way.sql_at)):
            rows = np.nonzero(reached < NEVER)[0]
            at = world.calendar.after(reached[rows], np.full(len(rows), 45.0))
            kind = np.full(len(rows), MEETING)
            two_way = np.ones(len(rows), dtype=np.bool_)
            parts.append(
                _lot(world, code, prospects, rows, at, kind=kind, channel=None, two_way=two_way)
            )
    return joined(parts)


def on_deals(world: World, prospects: Prospects, deals: Deals) -> Touches:
    """What both teams did while a deal was open, at its signing, and marketing's part after it."""
    places, days = np.nonzero(deals.marketing_days)
    keys = deals.number[places] * HORIZON + days
    kind = np.array(_NURTURE_KINDS)[choose(world.draw("nurture kind", keys), _NURTURE_WEIGHTS)]
    channel = _channel(kind, prospects.channel[deals.row[places]])
    marketing = _on_days(world, "marketing", deals, places, days, kind=kind, channel=channel)
    places, days = np.nonzero(deals.sales_days)
    keys = deals.number[places] * HORIZON + days
    kind = np.array(SALES_KINDS)[choose(world.draw("sales kind", keys), (0.35, 0.4, 0.25))]
    none = np.full(len(kind), -1, dtype=np.int64)
    sales = _on_days(world, "sales", deals, places, days, kind=kind, channel=none)
    return joined([marketing, sales, _around_close(world, prospects, deals)])


def _around_close(world: World, prospects: Prospects, deals: Deals) -> Touches:
    """Contract talks and case studies in the days before a deal is won, onboarding after it."""
    parts = []
    for code, purpose, kind, share, low, high in (
        (50, "contract", MEETING, _CONTRACT, -3, -1),
        (51, "case study", EMAIL_CLICK, _CASE_STUDY, -5, -1),
        (52, "onboarding", WEBINAR_SEEN, _ONBOARDING, 10, 60),
    ):
        places = np.nonzero((deals.outcome == WON) & (world.draw(purpose, deals.number) < share))[0]
        shift = low + (high - low) * world.draw(purpose + " day", deals.number[places])
        at = _awake(world, deals.closed_at[places] + whole(shift * DAY))
        is_in = (at > deals.opened_at[places]) & ((at < deals.closed_at[places]) | (shift > 0))
        places, at = places[is_in], at[is_in]
        rows = deals.row[places]
        channel = (
            None if kind == MEETING else _channel(np.full(len(rows), kind), prospects.channel[rows])
        )
        lot = _lot(
            world, code, prospects, rows, at, kind=np.full(len(rows), kind), channel=channel,
            two_way=np.full(len(rows), kind == MEETING),
            deal=deals.number[places] if kind == MEETING else None,
        )  # fmt: skip
        parts.append(lot)
    return joined(parts)


def _awake(world: World, at: Ints) -> Ints:
    """The instants moved into the waking hours of their days at home, 06:00 to 19:30, in order."""
    day = world.calendar.local_day(at)
    second = at - world.calendar.instant(day, np.zeros_like(day))
    return world.calendar.instant(day, 6 * 3600 + second * 27 // 48)


def _channel(kind: Ints, own: Ints) -> Ints:
    """The channel that a kind of touch came by; `own` is the prospect's first."""
    channel = np.where((kind == EMAIL_CLICK) | (kind == EMAIL_REPLY), EMAIL_CHANNEL, own)
    channel = np.where(kind == WEBINAR_SEEN, WEBINAR, channel)
    channel = np.where(kind == EVENT_SEEN, EVENT, channel)
    return np.where((channel == OUTBOUND) & (kind != EMAIL), 1, channel)


def _on_days(
    world: World, team: str, deals: Deals, places: Ints, days: Ints, *, kind: Ints, channel: Ints
) -> Touches:
    number = deals.number[places]
    keys = number * HORIZON + days
    second = whole(9 * 3600 + world.draw(f"{team} hour", keys) * 9 * 3600)
    at = world.calendar.instant(deals.opened_day[places] + days, second)
    is_open = (at > deals.opened_at[places]) & (at < deals.closed_at[places])
    people = 1 + deals.colleagues[places]
    is_sales = channel == -1
    # Half of the colleagues' touches find somebody other than the prospect.
    which = whole(world.draw(f"{team} whom", keys) * people)
    touches = Touches(
        key=(keys * 2 + is_sales) * 2 + 1,
        row=deals.row[places],
        which=which,
        deal=np.where(is_sales, number, -1),
        at=at,
        kind=kind,
        channel=channel,
        campaign=np.where(is_sales, -1, campaign_of(world, channel, at, keys)),
        is_out=is_sales & (kind != MEETING),
        is_two_way=(kind == MEETING) | (kind == EMAIL_REPLY)
        | (is_sales & (world.draw(f"{team} answers", keys) < _ANSWERS)),
    )  # fmt: skip
    return chosen(touches, is_open)


def _lot(
    world: World,
    code: int,
    prospects: Prospects,
    rows: Ints,
    at: Ints,
    *,
    kind: Ints,
    channel: Ints | None,
    two_way: Bools | None = None,
    deal: Ints | None = None,
) -> Touches:
    """One touch a row, of the prospect itself; `code` (below 64) tells lots apart."""
    number = prospects.number[rows]
    keys = number * 64 + code
    none = np.full(len(rows), -1, dtype=np.int64)
    is_sales = (kind == CALL) | (kind == EMAIL) | (kind == MEETING)
    return Touches(
        key=keys * 2,
        row=rows,
        which=np.zeros(len(rows), dtype=np.int64),
        deal=none if deal is None else deal,
        at=at,
        kind=kind.astype(np.int64),
        channel=none if channel is None else np.where(is_sales, -1, channel),
        campaign=none
        if channel is None
        else np.where(is_sales, -1, campaign_of(world, channel, at, keys)),
        is_out=(kind == CALL) | (kind == EMAIL),
        is_two_way=(kind == EMAIL_REPLY) if two_way is None else two_way,
    )


def newsletters(world: World, known_from: Ints, numbers: Ints) -> tuple[Ints, Ints, Ints]:
    """Bulk mail to everybody known: rows, issue numbers and instants.

    One issue a fortnight, for ten months from when a contact is known.
    """
    fortnight = 14 * DAY
    rows, issues = [], []
    first = (known_from - world.start) // fortnight + 1
    for step in range(20):
        issue = first + step
        gone = world.draw("unsubscribes", numbers) < 0.02 * step
        is_sent = (known_from < NEVER) & ~gone
        rows.append(np.nonzero(is_sent)[0])
        issues.append(issue[is_sent])
    row, issue = np.concatenate(rows), np.concatenate(issues)
    at = world.start + issue * fortnight + 15 * 3600
    later = whole(600 * exponential(world.draw("mail queue", numbers[row] * 4096 + issue)))
    return row, issue, at + later
