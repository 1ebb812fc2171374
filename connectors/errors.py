"""What can go wrong while pulling records: what happened, where, and what to do about it."""


class ConnectorError(Exception):
    """Something went wrong between a source system and the raw lake.

    `what` happened, `where` (a file and line, a table, an address), and what to do: `fix`.
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}"


class TransientError(ConnectorError):
    """A retry may cure it: a time-out, a server that is busy, a network that is away."""


class PermanentError(ConnectorError):
    """No retry can cure it: a person has to mend something first."""


class LoadConflict(PermanentError):
    """Another run wrote to the same raw table since this one read its cursor; nothing was written.

    Not cured by retrying the write: the load has to start again from the new cursor.
    """


class CursorLost(PermanentError):
    """A raw table holds rows but no cursor: to sync from the start would double its records."""


class SchemaChanged(PermanentError):
    """A column is declared with another type than the raw table holds it in."""
