"""The export files of sales' system: leads, contacts, opportunities, activities, users."""

from typing import Final

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.deals import CLOSE_REASONS, LOST, OPEN, WON, amounts_at
from connectors.sandbox.draws import Bools, Floats, Ints, Texts, digits, whole
from connectors.sandbox.faults import Faults
from connectors.sandbox.formats import Exports, identifier, instants, iso, months, words
from connectors.sandbox.history import History
from connectors.sandbox.journeys import (
    JUNK_REASON,
    REASONS,
    recycled_because,
    rejected_because,
)
from connectors.sandbox.people import COUNTRIES, CURRENCIES, PEOPLE_A_PROSPECT, make_accounts
from connectors.sandbox.records import COPIES, Records
from connectors.sandbox.staff import AE, FIELD_MARKETING, SDR, Staff
from connectors.sandbox.touches import CALL, EVENT_SEEN, KINDS, SALES_KINDS, Touches, chosen
from connectors.sandbox.world import CHANNELS, OUTBOUND, World

_STAGES: Final = ("Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
_LEAD_WORDS: Final = ("Open", "Engaged", "Accepted", "Qualified", "Unqualified", "Recycled")
_ROLES: Final = ("Champion", "Decision Maker", "Economic Buyer", "Influencer")
_BLANK_CONTACT: Final = 0.04
_LOGGED_LATE: Final = 0.03
_LATEST_DAYS: Final = 9
_PENDING_CLOSE_DAYS: Final = 90


def write_crm(exports: Exports, history: History, records: Records, faults: Faults) -> None:
    """Append a portion of the history to sales' exports."""
    _accounts(exports, history)
    _leads(exports, history, records)
    _contacts(exports, history, records)
    _lead_history(exports, history, records)
    _opportunities(exports, history, faults)
    _opportunity_history(exports, history)
    _roles(exports, history, records)
    _activities(exports, history, records)


def _user(users: Ints) -> pa.Array:
    return identifier("005", users)


def _accounts(exports: Exports, history: History) -> None:
    prospects = history.prospects
    own = prospects.account == prospects.number
    firms = make_accounts(history.world, prospects.number[own])
    exports.append(
        "crm/accounts.csv",
        pa.table(
            {
                "Id": identifier("001", firms.number),
                "Name": firms.name,
                "Website": np.char.add("https://www.", firms.domain),
                "Industry": firms.industry,
                "NumberOfEmployees": firms.employees,
                "BillingCountry": words(firms.country, COUNTRIES),
                "CreatedDate": iso(prospects.aware_at[own]),
            }
        ),
    )


def _leads(exports: Exports, history: History, records: Records) -> None:
    leads, people, end = records.leads, records.people, history.world.end
    channel = history.prospects.channel[leads.row]
    is_merged = leads.merged_at < end
    is_converted = leads.converted_at < end
    owner = history.staff.pick(history.world, SDR, "lead owner", leads.person, leads.created_at)
    firm = make_accounts(history.world, people.account[leads.row])
    exports.append(
        "crm/leads.csv",
        pa.table(
            {
                "Id": identifier("00Q", leads.number),
                "Email": leads.email,
                "FirstName": people.first_name[leads.row],
                "LastName": people.last_name[leads.row],
                "Company": firm.name,
                "MatchedAccountId": identifier("001", people.account[leads.row]),
                "Country": words(people.country[leads.row], COUNTRIES),
                "LeadSource": words(channel, CHANNELS),
                "OwnerId": _user(owner),
                "MergedIntoId": identifier("00Q", np.where(is_merged, leads.main, -1)),
                "ConvertedContactId": identifier("003", np.where(is_converted, leads.number, -1)),
                "CreatedDate": iso(leads.created_at),
            }
        ),
    )


def _contacts(exports: Exports, history: History, records: Records) -> None:
    deals, prospects = history.deals, history.prospects
    own, theirs = records.people, records.colleagues
    rows = np.concatenate([deals.row, records.colleague_rows])
    person = np.concatenate([own.person[deals.row], theirs.person])
    created = np.concatenate([deals.opened_at, records.colleague_created_at])
    order = np.lexsort((person, created))

    def both(name: str) -> Texts:
        mine: Texts = getattr(own, name)[deals.row]
        return np.concatenate([mine, getattr(theirs, name)])[order]

    rows, person, created = rows[order], person[order], created[order]
    owner = history.staff.pick(history.world, AE, "deal owner", prospects.number[rows], created)
    exports.append(
        "crm/contacts.csv",
        pa.table(
            {
                "Id": identifier("003", person * COPIES),
                "Email": both("email"),
                "FirstName": both("first_name"),
                "LastName": both("last_name"),
                "Phone": both("phone"),
                "AccountId": identifier("001", prospects.account[rows]),
                "OwnerId": _user(owner),
                "CreatedDate": iso(created),
            }
        ),
    )


def _lead_history(exports: Exports, history: History, records: Records) -> None:
    world, journeys, prospects = history.world, history.journeys, history.prospects
    number = prospects.number
    is_outbound = prospects.channel == OUTBOUND
    lots: list[tuple[int, Ints, Ints]] = []
    nothing = np.full(len(number), -1, dtype=np.int64)
    lots.append((0, np.where(is_outbound, journeys.lead_at, NEVER), nothing))
    in_crm = records.lead_at <= journeys.junk_at
    junk = np.full_like(nothing, REASONS.index(JUNK_REASON))
    lots.append((4, np.where(in_crm, journeys.junk_at, NEVER), junk))
    for which, way in enumerate(journeys.passes):
        why, later = rejected_because(world, number, which), recycled_because(world, number, which)
        lots.append((1, np.where(is_outbound, way.mql_at, NEVER), nothing))
        lots.append((2, way.sal_at, nothing))
        lots.append((3, way.sql_at, nothing))
        lots.append((4, way.disqualified_at, why))
        lots.append((5, way.recycled_at, later))
    code = np.concatenate([np.full(len(number), code) for code, _, _ in lots])
    at = np.concatenate([moment for _, moment, _ in lots])
    why = np.concatenate([reason for _, _, reason in lots])
    row = np.tile(np.arange(len(number)), len(lots))
    keep = np.nonzero((at < world.end) & (records.lead_at[row] < world.end))[0]
    keep = keep[np.lexsort((row[keep], at[keep]))]
    code, at, why, row = code[keep], at[keep], why[keep], row[keep]
    by = history.staff.pick(world, SDR, "lead owner", number[row] * PEOPLE_A_PROSPECT, at)
    exports.append(
        "crm/lead_history.csv",
        pa.table(
            {
                "LeadId": identifier("00Q", records.people.person[row] * COPIES),
                "NewStatus": words(code, _LEAD_WORDS),
                "Reason": words(why, REASONS),
                "CreatedById": _user(by),
                "CreatedDate": iso(at),
            }
        ),
    )


def _opportunities(exports: Exports, history: History, faults: Faults) -> None:
    world, deals, end = history.world, history.deals, history.world.end
    again = deals.closed_again_at < end
    reopened = deals.reopened_at < end
    closed = (deals.closed_at < end) & ~(reopened & ~again)
    outcome = np.where(again, deals.closed_again, np.where(closed, deals.outcome, OPEN))
    closed_at = np.where(again, deals.closed_again_at, np.where(closed, deals.closed_at, NEVER))
    open_stage = (deals.proposal_at < end).astype(np.int64) + (deals.negotiation_at < end)
    open_stage = np.where(reopened, 2, open_stage)
    stage = np.where(outcome == WON, 3, np.where(outcome == LOST, 4, open_stage))
    is_chosen = faults.has_wrong_close(history.prospects.number, history.journeys.opportunity_at)
    wrong = closed & ~again & is_chosen[deals.row]
    faults.add("crm", "opportunities", "closed before created", _texts("006", deals.number[wrong]))
    closed_at = np.where(wrong, deals.opened_at - 20 * DAY, closed_at)
    expected = deals.opened_at + _PENDING_CLOSE_DAYS * DAY
    firm = make_accounts(world, deals.account)
    owner = history.staff.pick(world, AE, "deal owner", deals.number, deals.opened_at)
    # Where nobody filled it in, the contact roles alone tell whose deal it is.
    is_blank = world.draw("blank contact", deals.number) < _BLANK_CONTACT
    contact = np.where(is_blank, -1, deals.number * PEOPLE_A_PROSPECT * COPIES)
    exports.append(
        "crm/opportunities.csv",
        pa.table(
            {
                "Id": identifier("006", deals.number),
                "Name": np.char.add(firm.name, " - new business"),
                "AccountId": identifier("001", deals.account),
                "ContactId": identifier("003", contact),
                "StageName": words(stage, _STAGES),
                "Amount": _amounts(amounts_at(deals, np.full_like(deals.number, end))),
                "CurrencyIsoCode": words(deals.currency, CURRENCIES),
                "OwnerId": _user(owner),
                "LeadSource": words(history.prospects.channel[deals.row], CHANNELS),
                "CreatedDate": iso(deals.opened_at),
                "ClosedDate": iso(closed_at),
                "ExpectedCloseDate": pa.array(
                    np.datetime_as_string(expected.astype("datetime64[s]"), unit="D"), pa.string()
                ),
                "LossReason": words(np.where(outcome == LOST, deals.reason, -1), CLOSE_REASONS),
            }
        ),
    )


def _opportunity_history(exports: Exports, history: History) -> None:
    world, deals = history.world, history.deals
    lots = [
        (np.zeros_like(deals.number), deals.opened_at),
        (np.ones_like(deals.number), deals.proposal_at),
        (np.full_like(deals.number, 2), deals.negotiation_at),
        (np.where(deals.outcome == WON, 3, 4), deals.closed_at),
        (np.full_like(deals.number, 2), deals.reopened_at),
        (np.where(deals.closed_again == WON, 3, 4), deals.closed_again_at),
    ]
    code = np.concatenate([stage for stage, _ in lots])
    at = np.concatenate([moment for _, moment in lots])
    place = np.tile(np.arange(len(deals.number)), len(lots))
    lot = np.repeat(np.arange(len(lots)), len(deals.number))
    keep = np.nonzero(at < world.end)[0]
    keep = keep[np.lexsort((place[keep], at[keep]))]
    code, at, place, lot = code[keep], at[keep], place[keep], lot[keep]
    number = deals.number[place]
    amount = np.stack([amounts_at(deals, moment) for _, moment in lots])[lot, place]
    by = history.staff.pick(world, AE, "deal owner", number, at)
    exports.append(
        "crm/opportunity_history.csv",
        pa.table(
            {
                "OpportunityId": identifier("006", number),
                "StageName": words(code, _STAGES),
                "Amount": _amounts(amount),
                "CurrencyIsoCode": words(deals.currency[place], CURRENCIES),
                "CreatedById": _user(by),
                "CreatedDate": iso(at),
            }
        ),
    )


def _amounts(amounts: Floats) -> list[str]:
    """Amounts as an export writes them; what nobody has said is empty."""
    return ["" if np.isnan(amount) else f"{amount:.2f}" for amount in amounts.tolist()]


def _roles(exports: Exports, history: History, records: Records) -> None:
    deals = history.deals
    number = np.concatenate([deals.number, deals.number[records.colleague_deal]])
    which = np.concatenate([np.zeros_like(deals.number), records.colleague_which])
    person = number * PEOPLE_A_PROSPECT + which
    order = np.argsort(person, kind="stable")
    number, which, person = number[order], which[order], person[order]
    role = (which + whole(history.world.draw("role", person) * 2)) % len(_ROLES)
    exports.append(
        "crm/opportunity_contact_roles.csv",
        pa.table(
            {
                "OpportunityId": identifier("006", number),
                "ContactId": identifier("003", person * COPIES),
                "Role": words(role, _ROLES),
                "IsPrimary": pa.array(which == 0),
            }
        ),
    )


def _activities(exports: Exports, history: History, records: Records) -> None:
    """Calls, mails and meetings of sales, and what field marketing invited to in person."""
    world, touches, deals = history.world, history.touches, history.deals
    deal_of_row = np.full(len(history.prospects.number), -1, dtype=np.int64)
    deal_of_row[deals.row] = np.arange(len(deals.row))
    of_deal = deal_of_row[touches.row]
    is_invited = (
        (touches.kind == EVENT_SEEN)
        & (of_deal >= 0)
        & (touches.at > deals.opened_at[np.maximum(of_deal, 0)])
        if len(deals.row)
        else np.zeros(len(touches.at), dtype=np.bool_)
    )
    late = world.draw("logged late", touches.key) < _LOGGED_LATE
    delay = whole(world.draw("logged when", touches.key) * _LATEST_DAYS * DAY)
    logged_at = touches.at + 60 + np.where(late, delay, 0)
    keep = (np.isin(touches.kind, SALES_KINDS) | is_invited) & (logged_at < world.end)
    keep &= records.lead_at[touches.row] < world.end
    touches, of_deal, logged_at = chosen(touches, keep), of_deal[keep], logged_at[keep]
    is_sales = np.isin(touches.kind, SALES_KINDS)
    number = history.prospects.number[touches.row]
    on_deal = touches.deal >= 0
    # Field marketing calls the day before to invite.
    at = np.where(is_sales, touches.at, touches.at - DAY)
    staff, sdr, ae = history.staff, number * PEOPLE_A_PROSPECT, number
    user = np.where(
        on_deal,
        staff.pick(world, AE, "deal owner", ae, at),
        staff.pick(world, SDR, "lead owner", sdr, at),
    )
    user = np.where(is_sales, user, staff.pick(world, FIELD_MARKETING, "inviter", number, at))
    who, is_contact = _who(history, records, touches, of_deal, at)
    kind = np.where(is_sales, touches.kind, CALL)
    month = np.array(months(at), dtype=np.str_)
    for name in np.unique(month).tolist():
        rows = np.nonzero(month == name)[0]
        lead_or_contact = np.where(is_contact[rows], "003", "00Q")
        exports.append(
            f"crm/activities/{name}.parquet",
            pa.table(
                {
                    "Id": identifier("00T", touches.key[rows]),
                    "WhoId": pa.array(
                        np.char.add(lead_or_contact, digits(who[rows], 12)), pa.string()
                    ),
                    "WhatId": identifier("006", touches.deal[rows]),
                    "Type": words(kind[rows], KINDS),
                    "Direction": words(
                        np.where(touches.is_out[rows] | ~is_sales[rows], 0, 1), ("out", "in")
                    ),
                    "Connected": pa.array(touches.is_two_way[rows]),
                    "OwnerId": _user(user[rows]),
                    "ActivityDateTime": instants(at[rows]),
                    "CreatedDate": instants(logged_at[rows]),
                }
            ),
        )


def _who(
    history: History, records: Records, touches: Touches, of_deal: Ints, at: Ints
) -> tuple[Ints, Bools]:
    """The lead or contact that an activity is logged on, and whether it is a contact."""
    deals, which = history.deals, touches.which
    person = records.people.person[touches.row]
    if not len(deals.row):
        return person * COPIES, np.zeros(len(person), dtype=np.bool_)
    place = np.maximum(of_deal, 0)
    has_deal = of_deal >= 0
    is_there = has_deal & (which > 0) & (history.colleagues_at[place, which] <= at)
    is_contact = has_deal & (deals.opened_at[place] <= at)
    return (person + np.where(is_there, which, 0)) * COPIES, is_contact


def write_users(exports: Exports, staff: Staff, world: World) -> None:
    """Every user's posts, with the day on which each began and ended; empty: always."""
    posts = [post for post in staff.posts if post.starts < world.end]
    end = np.array([p.ends if p.ends < world.end else NEVER for p in posts], dtype=np.int64)
    start = np.array([p.starts if p.starts > 0 else NEVER for p in posts], dtype=np.int64)
    exports.append(
        "crm/users.csv",
        pa.table(
            {
                "Id": _user(np.array([post.user for post in posts], dtype=np.int64)),
                "Name": [staff.name(post.user) for post in posts],
                "Email": [
                    staff.name(post.user).lower().replace(" ", ".") + "@sandbox.example"
                    for post in posts
                ],
                "Role": [post.role for post in posts],
                "RoleFrom": pa.array(iso(start)),
                "RoleTo": pa.array(iso(end)),
            }
        ),
    )


def _texts(prefix: str, numbers: Ints) -> Texts:
    return np.array(identifier(prefix, numbers).to_pylist(), dtype=np.str_)
