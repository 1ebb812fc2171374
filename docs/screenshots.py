"""Take the pictures in docs/images: asset graph, report, dashboard (`make screenshots`).

They are of what the last run of the company published, by default the simulated one.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from orchestration.company import Company, load_company
from tests.browser import opened_page
from tests.end_to_end.dashboard import opened_dashboard
from tests.serving import free_port, served

_IMAGES: Final = Path(__file__).parent / "images"
_LARGEST: Final = 400_000
"""Bytes of a picture."""


def _asset_graph(company: Company, log: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "orchestration", "ui", "--port", str(port)]
    with (
        served(command, os.environ, f"{address}/server_info", log),
        opened_page(patience=120) as page,
    ):
        page.set_viewport_size({"width": 1500, "height": 760})
        page.goto(f"{address}/asset-groups")
        last = f"raw_{company.sources.sources[0].name}"
        expect(page.get_by_text(last, exact=True).last).to_be_visible()
        expect(page.get_by_text("published", exact=True).last).to_be_visible()
        _take(page, "asset_graph", 1500, 760)


def _report(company: Company) -> None:
    with opened_page() as page:
        page.set_viewport_size({"width": 1100, "height": 1100})
        page.goto(company.published_report.resolve().as_uri())
        _take(page, "report", 1100, 1100)


def _dashboard(company: Company, log: Path) -> None:
    with opened_dashboard(company.folder, company.data, log) as page:
        _take(page, "dashboard", 1440, 2000)


def _take(page: Page, name: str, width: int, height: int) -> None:
    """Take what is at the top of the page, of that size."""
    file = _IMAGES / f"{name}.png"
    shown = {"x": 0, "y": 0, "width": width, "height": height}
    page.screenshot(path=file, clip=shown, animations="disabled")
    taken = file.stat().st_size
    sys.stdout.write(f"{file}: {taken:,} bytes\n")
    if taken > _LARGEST:
        raise SystemExit(f"{file} is larger than {_LARGEST:,} bytes")


def main() -> None:
    """Take all three, one after the other."""
    company = load_company()
    if not company.published_report.exists():
        raise SystemExit("Nothing is published yet: `make run` makes what the pictures show.")
    _IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        _report(company)
        _asset_graph(company, log)
        _dashboard(company, log)


if __name__ == "__main__":
    main()
