"""The dbt project as pages: every model, column and test, and who reads whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from orchestration.company import Company
from orchestration.warehouse.connection import WarehouseError
from orchestration.warehouse.dbt_project import run_dbt
from orchestration.warehouse.hold import hold_warehouse


def make_docs(company: Company) -> Path:
    """Make the pages of what the last run built: a folder whose index.html needs no other file.

    Raises WarehouseError where nothing was built yet, WarehouseBusy while a run is under way,
    DbtFailed where dbt can't make them.
    """
    if not company.warehouse.exists():
        raise WarehouseError(f"There is no {company.warehouse} yet: `make run` builds it.")
    folder = company.dbt / "docs"
    with hold_warehouse(company):
        run_dbt(company, folder, "docs", "generate", "--static")
    (folder / "static_index.html").replace(folder / "index.html")
    return folder


@contextmanager
def served(folder: Path, port: int) -> Iterator[ThreadingHTTPServer]:
    """A server of the folder's index.html alone, on loopback; it ends with the context."""
    page = (folder / "index.html").read_bytes()
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Page, page)) as server:
        yield server


class _Page(BaseHTTPRequestHandler):
    """One page, whatever is asked for: dbt's other files there hold queries and paths."""

    def __init__(self, page: bytes, *arguments: Any) -> None:
        self._page = page
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self._page)))
        self.end_headers()
        self.wfile.write(self._page)

    def log_message(self, *_: Any) -> None:
        """Nobody needs to be told of each request."""
