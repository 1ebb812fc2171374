"""What can go wrong on the way to PostgreSQL; each says what to do. The files are not concerned."""


class PostgresError(Exception):
    """The tables are not in PostgreSQL as they are in the files; a person has to mend something."""


class PostgresAway(PostgresError):
    """The same, and a retry may cure it: the server is away, busy, or being restarted."""
