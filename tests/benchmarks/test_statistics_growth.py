"""A company's cases so many times over, as the statistics read them."""

import duckdb

from benchmarks.statistics_growth import multiplied


def test_every_copy_has_accounts_and_waits_of_its_own_and_counts_stay_what_they_are() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_response_wait as "
            "select 'a' || i as cluster_id, 'smb' as segment, 8.0::double as hours "
            "from range(5) as _(i)"
        )
        connection.execute("create table intermediate.int_stage_exit as select 4 as n")
        store = multiplied(connection, 3)
        waits = store.read("int_response_wait", ["cluster_id", "segment", "hours"]).to_pydict()
        exits = store.read("int_stage_exit", ["n"])
    assert len(set(waits["cluster_id"])) == 15
    assert len(set(waits["hours"])) == 15
    assert all(0.7 * 8 <= hours <= 1.3 * 8 for hours in waits["hours"])
    assert set(waits["segment"]) == {"smb"}
    assert exits["n"].to_pylist() == [4]
