"""Writing the simulated company: the same every time, extended by more nights, described truly."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.sandbox import Parameters, simulate
from connectors.sources import load_sources

_ROOT = Path(__file__).resolve().parents[3]
_SMALL = Parameters(prospects=300, months=6, until=date(2026, 3, 31))


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_parameters_give_the_same_bytes(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path / "one")
    simulate(_SMALL, tmp_path / "two")
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path / "one")
    simulate(replace(_SMALL, seed=8), tmp_path / "two")
    one, two = _digests(tmp_path / "one"), _digests(tmp_path / "two")
    assert one["exports/crm/opportunities.csv"] != two["exports/crm/opportunities.csv"]


def test_a_second_call_leaves_what_is_there_alone(tmp_path: Path) -> None:
    assert simulate(_SMALL, tmp_path).is_new
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert not simulate(_SMALL, tmp_path).is_new
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_history_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path)
    whole = _digests(tmp_path)
    (tmp_path / "truth" / "simulated.json").unlink()
    (tmp_path / "exports" / "crm" / "leads.csv").write_text("half")
    assert simulate(_SMALL, tmp_path).is_new
    assert _digests(tmp_path) == whole


@pytest.mark.parametrize("stream", ["search", "social"])
def test_an_export_is_a_file_a_month(tmp_path: Path, stream: str) -> None:
    simulate(_SMALL, tmp_path)
    months = sorted(path.name[:7] for path in (tmp_path / "exports" / "ads" / stream).iterdir())
    assert months == ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]


def test_every_stream_of_the_default_company_finds_its_files(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path)
    sources = load_sources(_ROOT / "sources.yml")
    missing = [
        f"{source.location}/{stream.files}"
        for source in sources.sources
        for stream in source.streams
        if not list((tmp_path / "exports" / source.location).glob(stream.files))
    ]
    assert missing == []
