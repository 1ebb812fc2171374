"""Configuration files: every fault is told at once, with its line and its field."""

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from connectors.faults import Part
from connectors.typed_yaml import ConfigurationError, read_typed_yaml


class Leaf(Part):
    count: int
    kind: Literal["leaf"] = "leaf"


class Twig(Part):
    leaves: tuple[Leaf, ...] = ()
    by_name: dict[str, Leaf] = Field(default_factory=dict)
    starts: date | None = Field(default=None, alias="from")


class Tree(Part):
    name: str
    twig: Twig | None = None


def _read(folder: Path, text: str | bytes) -> Tree:
    path = folder / "tree.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_typed_yaml(path, Tree)


def _faults(folder: Path, text: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        _read(folder, text)
    return [(fault.line, fault.field, fault.message) for fault in caught.value.faults]


def test_a_file_becomes_its_model(tmp_path: Path) -> None:
    tree = _read(tmp_path, "name: oak\ntwig:\n  leaves: [{count: 1}]\n  from: 2026-01-31\n")
    assert tree.twig is not None
    assert tree.twig.leaves[0].count == 1
    assert tree.twig.starts == date(2026, 1, 31)


def test_a_byte_order_mark_and_merged_mappings_are_understood(tmp_path: Path) -> None:
    text = "name: oak\ntwig:\n  by_name:\n    a: &a {count: 1}\n    b: {<<: *a}\n"
    tree = _read(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert tree.twig is not None
    assert tree.twig.by_name["b"].count == 1


def test_a_wrong_value_is_told_with_line_field_found_and_expected(tmp_path: Path) -> None:
    [(line, field, message)] = _faults(
        tmp_path, "name: oak\ntwig:\n  leaves:\n    - count: 1\n    - count: many\n"
    )
    assert (line, field) == (5, "twig.leaves.1.count")
    assert message.startswith("found 'many', expected: ")


def test_a_key_that_stands_twice_is_a_fault_at_its_second_line(tmp_path: Path) -> None:
    faults = _faults(tmp_path, "name: oak\ntwig:\n  leaves: []\n  leaves: []\nname: elm\n")
    assert faults == [
        (4, "twig.leaves", "stands twice; it is already at line 3"),
        (5, "name", "stands twice; it is already at line 1"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "field", "near"),
    [
        ("nam: oak\n", 1, "nam", "did you mean `name`?"),
        ("name: oak\ntwig:\n  leafs: []\n", 3, "twig.leafs", "did you mean `leaves`?"),
        ("name: oak\ntwig: {leaves: [{count: 1, knd: x}]}\n", 2, "twig.leaves.0.knd",
         "did you mean `kind`?"),
        ("name: oak\ntwig:\n  by_name:\n    a:\n      count: 1\n      cont: 1\n", 6,
         "twig.by_name.a.cont", "did you mean `count`?"),
        ("name: oak\ntwig:\n  form: 2026-01-01\n", 3, "twig.form", "did you mean `from`?"),
        ("name: oak\nzzz: 1\n", 2, "zzz", "known are name, twig"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_a_fault_that_names_the_nearest_known_one(
    tmp_path: Path, text: str, line: int, field: str, near: str
) -> None:
    told = [fault for fault in _faults(tmp_path, text) if "missing" not in fault[2]]
    assert [fault[:2] for fault in told] == [(line, field)]
    assert near in told[0][2]


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = "twig:\n  leaves: [{count: x}]\n  leaves: []\n  by_name: {a: {coun: 1, count: 1}}\n"
    faults = _faults(tmp_path, text)
    assert [fault[0] for fault in faults] == sorted(fault[0] for fault in faults)
    assert {fault[1] for fault in faults} == {
        "name", "twig.leaves", "twig.leaves.0.count", "twig.by_name.a.coun",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: [oak\n", 2, "expected"),
        ("name: oak\n\ttwig: 1\n", 2, ""),
        ("name: oak\n---\nname: elm\n", 2, "another document"),
        ("name: oak\ntwig: !!python/object:os.system x\n", 2, "tag"),
        ("name: oak\ntwig: &t [*t]\n", 1, "alias"),
        ("name: oak\ntwig:\n  from: 2026-02-30\n", 3, "2026-02-30"),
        (b"name: oak\ntwig: \xff\n", 2, "UTF-8"),
        ("[1, 2]\n", 1, "found [1, 2]"),
        ("", 1, "missing"),
    ],
)
def test_what_is_no_such_file_says_so_at_the_line(
    tmp_path: Path, text: str | bytes, line: int, says: str
) -> None:
    [fault] = _faults(tmp_path, text)
    assert fault[0] == line
    assert says in fault[2]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"tree\.yml:1: .*no such file"):
        read_typed_yaml(tmp_path / "tree.yml", Tree)
    with pytest.raises(ConfigurationError, match="can't be read"):
        read_typed_yaml(tmp_path, Tree)
