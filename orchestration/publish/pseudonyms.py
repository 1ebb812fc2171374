"""Pseudonyms: keyed hashes in the place of all that tells who somebody is, in what is published.

A text has the same pseudonym in every table and in every night, as long as the key stays, so that
tables join as they did. Keys of rows are made of ids that a source gives, which may be addresses:
they are hashed too.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from connectors.errors import PermanentError
from connectors.keyed_hash import SHORTEST_KEY, key_blocks, keyed_hash
from connectors.secret import secret
from orchestration.company import Company
from orchestration.publish.catalogue import PUBLIC_SCHEMA, Relation, personal_columns
from orchestration.publish_settings import PersonalData
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.fingerprint import digest
from orchestration.warehouse.sql import identifier, literal

KEY_VARIABLE: Final = "TANDEM_PSEUDONYM_KEY"
"""The variable that holds the key; `_FILE` after it names a file that does."""

WITHHELD: Final = "told in the log of the run: its words may name somebody"
"""What stands in the place of a message about records."""

_DIGITS: Final = 32
_KEYS: Final = re.compile(r"\w+_(id|key)")
_OF_A_RUN: Final = "run_id"
_OF_NOBODY: Final = ("all", "unknown")


@dataclass(frozen=True)
class Pseudonyms:
    """How the texts of a company are replaced; `key` is told nowhere."""

    key: bytes

    def __repr__(self) -> str:
        return "Pseudonyms(***)"

    def of(self, text: str) -> str:
        """The pseudonym of a text; the words for everybody and for nobody known stay."""
        return text if text in _OF_NOBODY else keyed_hash(self.key, text)[:_DIGITS]

    def mark(self, project: DbtProject) -> str:
        """What tells this key, and the choice of columns, from others; it betrays neither."""
        public = {n["name"]: n for n in project.models.values() if n["schema"] == PUBLIC_SCHEMA}
        chosen = {name: personal_columns(node) for name, node in sorted(public.items())}
        return digest(json.dumps([keyed_hash(self.key, "mark"), chosen], sort_keys=True))


def pseudonyms_of(
    company: Company, environment: Mapping[str, str] = os.environ
) -> Pseudonyms | None:
    """The pseudonyms that the company's publish.yml asks for; None where it names people.

    Raises PermanentError where the key is missing or too short.
    """
    if company.publishing.personal_data is PersonalData.CLEAR:
        return None
    key = secret(KEY_VARIABLE, environment).reveal()
    if len(key) < SHORTEST_KEY:
        raise PermanentError(
            f"the key to the pseudonyms has fewer than {SHORTEST_KEY} characters",
            where="the environment",
            fix=f"Set {KEY_VARIABLE} to a long random text, such as `openssl rand -hex 32` gives",
        )
    return Pseudonyms(key.encode())


def rows_under(
    under: Pseudonyms | None, source: str, columns: Mapping[str, str]
) -> tuple[str, dict[str, bytes]]:
    """A query of all rows of `source`, under pseudonyms where there are any, and its parameters.

    `columns` are those to replace, each with the condition in SQL on which it is.
    """
    if under is None or not columns:
        return f"from {source}", {}
    replaced = ", ".join(
        f"{_hashed(identifier(name), on)} as {identifier(name)}" for name, on in columns.items()
    )
    inner, outer = key_blocks(under.key)
    return f"select * replace ({replaced}) from {source}", {"inner": inner, "outer": outer}


def to_replace(relation: Relation) -> dict[str, str]:
    """The columns of a table that stand under pseudonyms, each with the condition on which."""
    keys = (name for name in relation.columns if _KEYS.fullmatch(name) and name != _OF_A_RUN)
    return {**dict.fromkeys(keys, "true"), **relation.personal}


def _hashed(text: str, on: str) -> str:
    nobody = ", ".join(literal(word) for word in _OF_NOBODY)
    hashed = f"left(sha256($outer || unhex(sha256($inner || encode({text})))), {_DIGITS})"
    return f"case when ({on}) and {text} not in ({nobody}) then {hashed} else {text} end"
