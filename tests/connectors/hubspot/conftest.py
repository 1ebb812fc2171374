"""A portal on loopback, empty at first, and a lake beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.hubspot import Access, Limits, Store, make_hubspot
from connectors.sandbox.serving import Clock, serve
from tests.connectors.hubspot.loaded import TOKEN, Loaded


@pytest.fixture
def loaded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    options: dict[str, Any] = getattr(request, "param", {})
    clock = Clock.frozen(datetime(2026, 3, 2, 8, tzinfo=UTC))
    store = Store(clock)
    limits = Limits(per_ten_seconds=1_000_000, search_per_second=1_000_000)
    hubspot = make_hubspot(store, Access(clock, TOKEN), limits)
    with serve(hubspot.app) as server:
        yield Loaded(hubspot, server, tmp_path, **options)
