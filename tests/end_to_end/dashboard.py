"""The dashboard that `make superset` serves, logged in to in a real browser, every chart drawn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from bi.superset.home import USER
from tests.browser import opened_page
from tests.serving import free_port, served

SLUG = "tandem"
_TABLES, _BIG_NUMBERS = 8, 4


@contextmanager
def opened_dashboard(company: Path, data: Path, log: Path) -> Iterator[Page]:
    """The dashboard of the company in that folder, whose data is in `data`/<its name>."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["make", "superset", f"COMPANY={company}", f"PORT={port}"]
    environment = {"TANDEM_DATA": str(data.parent), "MAKEFLAGS": ""}
    with (
        served(command, environment, f"{address}/health", log),
        opened_page(patience=120) as page,
    ):
        page.set_viewport_size({"width": 1440, "height": 4150})
        page.goto(f"{address}/superset/dashboard/{SLUG}/")
        page.locator("input#username, input[name=username]").fill(USER)
        password = (data / "superset" / "password").read_text()
        page.locator("input#password, input[name=password]").fill(password)
        page.locator("button[type=submit]").click()
        expect(page.get_by_role("table")).to_have_count(_TABLES)
        expect(page.locator(".header-line")).to_have_count(_BIG_NUMBERS)
        yield page
