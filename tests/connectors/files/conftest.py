"""Fixtures of the files connector's tests."""

from pathlib import Path

import pytest

from tests.connectors.files.company import Exports


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)
