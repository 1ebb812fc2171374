"""Ids of records: three characters tell the object, twelve the record, three guard their case."""

from collections.abc import Mapping
from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from types import MappingProxyType
from typing import Final

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Account": "001",
        "Campaign": "701",
        "CampaignMember": "00v",
        "Contact": "003",
        "CurrencyType": "01L",
        "DatedConversionRate": "04w",
        "Event": "00U",
        "Lead": "00Q",
        "LeadHistory": "017",
        "Opportunity": "006",
        "OpportunityContactRole": "00K",
        "OpportunityFieldHistory": "017",
        "OpportunityHistory": "008",
        "Task": "00T",
        "User": "005",
        "UserRole": "00E",
    }
)
"""How the ids of each object begin."""

_SHORT: Final = 15
_LONG: Final = 18
_GROUP: Final = 5
_SUFFIXES: Final = ascii_uppercase + digits[:6]
_DIGITS: Final = digits + ascii_uppercase + ascii_lowercase


def salesforce_id(fifteen: str) -> str:
    """An id of 15 characters with the three that tell which of them are capitals.

    One of 18 stays as it is. ValueError where it is neither.
    """
    if len(fifteen) == _LONG:
        return fifteen
    if len(fifteen) != _SHORT:
        raise ValueError(f"{fifteen!r} is no id: it has {len(fifteen)} characters, not 15 or 18")
    groups = (fifteen[at : at + _GROUP] for at in range(0, _SHORT, _GROUP))
    marks = (sum(1 << n for n, letter in enumerate(group) if letter.isupper()) for group in groups)
    return fifteen + "".join(_SUFFIXES[mark] for mark in marks)


def numbered_id(sobject: str, number: int) -> str:
    """The id of an object's record by its number, below 10^9, as one that was made by hand."""
    return salesforce_id(f"{PREFIXES[sobject]}5g0{number:09d}")


def id_of_export(sobject: str, digits_or_id: str) -> str:
    """The id in the org of what the exports call so: of its last twelve digits."""
    return salesforce_id(PREFIXES[sobject] + digits_or_id[-12:].rjust(12, "0"))


def derived_id(sobject: str, *parts: object) -> str:
    """An id that the parts alone decide, so that the same record has it in every org."""
    told = "\n".join(map(str, (sobject, *parts))).encode()
    number = int.from_bytes(blake2b(told, digest_size=8).digest())
    letters = ""
    for _ in range(11):
        number, place = divmod(number, len(_DIGITS))
        letters += _DIGITS[place]
    return salesforce_id(f"{PREFIXES[sobject]}h{letters}")
