"""Email addresses: which mailbox one reaches, and where in a text one stands.

The rules are those of the macro `mailbox` in dbt_project/macros/normalise.sql, by which records
become one person.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_DOT_BLIND: Final = frozenset({"gmail.com", "googlemail.com"})
_TAG_BLIND: Final = _DOT_BLIND | {
    "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "mac.com", "fastmail.com",
    "fastmail.fm", "proton.me", "protonmail.com", "pm.me",
}  # fmt: skip

AT_SIGN: Final = r"@|%40|\\u0040|&#64;|&#x40;|&commat;"
"""An at sign as it is, or as it is written in an address of a page, in JSON or in HTML."""

LONGEST_ADDRESS: Final = 320
"""As many characters of an address are looked at before the at sign."""

_AT: Final = re.compile(AT_SIGN, re.IGNORECASE)
# What can't stand in an address that is not in quotes.
_OUTSIDE: Final = r"\s\"<>(),;:\[\]@\x00-\x1f\x7f\ufffd"
_ESCAPED: Final = r"u[0-9a-fA-F]{4}"
_BEFORE: Final = re.compile(rf"(?s).*(?:[{_OUTSIDE}]|\\(?!{_ESCAPED}))")
_DOMAIN: Final = re.compile(
    rf"(?:\\(?!u0022|u003[ceCE]){_ESCAPED}|[^{_OUTSIDE}\\/?#&='|%!*{{}}`]){{1,255}}"
)
# An apostrophe in a word, and a plus, are the address's own more often than not.
_BEGINS_AFTER: Final = re.compile(r"%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|(?<!\w)'|[!#$%&*/=?^`{|}~\\]")
_ENDS_BEFORE: Final = ".-_~$+"


@dataclass(frozen=True)
class Spot:
    """A piece of a text that may be an address: where it stands, and the address as written."""

    start: int
    end: int
    address: str


@lru_cache(maxsize=1 << 16)
def mailbox(address: str) -> str | None:
    """The mailbox that an address reaches, one spelling for all; None for what is no address."""
    composed = _composed(address)
    local, at, domain = composed.partition("@")
    if not (local and at) or "@" in domain or " " in composed:
        return None
    # At least a letter before and one after the dot.
    if "." not in domain[1:-1]:
        return None
    domain = _with_letters(domain)
    untagged = local
    if domain in _TAG_BLIND and local.split("+")[0]:
        untagged = local.split("+")[0]
    if domain in _DOT_BLIND and untagged.replace(".", ""):
        untagged, domain = untagged.replace(".", ""), "gmail.com"
    return f"{untagged}@{domain}".replace("ς", "σ")


def one_spelling(text: str) -> str:
    """The mailbox that an address reaches; of what is none, the text in small letters, composed."""
    return mailbox(text) or _composed(text)


def addresses(text: str) -> Iterator[list[Spot]]:
    """For each at sign in a text, the pieces around it that may be the address, longest first.

    What may stand before an address in a text may stand in it, too (`o'brien@`, `?to=anna@`).
    """
    for at in _AT.finditer(text):
        window = max(0, at.start() - LONGEST_ADDRESS)
        outside = _BEFORE.match(text, window, at.start())
        first = outside.end() if outside else window
        found = _DOMAIN.match(text, at.end())
        domain = found[0].rstrip(_ENDS_BEFORE) if found else ""
        if first == at.start() or not domain:
            continue
        local, end = text[first : at.start()], at.end() + len(domain)
        spots = []
        for begin in (0, *(match.end() for match in _BEGINS_AFTER.finditer(local))):
            for before in dict.fromkeys((_decoded(local[begin:]), local[begin:])):
                if before:
                    spots.append(Spot(first + begin, end, f"{before}@{_decoded(domain)}"))
        yield spots


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip(" \t\r\n").lower())


def _with_letters(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    labels = (_label(label) for label in domain.split("."))
    return unicodedata.normalize("NFC", ".".join(labels).lower())


def _label(label: str) -> str:
    if not label.startswith("xn--") or label.endswith("-"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _decoded(text: str) -> str:
    """What JSON and addresses of pages escape, as it is meant."""
    if "\\u" in text:
        text = re.sub(r"(?:\\u[0-9a-fA-F]{4})+", _escape, text)
    return unquote(text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    units = bytes.fromhex(match[0].replace("\\u", ""))
    return units.decode("utf-16-be", errors="replace")
