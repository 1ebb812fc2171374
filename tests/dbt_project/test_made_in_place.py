"""DuckDB's tables and views are made in place (macros/made_in_place.sql): a project of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.compiled import REPOSITORY

FILES = {
    "dbt_project.yml": """\
name: tiny
profile: tiny
models:
  tiny:
    +materialized: "{{ env_var('TINY_KIND', 'table') }}"
    +contract: {enforced: true}
""",
    "profiles.yml": """\
tiny:
  target: file
  outputs: {file: {type: duckdb, path: "{{ env_var('TINY_FILE') }}", threads: 1}}
""",
    "models/nights.yml": """\
models:
  - name: nights
    columns:
      - {name: night, data_type: bigint}
      - {name: moon, data_type: string}
""",
}
GOOD = "select 'full' as moon, cast(7 as bigint) as night"


class Tiny:
    """A dbt project of one model, built anew with each sentence that it is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "tiny.duckdb"
        for name, content in FILES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
        (folder / "macros").mkdir()
        shutil.copy(REPOSITORY / "dbt_project" / "macros" / "made_in_place.sql", folder / "macros")

    def build(self, query: str, kind: str = "table") -> str:
        """Build the model as this query; what dbt said where it failed, nothing otherwise."""
        (self._folder / "models" / "nights.sql").write_text(query)
        place = ["--project-dir", str(self._folder), "--profiles-dir", str(self._folder)]
        done = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "--quiet", "run", *place],
            cwd=self._folder,
            env={
                **os.environ,
                "TINY_FILE": str(self._file),
                "TINY_KIND": kind,
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "DO_NOT_TRACK": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout if done.returncode else ""

    def present(self) -> tuple[list[str], list[tuple[object, ...]], list[tuple[str, str]]]:
        """The columns and rows of the model, and every table and view of the file with its kind."""
        with duckdb.connect(self._file, read_only=True) as connection:
            found = connection.execute("from nights")
            columns = [column[0] for column in found.description or []]
            rows = found.fetchall()
            relations = connection.execute(
                "select table_name, table_type from information_schema.tables order by 1"
            ).fetchall()
        return columns, rows, relations


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The project with its model built as a table once."""
    made = Tiny(tmp_path_factory.mktemp("tiny"))
    assert made.build(GOOD) == ""
    return made


def test_a_table_is_replaced_and_nothing_is_left_beside_it(tiny: Tiny) -> None:
    assert tiny.build(GOOD.replace("7", "8")) == ""
    assert tiny.present() == (["night", "moon"], [(8, "full")], [("nights", "BASE TABLE")])


def test_what_was_a_table_becomes_a_view_and_a_table_again(tiny: Tiny) -> None:
    assert tiny.build(GOOD, "view") == ""
    assert tiny.present() == (["night", "moon"], [(7, "full")], [("nights", "VIEW")])
    assert tiny.build(GOOD, "table") == ""
    assert tiny.present()[2] == [("nights", "BASE TABLE")]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        (f"{GOOD}, 1 as tide", "tide"),
        ("select 'full' as moon, '7' as night", "night"),
        ("select 'full' as moon, cast(error('a broken moon') as bigint) as night", "a broken moon"),
    ],
    ids=["a column too many", "another type", "an error midway"],
)
def test_a_model_that_fails_says_why_and_leaves_what_was_there(
    tiny: Tiny, query: str, word: str
) -> None:
    before = tiny.present()
    assert word in tiny.build(query)
    assert tiny.present() == before
