"""What Salesforce answers when it does not do what it was asked, and what that means for a load."""

from typing import Final

from connectors.errors import TransientError

MISSING: Final = frozenset({"INVALID_TYPE", "NOT_FOUND"})
"""The org has no such object, or the user may not see it."""

LOCATOR_GONE: Final = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_LOCATOR"})
"""A page was asked for by a mark that the server no longer knows."""

TOO_MUCH_AT_ONCE: Final = frozenset({"QUERY_TIMEOUT", "OPERATION_TOO_LARGE"})
"""The server gave up on a query that the Bulk API may have more patience for."""

FIELDS_CHANGED: Final = "INVALID_FIELD"
"""A field that was there a moment ago is not."""


class Shortfall(TransientError):
    """Other than as many records came as were announced."""

    def __init__(self, what: str, came: int, announced: int, *, where: str) -> None:
        super().__init__(
            f"{what} announced {announced:,} records and gave {came:,}",
            where=where,
            fix="All of it is asked for again at the next try, and what is missing then lands",
        )
