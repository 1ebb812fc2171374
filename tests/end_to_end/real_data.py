"""Where the published data sets lie that the tests may read; the repository holds none of them."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def real_data(name: str) -> Path:
    """The folder of one data set; skips the test, saying so, where it is not there."""
    beside = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("TANDEM_TEST_DATA", beside)) / name
    if not folder.is_dir():
        pytest.skip(f"the {name} data set is not at {folder}; set TANDEM_TEST_DATA to its parent")
    return folder
