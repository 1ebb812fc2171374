"""The people who were forgotten, as keyed hashes: how one who comes back is recognised.

A hash is HMAC-SHA256 of an address's mailbox, of a person's id in a source, or of a record's id in
a stream. The list alone tells of nobody; list and key together tell whether a given address is on
it. Without the key nobody on the list can be recognised, so no load goes on without it.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from connectors.errors import PermanentError
from connectors.keyed_hash import SHORTEST_KEY, keyed_hash
from connectors.mailbox import LONGEST_ADDRESS, addresses, one_spelling
from connectors.secret import secret

KEY_VARIABLE: Final = "TANDEM_SUPPRESSION_KEY"
"""The variable that may hold the key; `_FILE` after it names a file that does."""

FORGOTTEN: Final = "[forgotten]"
"""What stands in a text of other people's records where the address of a forgotten person stood."""

_CHECK: Final = ("check",)
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9.\-]*[A-Za-z0-9]")
_REMEMBERED: Final = 1 << 18


@dataclass(frozen=True)
class Identity:
    """What a person is recognised by: addresses, ids of persons in a source, ids of records.

    `persons` are pairs of source and id, `records` triples of source, stream and id.
    """

    addresses: frozenset[str] = frozenset()
    persons: frozenset[tuple[str, str]] = frozenset()
    records: frozenset[tuple[str, str, str]] = frozenset()

    def parts(self) -> Iterable[tuple[str, ...]]:
        """What is hashed."""
        yield from (("address", one_spelling(address)) for address in self.addresses)
        yield from (("person", *person) for person in self.persons)
        yield from (("record", *record) for record in self.records)


class Suppression:
    """Who was forgotten, as far as a record can be asked about it."""

    def __init__(self, key: bytes, hashes: frozenset[str], spellings: Iterable[str] = ()) -> None:
        self._key = key
        self.hashes = hashes
        self._spelt = _any_of(spellings)
        self._address = lru_cache(maxsize=_REMEMBERED)(self._is_address)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    @classmethod
    def of(cls, key: bytes, identity: Identity) -> "Suppression":
        """One that is on no disk."""
        return cls(key, frozenset(_hashed(key, parts) for parts in identity.parts()))

    def knowing(self, spellings: Iterable[str]) -> "Suppression":
        """The same, which finds these addresses in a text even where they look like none."""
        return Suppression(self._key, self.hashes, spellings)

    def has_address(self, address: str) -> bool:
        """Whether somebody with this address was forgotten, however it is spelt."""
        return self._address(address)

    def has_person(self, source: str, id_: str) -> bool:
        """Whether the person with this id in a source was forgotten."""
        return _hashed(self._key, ("person", source, id_)) in self.hashes

    def has_record(self, source: str, stream: str, id_: str) -> bool:
        """Whether the record with this id was one of a forgotten person."""
        return _hashed(self._key, ("record", source, stream, id_)) in self.hashes

    def without_addresses(self, text: str) -> str:
        """The text with FORGOTTEN for each address of a forgotten person in it."""
        if len(text) <= LONGEST_ADDRESS and self._address(text):
            return FORGOTTEN
        if _PLAIN_ADDRESS.fullmatch(text):
            # As most texts with an at sign are; nothing else can be in it.
            return text
        if self._spelt is not None:
            text = self._spelt.sub(FORGOTTEN, text)
        kept, done = [], 0
        for spots in addresses(text):
            spot = next((s for s in spots if s.start >= done and self._address(s.address)), None)
            if spot is not None:
                kept += [text[done : spot.start], FORGOTTEN]
                done = spot.end
        return "".join([*kept, text[done:]]) if kept else text

    def _is_address(self, address: str) -> bool:
        return _hashed(self._key, ("address", one_spelling(address))) in self.hashes


@dataclass(frozen=True)
class SuppressionList:
    """The list on disk, and its key: in `folder`/key unless the environment holds it."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def file(self) -> Path:
        """The list: a hash a line, in their order, so that none tells when it came."""
        return self.folder / "hashes.txt"

    @property
    def key_file(self) -> Path:
        """The key, readable by its owner alone."""
        return self.folder / "key"

    def read(self) -> Suppression:
        """Who is on the list. Raises PermanentError where its key is lost or another one."""
        try:
            hashes = frozenset(self.file.read_text(encoding="ascii").split())
        except FileNotFoundError:
            return NOBODY
        key = self._key()
        if key is None:
            raise self._refused("the key to the list of forgotten people is lost")
        if _hashed(key, _CHECK) not in hashes:
            raise self._refused("the key to the list of forgotten people is not the one it has")
        return Suppression(key, hashes)

    def add(self, identity: Identity) -> Suppression:
        """Put a person on the list, and give the list; the key is made with the first one.

        Raises PermanentError as `read` does.
        """
        present = self.read()
        key = self._key() or self._new_key()
        hashes = present.hashes | {_hashed(key, parts) for parts in (_CHECK, *identity.parts())}
        self._replace(self.file, "".join(f"{hashed}\n" for hashed in sorted(hashes)))
        return Suppression(key, hashes)

    def _key(self) -> bytes | None:
        if any(self.environment.get(f"{KEY_VARIABLE}{end}", "").strip() for end in ("", "_FILE")):
            key = secret(KEY_VARIABLE, self.environment).reveal()
        else:
            try:
                key = self.key_file.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                return None
        if len(key) < SHORTEST_KEY:
            raise self._refused(f"the key has fewer than {SHORTEST_KEY} characters")
        return key.encode()

    def _new_key(self) -> bytes:
        key = secrets.token_hex(32)
        self._replace(self.key_file, key)
        return key.encode()

    def _replace(self, file: Path, text: str) -> None:
        """Write a file that its owner alone may read, at once, and have the disk keep it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        part.replace(file)

    def _refused(self, what: str) -> PermanentError:
        return PermanentError(
            f"{what}, so that nobody on it would be recognised, and whoever comes back would land",
            where=str(self.file),
            fix=f"Restore {self.key_file} from a backup, or set {KEY_VARIABLE} to the key. If it "
            "is gone for good: remove this list, load, and forget each person once more",
        )


class CurrentSuppression:
    """The list as it stands at each moment; read again only where it has changed."""

    def __init__(self, listed: SuppressionList) -> None:
        self._listed = listed
        self._seen: tuple[int, int] | None = None
        self._read = NOBODY

    def __call__(self) -> Suppression:
        """The list now. Raises PermanentError where its key is lost or another one."""
        try:
            found = self._listed.file.stat()
        except FileNotFoundError:
            return NOBODY
        seen = (found.st_ino, found.st_mtime_ns)
        if seen != self._seen:
            self._read, self._seen = self._listed.read(), seen
        return self._read


def _hashed(key: bytes, parts: tuple[str, ...]) -> str:
    # As JSON, so that no two tuples make one text.
    return keyed_hash(key, json.dumps(parts))


def _any_of(spellings: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of these, as it is or in JSON; None where there is none."""
    forms = {
        form
        for text in spellings
        for form in (text, *(json.dumps(text, ensure_ascii=a)[1:-1] for a in (True, False)))
    }
    if not forms:
        return None
    longest_first = sorted(forms, key=len, reverse=True)
    any_form = "|".join(re.escape(form) for form in longest_first)
    # Not within an address of somebody else.
    return re.compile(rf"(?<![\w.+\-])(?<!\w')(?:{any_form})(?![\w\-]|\.\w)", re.IGNORECASE)


NOBODY: Final = Suppression(b"", frozenset())
"""Where nobody was forgotten yet."""
