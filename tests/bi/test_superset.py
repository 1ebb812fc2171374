"""What is made ready before Superset starts: the bundle, the secrets, the refusals."""

import io
import socket
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bi.superset.bundle import bundle
from bi.superset.home import Home
from tests.end_to_end.running import REPOSITORY


def _unpacked(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_equal_bundles_are_equal_in_every_byte() -> None:
    assert bundle("duckdb:////a/tandem.duckdb") == bundle("duckdb:////a/tandem.duckdb")


def test_the_address_of_the_tables_stands_in_the_bundle_once() -> None:
    files = _unpacked(bundle("duckdb:////of/acme/tandem.duckdb"))
    holding = [name for name, text in files.items() if "/of/acme/tandem.duckdb" in text]
    assert holding == ["tandem/databases/Tandem.yaml"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_asked_through_the_driver_that_is_there(scheme: str) -> None:
    files = _unpacked(bundle(f"{scheme}://dashboards:secret@db.example/analytics"))
    database = files["tandem/databases/Tandem.yaml"]
    assert "postgresql+pg8000://dashboards:secret@db.example/analytics" in database


def test_a_driver_that_the_address_names_is_left() -> None:
    files = _unpacked(bundle("postgresql+psycopg2://db.example/analytics?sslmode=verify-full"))
    assert "postgresql+psycopg2://db.example" in files["tandem/databases/Tandem.yaml"]


def test_the_tables_are_asked_for_in_the_schema_that_holds_them() -> None:
    files = _unpacked(bundle("postgresql://db.example/analytics", "acme_marts"))
    datasets = {name: text for name, text in files.items() if "/datasets/" in name}
    assert all("schema: acme_marts\n" in text for text in datasets.values())
    assert not [name for name, text in datasets.items() if " marts." in text]
    assert "from acme_marts.bottleneck" in datasets["tandem/datasets/Tandem/where_it_sticks.yaml"]


def test_the_secrets_are_random_kept_and_for_their_owner_alone(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "one" / "superset"), Home(tmp_path / "other" / "superset")
    one.make()
    other.make()
    first = one.password.read_text()
    one.make()
    assert one.password.read_text() == first != other.password.read_text()
    assert len(first) >= 32
    files = list(one.folder.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
    assert len({file.read_text() for file in files}) == len(files) == 2


def _served(tmp_path: Path, *arguments: str, published: bool) -> tuple[int, str]:
    if published:
        folder = tmp_path / "sandbox" / "published"
        folder.mkdir(parents=True)
        (folder / "tandem.duckdb").touch()
    done = subprocess.run(
        [sys.executable, "-m", "bi.superset", "--python", "/nowhere/python", *arguments],
        cwd=REPOSITORY,
        env={"TANDEM_DATA": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_where_nothing_is_published_it_says_what_to_do(tmp_path: Path) -> None:
    code, said = _served(tmp_path, published=False)
    assert (code, said) == (2, "Nothing is published yet: `make run` makes the tables.\n")
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_is_told(tmp_path: Path, taken: int) -> None:
    code, said = _served(tmp_path, "--port", str(taken), published=True)
    assert (code, said) == (2, f"Port {taken} is taken; name another with PORT=…\n")
