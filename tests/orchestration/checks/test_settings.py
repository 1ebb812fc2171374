"""What is usual for a night is what the guide says, unless operations.yml says otherwise."""

import re
from pathlib import Path

import pytest

from connectors.typed_yaml import ConfigurationError
from orchestration.operations import Checks, load_operations

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "checks.md"


def test_the_guide_shows_the_defaults(tmp_path: Path) -> None:
    [shown] = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "operations.yml"
    file.write_text(shown)
    assert load_operations(file).checks == Checks()


def test_more_weeks_than_are_kept_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "operations.yml"
    file.write_text("checks: {volume: {weeks: 10}}")
    with pytest.raises(ConfigurationError, match=r"operations\.yml:1: .*weeks"):
        load_operations(file)
