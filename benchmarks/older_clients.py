"""Read a published DuckDB file with the oldest clients of version 1 that there are.

    .venv/bin/python benchmarks/older_clients.py data/sandbox/published/tandem.duckdb [version ...]

BI tools ship clients of their own, years behind. Each version (1.0.0 unless others are named) is
installed into an environment that is gone afterwards, opens the file and reads all of every table
and view; the rows are held against what this environment's client reads. Ends with 1 where a
client can't read something, or reads another number of rows.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

OLDEST = "1.0.0"

READ = """
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True) as file:
    names = file.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    # A hash of the rows as text has every value of every column read.
    rows = {
        name: file.execute(
            f'select count(*), bit_xor(hash(t::varchar)) from marts."{name}" as t'
        ).fetchone()[0]
        for (name,) in names
    }
print(json.dumps({"client": duckdb.__version__, "rows": rows}))
"""


def main() -> int:
    """Read the file with each version, and say how it went."""
    file, *versions = sys.argv[1:]
    expected = _read(sys.executable, file)
    print(f"{expected['client']}: {_told(expected['rows'])}")
    is_good = True
    for version in versions or [OLDEST]:
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            python = str(Path(folder) / "bin" / "python")
            install = [python, "-m", "pip", "install", "-q", "--only-binary", ":all:"]
            subprocess.run([*install, f"duckdb=={version}"], check=True)
            try:
                found = _read(python, file)
            except subprocess.CalledProcessError as error:
                print(f"{version}: can't read it\n{error.stderr}")
                is_good = False
                continue
        is_same = found["rows"] == expected["rows"]
        is_good = is_good and is_same
        print(f"{found['client']}: {_told(found['rows'])}, {'the same' if is_same else 'OTHERS'}")
    return 0 if is_good else 1


def _read(python: str, file: str) -> dict[str, dict[str, int]]:
    done = subprocess.run([python, "-c", READ, file], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _told(rows: dict[str, int]) -> str:
    return f"{len(rows)} tables and views, {sum(rows.values()):,} rows"


if __name__ == "__main__":
    sys.exit(main())
