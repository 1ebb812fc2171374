"""What is usual for a night is what the guide says, unless operations.yml says otherwise."""

import re
from pathlib import Path

import pytest

from connectors.typed_yaml import ConfigurationError
from orchestration.operations import Checks, load_operations

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "checks.md"


def test_the_guide_shows_the_defaults(tmp_path: Path) -> None:
    [shown, _] = _shown()
    file = tmp_path / "operations.yml"
    file.write_text(shown)
    assert load_operations(file).checks == Checks()


def test_a_stream_has_its_own_limits_or_none_and_else_those_of_all(tmp_path: Path) -> None:
    [_, shown] = _shown()
    file = tmp_path / "operations.yml"
    file.write_text(shown.replace("    of:", "    few: 7\n    of:"))
    volume = load_operations(file).checks.volume
    own = volume.limits_of("ads", "clicks")
    assert own is not None
    assert (own.at_least, own.at_most, own.few, own.weeks) == (0.05, 20, 7, 8)
    assert volume.limits_of("crm", "uploads") is None
    assert volume.limits_of("crm", "deals") is volume


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("ads.clicks: {at_leats: 5 %}", "ads.clicks.at_leats: is not a field"),
        ("ads.clicks: 5 %", r"ads.clicks: found '5 %', expected: limits of its own"),
        ("ads.clicks:", r"ads.clicks: found None, expected: limits of its own"),
        ("ads.click: ignored", "ads.click: found 'ads.click', expected: a stream that sources.yml"),
    ],
)
def test_what_is_said_of_one_stream_wrongly_is_told_with_its_line(
    tmp_path: Path, own: str, told: str
) -> None:
    file = tmp_path / "operations.yml"
    file.write_text(f"checks:\n  volume:\n    of:\n      {own}\n")
    with pytest.raises(ConfigurationError, match=rf"operations\.yml:4: checks\.volume\.of\.{told}"):
        load_operations(file, frozenset({"ads.clicks", "crm.deals"}))


def test_more_weeks_than_are_kept_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "operations.yml"
    file.write_text("checks: {volume: {weeks: 10}}")
    with pytest.raises(ConfigurationError, match=r"operations\.yml:1: .*weeks"):
        load_operations(file)


def _shown() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
