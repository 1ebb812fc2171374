"""All clients of the benchmark of extraction bring the same records."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.crm_server import app_of, end_of
from benchmarks.extraction_clients import CLIENTS
from connectors.sandbox import Parameters, simulate
from connectors.sandbox.serving import serve

_TOKEN = "a-token-of-the-test"
_COMPANY = Parameters(prospects=60)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    simulate(_COMPANY, folder)
    return folder / "exports"


@pytest.fixture(scope="module", params=["hubspot", "salesforce"])
def server(request: pytest.FixtureRequest, exports: Path) -> Iterator[tuple[str, str]]:
    with serve(app_of(request.param, exports, end_of(_COMPANY), _TOKEN)) as running:
        yield request.param, running.url


@pytest.mark.parametrize("client", ["bare to JSON lines", "bare to Parquet", "tandem"])
def test_a_client_brings_as_many_records_as_the_bare_loop(
    client: str, server: tuple[str, str], tmp_path: Path
) -> None:
    told = CLIENTS["bare"](*server, _TOKEN, tmp_path)
    assert CLIENTS[client](*server, _TOKEN, tmp_path) == told > 100
