"""The export files of marketing's system: contacts, lifecycle history, activity, bulk mail."""

from typing import Final

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import NEVER
from connectors.sandbox.draws import Bools, Ints, whole
from connectors.sandbox.faults import Faults
from connectors.sandbox.formats import Exports, european, iso, months, words
from connectors.sandbox.history import History
from connectors.sandbox.journeys import JUNK_REASON
from connectors.sandbox.people import COUNTRIES, PEOPLE_A_PROSPECT, make_accounts
from connectors.sandbox.records import CONTACT_BASE, COPIES, Records
from connectors.sandbox.touches import (
    EMAIL_CHANNEL,
    EMAIL_CLICK,
    EMAIL_REPLY,
    EVENT_SEEN,
    KINDS,
    SALES_KINDS,
    WEBINAR_SEEN,
    Touches,
    chosen,
    newsletters,
)
from connectors.sandbox.world import CHANNELS, OUTBOUND, VARIANTS, World

ALL_CHANNELS: Final = (*CHANNELS, "Email")
PORTAL_ZONE: Final = "Europe/Berlin"

_WEB: Final = (0, 1, 2)
_ATTENDED: Final = (WEBINAR_SEEN, EVENT_SEEN)
_MAIL: Final = (EMAIL_CLICK, EMAIL_REPLY)
_STAGE_WORDS: Final = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "unqualified",
    "evangelist",
)
_UNQUALIFIED: Final = 3
_QUARTER_ZERO: Final = 1970
_NEWSLETTER_OPENS: Final = 0.31
_BOT_CLICKS: Final = 0.03


def write_marketing(exports: Exports, history: History, records: Records, faults: Faults) -> None:
    """Append a portion of the history to marketing's exports."""
    _contacts(exports, history, records)
    _companies(exports, history)
    _lifecycle(exports, history, records, faults)
    _activity(exports, history, records, faults)
    _bulk_mail(exports, history, records)


def _contacts(exports: Exports, history: History, records: Records) -> None:
    contacts, people, end = records.contacts, records.people, history.world.end
    converted = history.journeys.opportunity_at[contacts.row]
    is_own = contacts.which == 0
    has_lead = is_own & (records.lead_at[contacts.row] < end) & (contacts.number == contacts.main)
    is_contact = (contacts.number == contacts.main) & (~is_own | (has_lead & (converted < end)))
    is_synced = history.world.draw("synced", contacts.number) < 0.85  # noqa: PLR2004
    in_crm = np.where(is_contact, 1, np.where(has_lead, 0, -1))
    prefixed = [
        None if not synced or kind < 0 else f"{('00Q', '003')[kind]}{number:012d}"
        for synced, kind, number in zip(
            is_synced.tolist(), in_crm.tolist(), (contacts.person * COPIES).tolist(), strict=True
        )
    ]
    person = np.concatenate([people.person, records.colleagues.person])
    place = _places(person, contacts.person)
    first = np.concatenate([people.first_name, records.colleagues.first_name])[place]
    last = np.concatenate([people.last_name, records.colleagues.last_name])[place]
    phone = np.concatenate([people.phone, records.colleagues.phone])[place]
    country = np.concatenate([people.country, records.colleagues.country])[place]
    merged = np.where(contacts.merged_at < end, contacts.main, -1)
    exports.append(
        "marketing/contacts.csv",
        pa.table(
            {
                "Record ID": contacts.number.astype(np.str_),
                "Email": contacts.email,
                "First Name": first,
                "Last Name": last,
                "Phone Number": phone,
                "Company ID": history.prospects.account[contacts.row].astype(np.str_),
                "Country": words(country, COUNTRIES),
                "Original Source": words(
                    np.where(is_own, history.prospects.channel[contacts.row], -1), CHANNELS
                ),
                "Salesforce ID": pa.array(prefixed, pa.string()),
                "Merged Into": pa.array(merged.astype(np.str_), pa.string(), mask=merged < 0),
                "Create Date": iso(contacts.created_at, suffix="", separator=" "),
            }
        ),
    )


def _companies(exports: Exports, history: History) -> None:
    prospects = history.prospects
    own = prospects.account == prospects.number
    firms = make_accounts(history.world, prospects.number[own])
    exports.append(
        "marketing/companies.csv",
        pa.table(
            {
                "Company ID": firms.number.astype(np.str_),
                "Name": firms.name,
                "Domain": firms.domain,
                "Industry": firms.industry,
                "Number of Employees": firms.employees,
                "Country": words(firms.country, COUNTRIES),
                "Create Date": iso(prospects.aware_at[own], suffix="", separator=" "),
            }
        ),
    )


