"""Connections to one database in memory that see nothing of each other."""

import os

import duckdb
import pyarrow as pa
import pytest

from connectors.scratch import scratch


def test_what_one_connection_registers_or_makes_no_other_sees() -> None:
    with scratch() as one, scratch() as other:
        one.register("came", pa.table({"number": [1]}))
        one.execute("create temp table made as select 1 as number")
        for name in ("came", "made"):
            with pytest.raises(duckdb.CatalogException):
                other.execute(f"select * from {name}")


def test_its_time_zone_is_utc_whatever_another_one_sets() -> None:
    with scratch() as one, scratch() as other:
        one.execute("set TimeZone = 'Asia/Tokyo'")
        assert other.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_a_process_that_is_forked_has_a_database_of_its_own() -> None:
    with scratch() as connection:
        connection.execute("select 1")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with scratch() as connection:
                [(found,)] = connection.execute("select sum(range) from range(100000)").fetchall()
            os.write(write, str(found).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        assert told.read() == "4999950000"
    os.waitpid(child, 0)
