"""What a night is made of, as one short text: where it is unchanged, so are the tables."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from orchestration.company import Company
from orchestration.warehouse.pins import Pin, Pins, pin_streams

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_CODE: Final = (
    "connectors/**/*.py",
    "orchestration/**/*.py",
    "requirements/runtime.lock",
    "requirements/suggestions.lock",
)


def present_fingerprint(company: Company) -> str:
    """The fingerprint of what a bind would pin now."""
    return fingerprint(company, pin_streams(company))


def fingerprint(company: Company, pins: Pins) -> str:
    """The pinned rows, the two files of the company, and the Python that works on them.

    Not in it: when a source was last asked, whether it answered, and how old that makes it. They
    change no table but the catalogue. The dbt models have recipes of their own.
    """
    parts = {
        "sources": company.sources.model_dump_json(),
        "agreement": company.agreement.model_dump_json(),
        "code": code_digest(),
        "pins": {f"{source}.{stream}": _told(pin) for (source, stream), pin in pins.items()},
    }
    return digest(json.dumps(parts, sort_keys=True))


def digest(text: str) -> str:
    """A short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_of_files(files: Iterable[Path], root: Path) -> str:
    """A fingerprint of files: their names below `root` and what is in them."""
    found = sorted((str(file.relative_to(root)), file) for file in files)
    contents = [[name, hashlib.sha256(file.read_bytes()).hexdigest()] for name, file in found]
    return digest(json.dumps(contents))


@cache
def code_digest() -> str:
    """A fingerprint of the Python code and of the packages that it is pinned to."""
    files = [file for pattern in _CODE for file in _REPOSITORY.glob(pattern)]
    return digest_of_files(files, _REPOSITORY)


def _told(pin: Pin) -> dict[str, object]:
    # A file of a raw table is written once, under a name of its own. Two schemas of one text are
    # the same schema.
    return {
        "files": sorted(Path(file).name for file in pin.files),
        "schema": str(pin.schema),
        "rows_until": str(pin.rows_until),
    }