def _lifecycle(exports: Exports, history: History, records: Records, faults: Faults) -> None:
    prospects, journeys, end = history.prospects, history.journeys, history.world.end
    main = records.people.person * COPIES + CONTACT_BASE
    in_system = (records.known_at < end) & (prospects.channel != OUTBOUND)
    subscribed = np.where(records.known_at <= journeys.lead_at - 60, records.known_at, NEVER)
    lots = [(0, subscribed), (1, journeys.lead_at)]
    lots += [(2, way.mql_at) for way in journeys.passes]
    # Whom sales never saw, marketing itself sorts out.
    lots.append(
        (_UNQUALIFIED, np.where(records.lead_at > journeys.junk_at, journeys.junk_at, NEVER))
    )
    who, word, at = [], [], []
    for code, moment in lots:
        some = in_system & (moment < end)
        who.append(main[some])
        word.append(np.full(int(some.sum()), code))
        at.append(moment[some])
    # A word that the agreement does not know.
    strange = in_system & faults.is_chosen("unknown stage", prospects.number)
    strange &= records.known_at + 86_400 < end
    who.append(main[strange])
    word.append(np.full(int(strange.sum()), 4))
    at.append(records.known_at[strange] + 86_400)
    contact, stage, moment = np.concatenate(who), np.concatenate(word), np.concatenate(at)
    order = np.lexsort((stage, contact, moment))
    faults.add("marketing", "lifecycle_history", "unknown stage", main[strange].astype(np.str_))
    exports.append(
        "marketing/lifecycle_history.csv",
        pa.table(
            {
                "Contact ID": contact[order].astype(np.str_),
                "Lifecycle Stage": words(stage[order], _STAGE_WORDS),
                "Changed At": iso(moment[order]),
                "Reason": np.where(stage[order] == _UNQUALIFIED, JUNK_REASON, ""),
            }
        ),
    )


def contact_of(records: Records, history: History, touches: Touches) -> Ints:
    """The marketing record that each touch is kept at.

    The prospect's where a colleague is not known there yet; a copy's for half of what came while
    there was one.
    """
    person = records.people.person[touches.row]
    known = _colleague_known(records)
    theirs = known[touches.row, touches.which] <= touches.at
    number = CONTACT_BASE + (person + np.where(theirs, touches.which, 0)) * COPIES
    is_copy = (
        ~(theirs & (touches.which > 0))
        & (records.second_at[touches.row] <= touches.at)
        & (history.world.draw("on which copy", touches.key) < 0.5)  # noqa: PLR2004
    )
    return number + is_copy


def _colleague_known(records: Records) -> Ints:
    known = np.full((len(records.people.person), PEOPLE_A_PROSPECT), NEVER, dtype=np.int64)
    known[records.colleague_rows, records.colleague_which] = records.colleague_known_at
    return known


def _activity(exports: Exports, history: History, records: Records, faults: Faults) -> None:
    touches = history.touches
    is_kept = ~np.isin(touches.kind, SALES_KINDS) & (records.known_at[touches.row] < NEVER)
    is_kept &= records.known_at[touches.row] < history.world.end
    touches = chosen(touches, is_kept)
    contact = contact_of(records, history, touches)
    _web(exports, touches, contact, faults)
    _attendance(exports, touches, contact, faults)
    mail = np.isin(touches.kind, _MAIL)
    _mail_events(
        exports,
        key=touches.key[mail] * 8,
        contact=contact[mail],
        at=touches.at[mail],
        kind=np.where(touches.kind[mail] == EMAIL_CLICK, 0, 1),
        campaign=touches.campaign[mail],
    )


def _web(exports: Exports, touches: Touches, contact: Ints, faults: Faults) -> None:
    mask = np.isin(touches.kind, _WEB)
    web, contact = chosen(touches, mask), contact[mask]
    month = np.array(months(web.at), dtype=np.str_)
    # Nobody knows whose these were: the id of the activity itself is missing.
    lost = faults.is_chosen("missing key", web.key)
    distant = faults.is_chosen("future date", web.key) & ~lost
    faults.add("marketing", "web_activity", "missing key", web.key[lost].astype(np.str_))
    faults.add("marketing", "web_activity", "future date", web.key[distant].astype(np.str_))
    at = np.where(distant, web.at + 36 * 365 * 86_400, web.at)
    for name in np.unique(month).tolist():
        rows = np.nonzero(month == name)[0]
        key = web.key[rows]
        exports.append(
            f"marketing/web_activity/{name}.csv",
            pa.table(
                {
                    "Activity ID": pa.array(key.astype(np.str_), pa.string(), mask=lost[rows]),
                    "Contact ID": contact[rows].astype(np.str_),
                    "Activity": words(web.kind[rows], KINDS),
                    "Source": words(web.channel[rows], ALL_CHANNELS),
                    "Campaign ID": campaign_ids(web.campaign[rows]),
                    "Occurred At": iso(at[rows]),
                }
            ),
        )


