"""What really happened, kept beside what the systems recorded of it."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.calendar import NEVER
from connectors.sandbox.deals import OPEN, OUTCOMES, amounts_at
from connectors.sandbox.draws import Floats, Ints
from connectors.sandbox.formats import Exports, identifier, instants, money, words
from connectors.sandbox.history import History
from connectors.sandbox.journeys import (
    DECISIONS,
    PASSES,
    REASONS,
    Pass,
    recycled_because,
    rejected_because,
)
from connectors.sandbox.marketing_exports import ALL_CHANNELS, campaign_ids
from connectors.sandbox.people import COUNTRIES, CURRENCIES, PEOPLE_A_PROSPECT, SEGMENTS
from connectors.sandbox.records import COPIES, Records
from connectors.sandbox.touches import KINDS
from connectors.sandbox.world import CHANNELS


def write_truth(truth: Exports, history: History, records: Records) -> None:
    """Append a portion of the history to the truth."""
    _prospects(truth, history, records)
    _records(truth, history, records)
    _journeys(truth, history, records)
    _handoffs(truth, history)
    _deals(truth, history)
    _deal_days(truth, history)
    _touches(truth, history)


def _prospects(truth: Exports, history: History, records: Records) -> None:
    own, theirs = records.people, records.colleagues
    prospects, rows = history.prospects, records.colleague_rows
    truth.append(
        "prospects.parquet",
        pa.table(
            {
                "prospect": np.concatenate([own.person, theirs.person]),
                "account": np.concatenate([own.account, theirs.account]),
                "email": np.concatenate([own.email, theirs.email]),
                "country": words(np.concatenate([own.country, theirs.country]), COUNTRIES),
                "segment": words(
                    np.concatenate([prospects.segment, prospects.segment[rows]]), SEGMENTS
                ),
                "channel": words(
                    np.concatenate([prospects.channel, np.full(len(rows), -1)]), CHANNELS
                ),
                "joined_deal_of": pa.array(
                    np.concatenate([np.full(len(own.person), -1), prospects.number[rows]]),
                    mask=np.arange(len(own.person) + len(rows)) < len(own.person),
                ),
            }
        ),
    )


def _records(truth: Exports, history: History, records: Records) -> None:
    contacts, leads = records.contacts, records.leads
    converted = np.concatenate(
        [records.people.person[history.deals.row], records.colleagues.person]
    )
    parts = [
        ("marketing", "contacts", pa.array(contacts.number.astype(np.str_)), contacts.person),
        ("crm", "leads", identifier("00Q", leads.number), leads.person),
        ("crm", "contacts", identifier("003", converted * COPIES), converted),
    ]
    for source, stream, record_id, person in parts:
        count = len(person)
        truth.append(
            "records.parquet",
            pa.table(
                {
                    "source": pa.array([source] * count, pa.string()),
                    "stream": pa.array([stream] * count, pa.string()),
                    "record_id": record_id,
                    "prospect": person,
                }
            ),
        )


def _journeys(truth: Exports, history: History, records: Records) -> None:
    outcome, closed_at = outcomes(history)
    closes = {
        how: _of_rows(history, np.where(outcome == OUTCOMES.index(how), closed_at, NEVER))
        for how in ("won", "lost")
    }
    # A rep types a lead in before the first call to it: whichever is first opens the journey.
    opens_at = np.minimum(history.prospects.aware_at, records.lead_at)
    for which in range(1, PASSES + 1):
        truth.append("journeys.parquet", _journey(history, which, opens_at, closes))


def _journey(history: History, which: int, opens_at: Ints, closes: dict[str, Ints]) -> pa.Table:
    """Each prospect's journey of that number, where it has one."""
    end, journeys, prospects = history.world.end, history.journeys, history.prospects
    passes = list(zip(journeys.passes, journeys.journey_of_pass, strict=True))

    def first(moment: Callable[[Pass], Ints]) -> Ints:
        theirs = [np.where(of == which, moment(way), NEVER) for way, of in passes]
        earliest: Ints = np.minimum.reduce(theirs)
        return earliest

    is_first = which == 1
    mql_at = first(lambda way: way.mql_at)
    opportunity_at = first(lambda way: way.opportunity_at)
    has_deal = opportunity_at < end
    won_at, lost_at = (np.where(has_deal, at, NEVER) for at in closes.values())
    disqualified_at = first(lambda way: way.disqualified_at)
    never = np.full(len(mql_at), NEVER, dtype=np.int64)
    if is_first:
        disqualified_at = np.minimum(disqualified_at, journeys.junk_at)
    moments = {
        "aware_at": opens_at if is_first else never,
        "lead_at": journeys.lead_at if is_first else never,
        "mql_at": mql_at,
        "sal_at": first(lambda way: way.sal_at),
        "sql_at": first(lambda way: way.sql_at),
        "opportunity_at": opportunity_at,
        "won_at": won_at,
        "lost_at": lost_at,
        "disqualified_at": disqualified_at,
    }
    outcome = np.select(
        [won_at < end, lost_at < end, disqualified_at < end],
        ["won", "lost", "disqualified"],
        "open",
    )
    recycles = sum(((of == which) & (way.recycled_at < end)).astype(np.int64) for way, of in passes)
    table = pa.table(
        {
            "prospect": prospects.number * PEOPLE_A_PROSPECT,
            "journey_seq": np.full(len(mql_at), which),
            **{name: _by(at, end) for name, at in moments.items()},
            "outcome": outcome,
            "recycles": recycles,
        }
    )
    return table if is_first else table.filter(pa.array(mql_at < end))


def _of_rows(history: History, of_deals: Ints) -> Ints:
    """Instants of deals as instants of their prospects; NEVER for those without a deal."""
    of_rows = np.full(len(history.prospects.number), NEVER, dtype=np.int64)
    of_rows[history.deals.row] = of_deals
    return of_rows


