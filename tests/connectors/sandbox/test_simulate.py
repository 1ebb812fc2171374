"""Writing the simulated company: the same every time, extended by more nights, described truly."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PermanentError
from connectors.sandbox import Parameters, parameters_of, simulate
from connectors.sources import load_sources

_ROOT = Path(__file__).resolve().parents[3]
_EXAMPLE = _ROOT / "examples" / "simulated_files" / "sources.yml"
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


def test_another_process_with_another_order_of_hashes_writes_the_same_bytes(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path / "one")
    arguments = ["--prospects", "300", "--months", "6", "--until", "2026-03-31"]
    subprocess.run(
        [sys.executable, "-m", "connectors.sandbox", *arguments, "--folder", tmp_path / "two"],
        cwd=_ROOT,
        env={**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"},
        check=True,
    )
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")


def test_the_default_company_is_the_one_of_the_default_parameters() -> None:
    simulated = load_sources(_EXAMPLE).simulate
    assert simulated is not None
    assert parameters_of(simulated) == Parameters()


def test_the_default_company_is_complete_until_its_simulation_ends(tmp_path: Path) -> None:
    written = _EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / "sources.yml").write_text(written.replace("until: 2026-09-30", "until: 2026-10-31"))
    sources = load_sources(tmp_path / "sources.yml").sources
    assert {source.complete_until for source in sources} == {datetime(2026, 11, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 8}, "differs in seed"),
        ({"prospects": 301, "seed": 8}, "differs in prospects, seed"),
        ({"until": date(2026, 3, 30)}, "differs in until"),
    ],
)
def test_another_company_in_the_same_place_is_refused(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    simulate(_SMALL, tmp_path)
    before = _digests(tmp_path)
    with pytest.raises(PermanentError, match=f"{told}. Remove that folder"):
        simulate(replace(_SMALL, **change), tmp_path)
    assert _digests(tmp_path) == before


def test_a_company_of_another_generator_is_refused(tmp_path: Path) -> None:
    simulate(_SMALL, tmp_path)
    mark = tmp_path / "truth" / "simulated.json"
    mark.write_text(mark.read_text().replace('"generator": ', '"generator": 9'))
    with pytest.raises(PermanentError, match="the generator's version"):
        simulate(_SMALL, tmp_path)


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
    mark = tmp_path / "truth" / "simulated.json"
    mark.write_text(mark.read_text().replace('"is_complete": true', '"is_complete": false'))
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
    sources = load_sources(_EXAMPLE)
    missing = [
        f"{source.location}/{stream.files}"
        for source in sources.sources
        for stream in source.streams
        if not list((tmp_path / "exports" / source.location).glob(stream.files))
    ]
    assert missing == []