def _attendance(exports: Exports, touches: Touches, contact: Ints, faults: Faults) -> None:
    mask = np.isin(touches.kind, _ATTENDED)
    seen, contact = chosen(touches, mask), contact[mask]
    garbled = faults.is_chosen("unparseable date", seen.key)
    faults.add("marketing", "attendance", "unparseable date", seen.key[garbled].astype(np.str_))
    # On the portal's own clock; nobody attends in the night in which the clocks go back.
    when = np.array(european(seen.at, PORTAL_ZONE).to_pylist(), dtype=np.str_)
    when = np.where(garbled, "n. n. / TBC", when)
    exports.append(
        "marketing/attendance.csv",
        pa.table(
            {
                "Registration": seen.key.astype(np.str_),
                "Contact ID": contact.astype(np.str_),
                "Format": words(seen.kind - WEBINAR_SEEN, ("Webinar", "Event")),
                "Campaign ID": campaign_ids(seen.campaign),
                "Attended": pa.array(when, pa.string()),
            }
        ),
        delimiter=";",
    )


_MAIL_TYPES: Final = ("CLICK", "REPLY", "SENT", "OPEN", "BOT_CLICK")


def _mail_events(
    exports: Exports, *, key: Ints, contact: Ints, at: Ints, kind: Ints, campaign: Ints
) -> None:
    month = np.array(months(at), dtype=np.str_)
    for name in np.unique(month).tolist():
        rows = np.nonzero(month == name)[0]
        exports.append(
            f"marketing/email_events/{name}.ndjson.gz",
            pa.table(
                {
                    "id": key[rows].astype(np.str_),
                    "type": words(kind[rows], _MAIL_TYPES),
                    "contact": contact[rows].astype(np.str_),
                    "campaign": campaign_ids(campaign[rows]),
                    "created": at[rows] * 1000,
                }
            ),
        )


def _bulk_mail(exports: Exports, history: History, records: Records) -> None:
    world, end = history.world, history.world.end
    row, issue, sent_at = newsletters(world, records.known_at, history.prospects.number)
    key = (history.prospects.number[row] * 4096 + issue) * 8 + 1
    opens = world.draw("opens", key) < _NEWSLETTER_OPENS
    is_bot = world.draw("bot", key) < _BOT_CLICKS
    open_wait = whole(60 + 80_000 * world.draw("open wait", key))
    contact = CONTACT_BASE + records.people.person[row] * COPIES
    campaign = _newsletter(sent_at)
    lots: list[tuple[Bools, Ints, int, int]] = [
        (np.ones(len(key), dtype=np.bool_), sent_at, 2, 0),
        (opens, sent_at + open_wait, 3, 2),
        (is_bot, sent_at + 4, 4, 4),
    ]
    parts = [
        (key[m] + extra, contact[m], at[m], np.full(int(m.sum()), code), campaign[m])
        for keep, at, code, extra in lots
        for m in [keep & (at < end)]
    ]
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((joined[0], joined[2]))
    number, who, moment, kind, which = (column[order] for column in joined)
    _mail_events(exports, key=number, contact=who, at=moment, kind=kind, campaign=which)


def _newsletter(at: Ints) -> Ints:
    month = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return (EMAIL_CHANNEL * 10_000 + month // 3) * VARIANTS


def write_campaigns(exports: Exports, world: World) -> None:
    """Every campaign that started before the end: one or two a channel and quarter."""
    first = (np.datetime64(world.start, "s").astype("datetime64[M]").astype(int)) // 3
    last = (np.datetime64(world.end - 1, "s").astype("datetime64[M]").astype(int)) // 3
    rows = [
        (channel, quarter, variant)
        for channel in range(len(ALL_CHANNELS))
        for quarter in range(first, last + 1)
        for variant in range(VARIANTS)
    ]
    starts = [np.datetime64(quarter * 3, "M").astype("datetime64[D]") for _, quarter, _ in rows]
    ends = [
        np.datetime64(quarter * 3 + 3, "M").astype("datetime64[D]") - 1 for _, quarter, _ in rows
    ]
    exports.append(
        "marketing/campaigns.csv",
        pa.table(
            {
                "Campaign ID": [f"C{(c * 10_000 + q) * VARIANTS + v}" for c, q, v in rows],
                "Name": [
                    f"{ALL_CHANNELS[c]} {q // 4 + _QUARTER_ZERO} Q{q % 4 + 1} {'AB'[v]}"
                    for c, q, v in rows
                ],
                "Channel": [ALL_CHANNELS[c] for c, _, _ in rows],
                "Start Date": [str(day) for day in starts],
                "End Date": [str(day) for day in ends],
            }
        ),
    )


def campaign_ids(campaign: Ints) -> pa.Array:
    """What exports call the campaigns; null below 0."""
    text = np.char.add("C", np.maximum(campaign, 0).astype(np.str_))
    return pa.array(text, pa.string(), mask=campaign < 0)


def _places(sorted_in_parts: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` stands in a list of unique numbers."""
    order = np.argsort(sorted_in_parts, kind="stable")
    return np.asarray(order[np.searchsorted(sorted_in_parts[order], wanted)])
