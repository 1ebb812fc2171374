"""An org on loopback, and a lake that is loaded from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.salesforce.loaded import Loaded
from tests.connectors.salesforce.org_server import SmallOrg, small_org


@pytest.fixture
def org() -> Iterator[SmallOrg]:
    with small_org() as org:
        yield org


@pytest.fixture
def loaded(org: SmallOrg, tmp_path: Path, request: pytest.FixtureRequest) -> Loaded:
    return Loaded(org, tmp_path, **getattr(request, "param", {}))
