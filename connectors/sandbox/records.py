"""Which records the two systems keep of one person: copies, spellings, merges, conversions."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.draws import Bools, Ints, Texts, whole
from connectors.sandbox.history import History
from connectors.sandbox.people import PEOPLE_A_PROSPECT, People, make_people
from connectors.sandbox.world import OUTBOUND

COPIES: Final = 4
"""Numbers that each person has for its records in one system: the first, and copies of it."""

CONTACT_BASE: Final = 51_000_000_000

_SUBSCRIBES: Final = 0.4
_OUTBOUND_KNOWN: Final = 0.5
_SECOND_ADDRESS: Final = 0.06
_TAGGED: Final = 0.3
_SECOND_LEAD: Final = 0.04
_MERGES: Final = 0.7
_COLLEAGUE_KNOWN: Final = 0.5
_SHOUTS: Final = 0.12


@dataclass(frozen=True)
class Contacts:
    """Records in marketing's system. `main` is the record that a copy was merged into, or is of."""

    number: Ints
    person: Ints
    row: Ints
    which: Ints
    email: Texts
    created_at: Ints
    main: Ints
    merged_at: Ints


@dataclass(frozen=True)
class Leads:
    """Leads in sales' system; a prospect's own and, for some, a second one typed in by hand."""

    number: Ints
    person: Ints
    row: Ints
    email: Texts
    created_at: Ints
    main: Ints
    merged_at: Ints
    converted_at: Ints


@dataclass(frozen=True)
class Records:
    """Every record of a portion's people, and the people. `known_at` is by row of the prospects."""

    people: People
    colleagues: People
    contacts: Contacts
    leads: Leads
    known_at: Ints
    lead_at: Ints
    second_at: Ints
    colleague_rows: Ints
    colleague_which: Ints
    colleague_created_at: Ints
    colleague_deal: Ints
    colleague_known_at: Ints


def make_records(history: History) -> Records:
    """The records that the systems keep of a portion's people."""
    world, prospects, journeys = history.world, history.prospects, history.journeys
    number = prospects.number
    people = make_people(world, number * PEOPLE_A_PROSPECT)
    is_outbound = prospects.channel == OUTBOUND
    subscribes = (world.draw("subscribes", number) < _SUBSCRIBES) | (journeys.lead_at >= NEVER)
    known = np.where(subscribes, prospects.aware_at + 60, journeys.lead_at)
    is_known = ~is_outbound | (
        (journeys.lead_at < NEVER) & (world.draw("outbound known", number) < _OUTBOUND_KNOWN)
    )
    known_at = np.where(is_known, np.where(is_outbound, journeys.lead_at, known), NEVER)

    first_mql = journeys.passes[0].mql_at
    sync = 120 + whole(480 * world.draw("sync", number))
    lead_at = np.where(is_outbound, prospects.aware_at - 300, np.minimum(first_mql + sync, NEVER))

    places, which = np.nonzero(history.colleagues_at[:, 1:] < world.end)
    which = which + 1
    rows = history.deals.row[places]
    persons = number[rows] * PEOPLE_A_PROSPECT + which
    joined_at = history.colleagues_at[places, which]
    is_synced = world.draw("colleague known", persons) < _COLLEAGUE_KNOWN
    colleague_known = np.where(is_synced, joined_at + 3600, NEVER)
    colleagues = make_people(world, persons)
    contacts, second_at = _contacts(
        history,
        people,
        known_at,
        colleagues=colleagues,
        colleague_rows=rows,
        colleague_known=colleague_known,
    )
    return Records(
        people=people,
        colleagues=colleagues,
        contacts=contacts,
        leads=_leads(history, people, lead_at),
        known_at=known_at,
        lead_at=lead_at,
        second_at=second_at,
        colleague_rows=rows,
        colleague_which=which,
        colleague_created_at=joined_at,
        colleague_deal=places,
        colleague_known_at=colleague_known,
    )


