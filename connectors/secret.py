"""Secrets: taken from the environment alone, and kept out of every text for people."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus

from connectors.errors import PermanentError

_SHORTEST_HIDDEN: Final = 4
_SHORTEST_LINE_HIDDEN: Final = 16
_LOGIN_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/@\s]+@")
_HIDDEN: Final[set[str]] = set()


class Secret:
    """A text that shows itself as `***`, wherever it is printed; `reveal` gives it away.

    Every secret is known to `redact` from then on.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _hide(value)

    def reveal(self) -> str:
        """The secret itself, for the request that needs it and for nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def secret(name: str, environment: Mapping[str, str] = os.environ) -> Secret:
    """The secret that the variable `name` holds, or the file that `name` + `_FILE` names.

    White space around it is left out. Raises PermanentError, which names the variable, where
    neither is set, where both are, or where the file can't be read.
    """
    value, path = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if value and path:
        raise PermanentError(
            f"both {name} and {name}_FILE are set, so it can't be told which one counts",
            where="the environment",
            fix="Unset one of them",
        )
    if path:
        value = _held(f"{name}_FILE", Path(path))
    if not value:
        raise PermanentError(
            f"the variable {name} is not set, nor is {name}_FILE",
            where="the environment",
            fix=f"Set {name} to the secret, or {name}_FILE to the path of a file that holds it",
        )
    return Secret(value)


def secret_word(name: str, environment: Mapping[str, str] = os.environ) -> Secret:
    """As `secret`, of one that a request bears in its head: plain characters, no space in it.

    Raises PermanentError where it has others, too.
    """
    found = secret(name, environment)
    if re.fullmatch(r"[!-~]+", found.reveal()) is None:
        raise PermanentError(
            f"what {name}, or the file that {name}_FILE names, holds is not a token: there are "
            "spaces or unusual characters in it",
            where="the environment",
            fix="Copy the token anew, whole, and nothing around it",
        )
    return found


def redact(text: str) -> str:
    """The text with `***` for every secret in it, as it is or as it stands in an address."""
    for hidden in sorted(_HIDDEN, key=len, reverse=True):
        text = text.replace(hidden, "***")
    return _LOGIN_IN_ADDRESS.sub("***@", text)


def _held(variable: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise PermanentError(
            f"the file that {variable} names can't be read: {what}",
            where=str(path),
            fix=f"Let {variable} name a file that this user can read",
        ) from None
    if not value:
        raise PermanentError(
            f"the file that {variable} names is empty",
            where=str(path),
            fix="Write the secret into it",
        )
    return value


def _hide(value: str) -> None:
    lines = [line.strip() for line in value.replace("\\n", "\n").splitlines()]
    long_lines = [line for line in lines if len(line) >= _SHORTEST_LINE_HIDDEN]
    for text in (value, *long_lines):
        if len(text) >= _SHORTEST_HIDDEN:
            _HIDDEN.update((text, quote(text, safe=""), quote_plus(text)))
