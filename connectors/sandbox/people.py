"""The real people that could buy, and the firms that they work for."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.sandbox.draws import Bools, Ints, Texts, choose, digits, quantile, whole
from connectors.sandbox.names import FIRST_NAMES, INDUSTRIES, LAST_NAMES, STEMS, SUFFIXES, TAILS
from connectors.sandbox.world import World

PEOPLE_A_PROSPECT: Final = 4
"""A prospect and up to three colleagues that join its deal; person = prospect * 4 + which."""

COUNTRIES: Final = ("US", "GB", "DE", "FR", "NL", "CA")
_COUNTRY_WEIGHTS: Final = (0.5, 0.14, 0.15, 0.08, 0.06, 0.07)
CURRENCIES: Final = ("USD", "GBP", "EUR")
_CURRENCY_OF_COUNTRY: Final = np.array([0, 1, 2, 2, 2, 0])

SEGMENTS: Final = ("smb", "mid", "enterprise")
MID_FROM: Final = 200
ENTERPRISE_FROM: Final = 1000

_COMPANY: Final = 3
"""Of so many prospects in a row, the first brings a new account."""
_JOINS: Final = 0.45
_LOOKS_BACK: Final = 60
_FREE_MAIL: Final = 0.08
_EMPLOYEES: Final = (
    (0.0, 5.0),
    (0.2, 28.0),
    (0.4, 95.0),
    (0.55, 199.0),
    (0.75, 520.0),
    (0.86, 1000.0),
    (0.95, 4200.0),
    (1.0, 21000.0),
)


@dataclass(frozen=True)
class Accounts:
    """Attributes of accounts, row by row; an account's number is its first prospect's."""

    number: Ints
    name: Texts
    domain: Texts
    industry: Texts
    country: Ints
    employees: Ints
    segment: Ints


@dataclass(frozen=True)
class People:
    """Attributes of people, row by row; `email` is the address that reaches them at work or home.

    `prospect` and `which` say who it is: which 0 is the prospect, the others are colleagues.
    """

    person: Ints
    account: Ints
    first_name: Texts
    last_name: Texts
    email: Texts
    is_free_mail: Bools
    phone: Texts
    country: Ints


def account_of(world: World, prospects: Ints) -> Ints:
    """The account that each prospect works for."""
    joins = (world.draw("joins", prospects) < _JOINS) & (prospects % _COMPANY != 0)
    back = whole(world.draw("joins whom", prospects) * np.minimum(prospects, _LOOKS_BACK))
    leader = (prospects - back) // _COMPANY * _COMPANY
    return np.where(joins, leader, prospects)


def segment_of(employees: Ints) -> Ints:
    """The place in SEGMENTS of a firm with so many employees."""
    return (employees >= MID_FROM).astype(np.int64) + (employees >= ENTERPRISE_FROM)


def employees_of(world: World, accounts: Ints) -> Ints:
    """How many people each account employs."""
    return whole(quantile(world.draw("employees", accounts), _EMPLOYEES))


def country_of(world: World, accounts: Ints) -> Ints:
    """The place in COUNTRIES where each account has its seat."""
    return choose(world.draw("country", accounts), _COUNTRY_WEIGHTS)


def currency_of(countries: Ints) -> Ints:
    """The place in CURRENCIES of the money that a country pays in."""
    return _CURRENCY_OF_COUNTRY[countries]


def make_accounts(world: World, numbers: Ints) -> Accounts:
    """The accounts of these numbers."""
    stems = _pick(world, "stem", numbers, STEMS)
    tails = _pick(world, "tail", numbers, TAILS)
    word = np.char.add(stems, tails)
    suffix = _pick(world, "suffix", numbers, SUFFIXES)
    employees = employees_of(world, numbers)
    return Accounts(
        number=numbers,
        name=np.char.add(np.char.capitalize(word), suffix),
        domain=_joined(word, numbers.astype(np.str_), ".example"),
        industry=_pick(world, "industry", numbers, INDUSTRIES),
        country=country_of(world, numbers),
        employees=employees,
        segment=segment_of(employees),
    )


def make_people(world: World, persons: Ints) -> People:
    """The people of these numbers."""
    prospects, which = persons // PEOPLE_A_PROSPECT, persons % PEOPLE_A_PROSPECT
    account = account_of(world, prospects)
    firm = make_accounts(world, account)
    first = _pick(world, "first name", persons, FIRST_NAMES)
    last = _pick(world, "last name", persons, LAST_NAMES)
    plain = np.char.lower(_joined(first, ".", last))
    # Two of one firm may bear the same name, but not the same address.
    is_first = (account == prospects) & (which == 0)
    local = np.where(is_first, plain, np.char.add(plain, (persons % 1000).astype(np.str_)))
    at_home = _joined(plain, ".", persons.astype(np.str_), "@gmail.com")
    is_free = (world.draw("free mail", persons) < _FREE_MAIL) & (which == 0)
    line = whole(world.draw("phone", account) * 100)
    return People(
        person=persons,
        account=account,
        first_name=first,
        last_name=last,
        email=np.where(is_free, at_home, _joined(local, "@", firm.domain)),
        is_free_mail=is_free,
        phone=np.char.add("+1 555 01", digits(line, 2)),
        country=firm.country,
    )


def _pick(world: World, purpose: str, numbers: Ints, words: tuple[str, ...]) -> Texts:
    return np.array(words)[whole(world.draw(purpose, numbers) * len(words))]


def _joined(*parts: Texts | str) -> Texts:
    joined: Texts = np.asarray(parts[0], dtype=np.str_)
    for part in parts[1:]:
        joined = np.char.add(joined, part)
    return joined
