"""Keyed hashes: what stands for a text, and tells nothing of it to whoever lacks the key."""

import hashlib
import hmac
from typing import Final

SHORTEST_KEY: Final = 16
"""The fewest characters that a key may have."""

_BLOCK: Final = 64
_INNER: Final = 0x36
_OUTER: Final = 0x5C


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA256 of a text, as 64 hexadecimal digits."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def key_blocks(key: bytes) -> tuple[bytes, bytes]:
    """What HMAC-SHA256 makes of a key, for an engine that has SHA-256 alone.

    The keyed hash of a text is sha256(outer + sha256(inner + text)), of (inner, outer).
    """
    whole = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ _INNER for byte in whole), bytes(byte ^ _OUTER for byte in whole)
