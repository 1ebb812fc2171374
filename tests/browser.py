"""A real browser for the tests: the Chromium that is installed, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium, which is not installed"
)


@contextmanager
def opened_page(*, patience: float = 30) -> Iterator[Page]:
    """An empty page that waits up to `patience` seconds for what it is told to find."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(patience * 1000)
        expect.set_options(timeout=patience * 1000)
        yield page
        browser.close()
