"""What holds for all tests."""

from pathlib import Path
from typing import Final

import pytest

# Where whole companies are built. They come first: a worker that began one of these when the other
# has nothing left to do would keep everybody waiting.
_LONG: Final = (
    "end_to_end/test_nights.py",
    "end_to_end/test_default_company.py",
    "end_to_end",
    "connectors/hubspot/test_company_nights.py",
    "dbt_project/test_dbt_build.py",
    "dbt_project/alignment/test_scorecard.py",
    "dbt_project/test_marts_on_the_funnel.py",
    "docs",
)
_HERE: Final = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all else as it was."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    return next(
        (i for i, long in enumerate(_LONG) if path.is_relative_to(_HERE / long)), len(_LONG)
    )