def _handoffs(truth: Exports, history: History) -> None:
    end = history.world.end
    for which, way in enumerate(history.journeys.passes):
        keep = way.mql_at < end
        decided = _by(way.decided_at[keep], end)
        truth.append(
            "handoffs.parquet",
            pa.table(
                {
                    "prospect": history.prospects.number[keep] * PEOPLE_A_PROSPECT,
                    "handoff_seq": np.full(int(keep.sum()), which + 1),
                    "handed_at": instants(way.mql_at[keep]),
                    "first_attempt_at": _by(way.attempt_at[keep, 0], end),
                    "decided_at": decided,
                    "decision": words(
                        np.where(way.decided_at[keep] < end, way.decision[keep], -1), DECISIONS
                    ),
                    "reason": words(_reasons(history, which)[keep], REASONS),
                    "would_be_ignored": pa.array(way.decision[keep] == DECISIONS.index("ignored")),
                }
            ),
        )


def _reasons(history: History, which: int) -> Ints:
    """Why each prospect was turned down in that pass, if so by the end, as places in REASONS."""
    world, way, numbers = history.world, history.journeys.passes[which], history.prospects.number
    turned_down = [
        (way.decision == DECISIONS.index("rejected"), rejected_because),
        (way.decision == DECISIONS.index("recycled"), recycled_because),
    ]
    return np.select(
        [is_so & (way.decided_at < world.end) for is_so, _ in turned_down],
        [because(world, numbers, which) for _, because in turned_down],
        -1,
    )


def outcomes(history: History) -> tuple[Ints, Ints]:
    """What became of each deal by the end of the history, and when; a reopening counts."""
    deals, end = history.deals, history.world.end
    again, reopened = deals.closed_again_at < end, deals.reopened_at < end
    closed = (deals.closed_at < end) & ~reopened
    outcome = np.where(again, deals.closed_again, np.where(closed, deals.outcome, OPEN))
    closed_at = np.where(again, deals.closed_again_at, np.where(closed, deals.closed_at, NEVER))
    return outcome, closed_at


def _deals(truth: Exports, history: History) -> None:
    deals, end = history.deals, history.world.end
    outcome, closed_at = outcomes(history)
    amount = amounts_at(deals, np.full_like(deals.number, end))
    later = np.where(deals.proposal_at < end, deals.quote, np.nan)
    truth.append(
        "deals.parquet",
        pa.table(
            {
                "deal_id": identifier("006", deals.number),
                "prospect": deals.number * PEOPLE_A_PROSPECT,
                "account": deals.account,
                "segment": words(deals.segment, SEGMENTS),
                "first_amount": _amounts(np.where(np.isnan(deals.estimate), later, deals.estimate)),
                "amount": _amounts(amount),
                "currency": words(deals.currency, CURRENCIES),
                "is_large": pa.array(deals.is_large),
                "opened_at": instants(deals.opened_at),
                "first_closed_at": _by(deals.closed_at, end),
                "first_outcome": words(
                    np.where(deals.closed_at < end, deals.outcome, OPEN), OUTCOMES
                ),
                "reopened_at": _by(deals.reopened_at, end),
                "closed_at": instants(closed_at),
                "outcome": words(outcome, OUTCOMES),
            }
        ),
    )


def _amounts(amounts: Floats) -> pa.Array:
    cents = np.rint(np.nan_to_num(amounts) * 100).astype(np.int64)
    nothing = pa.scalar(None, pa.decimal128(18, 2))
    return pc.if_else(pa.array(~np.isnan(amounts)), money(cents), nothing)


def _deal_days(truth: Exports, history: History) -> None:
    """Each deal as spans of days with and without joint nurture, up to its first close."""
    deals, world = history.deals, history.world
    last_day = world.calendar.local_day(np.minimum(deals.closed_at, world.end - 1))
    length = np.minimum(last_day - deals.opened_day + 1, deals.nurtured_days.shape[1])
    days = np.arange(deals.nurtured_days.shape[1])
    changes = np.zeros_like(deals.nurtured_days)
    changes[:, 0] = True
    changes[:, 1:] = deals.nurtured_days[:, 1:] != deals.nurtured_days[:, :-1]
    place, start = np.nonzero(changes & (days < length[:, None]))
    is_last = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, np.bool_)
    stop = np.where(is_last, length[place], np.append(start[1:], 0) if len(start) else start)
    closed = is_last & (deals.closed_at[place] < world.end)
    truth.append(
        "deal_spans.parquet",
        pa.table(
            {
                "deal_id": identifier("006", deals.number[place]),
                "account": deals.account[place],
                "from_day": start,
                "to_day": stop,
                "joint_nurture": pa.array(deals.nurtured_days[place, start]),
                "segment": words(deals.segment[place], SEGMENTS),
                "is_large": pa.array(deals.is_large[place]),
                "ends_with": words(np.where(closed, deals.outcome[place], OPEN), OUTCOMES),
            }
        ),
    )


def _touches(truth: Exports, history: History) -> None:
    touches, number = history.touches, history.prospects.number
    truth.append(
        "touches.parquet",
        pa.table(
            {
                "touch": touches.key,
                "prospect": number[touches.row] * PEOPLE_A_PROSPECT + touches.which,
                "deal_id": identifier("006", touches.deal),
                "occurred_at": instants(touches.at),
                "kind": words(touches.kind, KINDS),
                "channel": words(touches.channel, ALL_CHANNELS),
                "campaign": campaign_ids(touches.campaign),
            }
        ),
    )


def _by(at: Ints, end: int) -> pa.Array:
    """Instants that came before the end; null for the others."""
    return instants(np.where(at < end, at, NEVER))
