"""Write files so that a reader sees the old or the new one, never half of one."""

import os
from pathlib import Path


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