def _contacts(
    history: History,
    people: People,
    known_at: Ints,
    *,
    colleagues: People,
    colleague_rows: Ints,
    colleague_known: Ints,
) -> tuple[Contacts, Ints]:
    world, number = history.world, history.prospects.number
    # A second record: the home address with a +tag, or another address until it is merged.
    draws = world.draw("second contact", number)
    tagged = people.is_free_mail & (draws < _TAGGED)
    has_second = tagged | (~people.is_free_mail & (draws < _SECOND_ADDRESS))
    wait = whole(DAY * (1 + 40 * world.draw("second contact wait", number)))
    second_at = np.where(has_second & (known_at < NEVER), known_at + wait, NEVER)
    merge_wait = whole(DAY * (5 + 50 * world.draw("merge wait", number)))
    merges = tagged | (world.draw("merges", number) < 2 * _MERGES)
    merged_at = np.where(merges & ~tagged & (second_at < NEVER), second_at + merge_wait, NEVER)
    at_home = np.char.add(_text(np.char.lower(people.first_name), people.person), "@outlook.com")
    local = np.array([email.partition("@")[0] for email in people.email.tolist()], dtype=np.str_)
    second_email = np.where(tagged, np.char.add(local, "+news@gmail.com"), at_home)

    main = CONTACT_BASE + people.person * COPIES
    rows = np.arange(len(number))
    theirs = CONTACT_BASE + colleagues.person * COPIES
    together = Contacts(
        number=np.concatenate([main, main + 1, theirs]),
        person=np.concatenate([people.person, people.person, colleagues.person]),
        row=np.concatenate([rows, rows, colleague_rows]),
        which=np.concatenate([people.person, people.person, colleagues.person]) % PEOPLE_A_PROSPECT,
        email=np.concatenate([people.email, second_email, colleagues.email]),
        created_at=np.concatenate([known_at, second_at, colleague_known]),
        main=np.concatenate([main, main, theirs]),
        merged_at=np.concatenate(
            [np.full_like(main, NEVER), merged_at, np.full_like(theirs, NEVER)]
        ),
    )
    keep = together.created_at < world.end
    return Contacts(
        *(getattr(together, name)[keep] for name in Contacts.__annotations__)
    ), second_at


def _leads(history: History, people: People, lead_at: Ints) -> Leads:
    world, number = history.world, history.prospects.number
    shouts = world.draw("shouts", number) < _SHOUTS
    email = np.where(shouts, np.char.upper(people.email), people.email)
    has_second = (world.draw("second lead", number) < _SECOND_LEAD) & (lead_at < NEVER)
    wait = whole(DAY * (1 + 25 * world.draw("second lead wait", number)))
    second_at = np.where(has_second, lead_at + wait, NEVER)
    merges: Bools = has_second & (world.draw("second lead merges", number) < _MERGES)
    merge_wait = whole(DAY * (2 + 20 * world.draw("second lead merge wait", number)))
    merged_at = np.where(merges, second_at + merge_wait, NEVER)
    number_of_lead = people.person * COPIES
    rows = np.arange(len(number))
    never = np.full_like(number_of_lead, NEVER)
    together = Leads(
        number=np.concatenate([number_of_lead, number_of_lead + 1]),
        person=np.concatenate([people.person, people.person]),
        row=np.concatenate([rows, rows]),
        email=np.concatenate([email, np.char.capitalize(people.email)]),
        created_at=np.concatenate([lead_at, second_at]),
        main=np.concatenate([number_of_lead, number_of_lead]),
        merged_at=np.concatenate([never, merged_at]),
        converted_at=np.concatenate([history.journeys.opportunity_at, never]),
    )
    keep = together.created_at < world.end
    return Leads(*(getattr(together, name)[keep] for name in Leads.__annotations__))


def _text(words: Texts, numbers: Ints) -> Texts:
    return np.char.add(words, numbers.astype(np.str_))
