"""What befalls a night: readers keep what they have, the next run is right, and people are told."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from orchestration.company import Company
from orchestration.defs.failures import DISK_FULL, explained
from orchestration.defs.warehouse.bound import told
from orchestration.publish.build import run_nodes
from orchestration.publish.gate import GateClosed
from orchestration.publish.publish import (
    PublishError,
    nothing_new_since,
    publish,
    refresh_catalogue,
)
from orchestration.warehouse.bind import bind, bound_fingerprint
from orchestration.warehouse.connection import WarehouseDamaged, open_warehouse
from orchestration.warehouse.dbt_run import DbtRun, NodeResult
from tests.orchestration.driven import Ask, driven
from tests.orchestration.lakes import load
from tests.orchestration.nights import MONDAY, PROJECT, build_night, make_company, nights_seen

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose Monday is published."""
    made = make_company(tmp_path)
    build_night(made, 1)
    publish(made, PROJECT, "monday")
    return made


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with driven("tests.orchestration.night_steps") as found:
        yield found


@pytest.fixture
def ends(company: Company, ask: Ask) -> Ask:
    """How a step that a fault befalls ended: `killed`, `done`, or what people are told."""
    return partial(ask, company.folder)


def _bound(company: Company) -> tuple[str | None, int]:
    """What the warehouse is bound to, and how many leads that has."""
    with open_warehouse(company.warehouse) as connection:
        [(leads,)] = connection.execute("select count(*) from raw_crm.leads").fetchall()
        return bound_fingerprint(connection), leads


@pytest.mark.parametrize("stride", [29, pytest.param(1, marks=pytest.mark.slow)])
def test_wherever_a_bind_is_killed_the_warehouse_has_one_night_or_the_other(
    company: Company, ends: Ask, stride: int
) -> None:
    monday = _bound(company)
    load(company, "crm", "leads", [{"lead": "L2"}], TUESDAY)
    step = 1
    while ends("bind", "kill", step) == "killed":
        assert _bound(company) == monday
        step += stride
    assert step > 50
    tuesday = _bound(company)
    assert tuesday != monday
    assert tuesday[1] == 2
    assert bind(company).fingerprint == tuesday[0]


def test_a_build_that_is_killed_while_dbt_runs_publishes_nothing_until_it_is_built_again(
    company: Company, ends: Ask
) -> None:
    assert ends("build", "kill", 0) == "killed"
    with pytest.raises(GateClosed, match="was not built, or a run of it was cut off"):
        publish(company, PROJECT, "tuesday")
    assert nothing_new_since(company, PROJECT) is None
    assert nights_seen(company) == {(1, 1)}
    build_night(company, 2)
    publish(company, PROJECT, "tuesday")
    assert nights_seen(company) == {(2, 2)}


def test_on_a_full_disk_readers_keep_what_they_have_and_people_are_told_to_make_room(
    company: Company, ends: Ask
) -> None:
    build_night(company, 2)
    answers = {ends("publish", "fill", size) for size in (0, 5_000, 500_000)}
    assert all(answer.startswith(DISK_FULL) for answer in answers), answers
    assert nights_seen(company) == {(1, 1)}
    publish(company, PROJECT, "tuesday")
    assert nights_seen(company) == {(2, 2)}


def test_a_bind_on_a_full_disk_leaves_the_night_before_bound(company: Company, ends: Ask) -> None:
    monday = _bound(company)
    load(company, "crm", "leads", [{"lead": "L2"}], TUESDAY)
    assert ends("bind", "fill", 1_000).startswith(DISK_FULL)
    assert _bound(company) == monday
    bind(company)
    assert _bound(company)[1] == 2


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _overwritten(content: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + os.urandom(half)


def _replaced(_: bytes) -> bytes:
    return b"not a database" * 1000


def _emptied(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("harm", [_cut, _overwritten, _replaced, _emptied])
def test_a_damaged_warehouse_is_made_anew_and_readers_notice_nothing(
    company: Company, harm: Callable[[bytes], bytes]
) -> None:
    company.warehouse.write_bytes(harm(company.warehouse.read_bytes()))
    binding = bind(company)
    assert any("is damaged" in line for line in told(binding))
    assert nights_seen(company) == {(1, 1)}
    assert nothing_new_since(company, PROJECT) is None, "what was built is gone: build it all"
    build_night(company, 2)
    publish(company, PROJECT, "tuesday")
    assert nights_seen(company) == {(2, 2)}


def test_a_whole_warehouse_is_left_as_it_is(company: Company) -> None:
    assert bind(company).damage is None
    assert nothing_new_since(company, PROJECT) is not None


def test_a_catalogue_of_a_warehouse_that_is_gone_is_not_made_anew(company: Company) -> None:
    company.warehouse.write_bytes(b"")
    bind(company)
    with pytest.raises(PublishError, match="Run the build"):
        refresh_catalogue(company, PROJECT, "tuesday")
    assert nights_seen(company) == {(1, 1)}


def test_damage_that_dbt_finds_is_told_and_the_next_night_builds_anew(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = "Corrupt database file: computed checksum 1 does not match stored checksum 2"
    failed = NodeResult("model.tiny.leads", "error", 0.1, None, None, problem)
    monkeypatch.setattr(
        "orchestration.publish.build.run_dbt", lambda *_, **__: DbtRun(1, (failed,), ())
    )
    told_so = pytest.raises(dg.Failure, match=r"is damaged.*the next run makes it anew")
    with told_so, explained(dg.build_op_context()):
        run_nodes(company, PROJECT, [], [], lock=0, run_id="run", tell=lambda _: None)
    assert not company.warehouse.exists()
    assert nothing_new_since(company, PROJECT) is None
    assert nights_seen(company) == {(1, 1)}


def test_damage_that_shows_only_while_a_step_reads_is_told(company: Company) -> None:
    with open_warehouse(company.warehouse) as connection:
        connection.execute("create table many as select hash(i)::varchar h from range(200000) r(i)")
    content = bytearray(company.warehouse.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = os.urandom(third)
    company.warehouse.write_bytes(bytes(content))
    with pytest.raises(WarehouseDamaged), open_warehouse(company.warehouse) as connection:
        connection.execute("select max(h) from many").fetchall()
    assert not company.warehouse.exists()
