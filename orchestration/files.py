"""Write files so that a reader sees the old or the new one, never half of one."""

import errno
import os
import re
from pathlib import Path
from typing import Final

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TOLD_AS_FULL: Final = re.compile(
    "|".join([*(os.strerror(number) for number in _FULL), "database or disk is full"])
)


def replace_text(file: Path, text: str) -> None:
    """Put a text into a file at once; its folder is made where there is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    keep(part)
    part.replace(file)
    keep(file.parent)


def keep(path: Path) -> None:
    """Have the disk keep what was written to a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or what it came of, is that no more can be written; each tool has its own.

    A limit on the size of a file counts as a full disk.
    """
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "errno", None) in _FULL or _TOLD_AS_FULL.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
