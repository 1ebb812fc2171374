"""What really happened, kept beside what the systems recorded of it."""

from typing import Final

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import NEVER
from connectors.sandbox.deals import OPEN, OUTCOMES
from connectors.sandbox.draws import Ints
from connectors.sandbox.formats import Exports, identifier, instants, money, words
from connectors.sandbox.history import History
from connectors.sandbox.journeys import DECISIONS
from connectors.sandbox.people import COUNTRIES, CURRENCIES, PEOPLE_A_PROSPECT, SEGMENTS
from connectors.sandbox.records import COPIES, Records
from connectors.sandbox.touches import KINDS
from connectors.sandbox.world import CHANNELS

_LEVELS: Final = ("no", "yes")


def write_truth(truth: Exports, history: History, records: Records) -> None:
    """Append a portion of the history to the truth."""
    _prospects(truth, history, records)
    _records(truth, history, records)
    _journeys(truth, history)
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


def _journeys(truth: Exports, history: History) -> None:
    end, journeys, deals = history.world.end, history.journeys, history.deals
    won_at, lost_at = (
        np.full(len(history.prospects.number), NEVER, dtype=np.int64) for _ in range(2)
    )
    outcome, closed_at = outcomes(history)
    won_at[deals.row] = np.where(outcome == 1, closed_at, NEVER)
    lost_at[deals.row] = np.where(outcome == 2, closed_at, NEVER)  # noqa: PLR2004
    first = {
        "mql": np.minimum.reduce([way.mql_at for way in journeys.passes]),
        "sal": np.minimum.reduce([way.sal_at for way in journeys.passes]),
        "sql": np.minimum.reduce([way.sql_at for way in journeys.passes]),
    }
    disqualified_at = journeys.disqualified_at
    ended = np.select(
        [won_at < end, lost_at < end, disqualified_at < end],
        ["won", "lost", "disqualified"],
        "open",
    )
    recycles = sum((way.recycled_at < end).astype(np.int64) for way in journeys.passes)
    truth.append(
        "journeys.parquet",
        pa.table(
            {
                "prospect": history.prospects.number * PEOPLE_A_PROSPECT,
                "aware_at": instants(history.prospects.aware_at),
                "lead_at": _by(journeys.lead_at, end),
                **{f"{stage}_at": _by(at, end) for stage, at in first.items()},
                "opportunity_at": _by(journeys.opportunity_at, end),
                "won_at": _by(won_at, end),
                "lost_at": _by(lost_at, end),
                "disqualified_at": _by(disqualified_at, end),
                "outcome": ended,
                "recycles": recycles,
            }
        ),
    )


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
                    "would_be_ignored": pa.array(way.decision[keep] == DECISIONS.index("ignored")),
                }
            ),
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
    cents = (deals.amount * 100).astype(np.int64)
    truth.append(
        "deals.parquet",
        pa.table(
            {
                "deal_id": identifier("006", deals.number),
                "prospect": deals.number * PEOPLE_A_PROSPECT,
                "account": deals.account,
                "segment": words(deals.segment, SEGMENTS),
                "amount": money(cents),
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
                "prospect": number[touches.row] * PEOPLE_A_PROSPECT + touches.which,
                "deal_id": identifier("006", touches.deal),
                "at": instants(touches.at),
                "kind": words(touches.kind, KINDS),
            }
        ),
    )


def _by(at: Ints, end: int) -> pa.Array:
    """Instants that came before the end; null for the others."""
    return instants(np.where(at < end, at, NEVER))
