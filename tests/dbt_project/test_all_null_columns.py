"""An engine's fault with columns that are all null, and the setting that keeps clear of it."""

from collections.abc import Iterator

import duckdb
import pytest

_QUERY = """
    select email = 'a' and case when email is not null then 'b' end <> '' as found from persons
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create table persons as select cast(null as varchar) as email")
        yield opened


def test_a_column_that_is_all_null_can_be_compared(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    assert connection.execute(_QUERY).fetchall() == [(None,)]


def test_the_engine_still_has_the_fault_for_which_the_setting_stands(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """When this fails, remove the setting from profiles.yml, connection.py and the harness."""
    with pytest.raises(duckdb.InvalidInputException, match="BindBuiltinScalarFunction"):
        connection.execute(_QUERY).fetchall()
