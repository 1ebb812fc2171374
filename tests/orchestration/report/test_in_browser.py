"""The page in a real browser: it fits every width, follows light and dark, and draws its charts.

Where Chromium is not installed these are skipped. Its screenshots lie in TANDEM_SCREENSHOTS, where
that names a folder: look at them when the page changes.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from matplotlib import image
from playwright.sync_api import Page

from tests.browser import needs_chromium, opened_page
from tests.orchestration.report.filled import full, page

WIDTHS = (360, 820, 1280)
PAPER = {"light": (252, 251, 248), "dark": (20, 22, 27)}
OURS = {"light": (10, 117, 96), "dark": (79, 208, 176)}
Theme = Literal["light", "dark"]

pytestmark = needs_chromium

SEEN = """() => {
  const shown = (e) => e.getClientRects().length > 0
  const all = (what) => [...document.querySelectorAll(what)]
  const box = (e) => e.getBoundingClientRect()
  return {
    width: document.documentElement.scrollWidth,
    charts: all(".chart svg").filter(shown).length,
    least_letters: Math.min(...all(".chart svg text").filter(shown).map((e) => box(e).height)),
    small_links: all("a, summary").filter(shown).filter((e) => box(e).height < 24)
      .map((e) => e.textContent),
    outside: all("main *").filter(shown).filter((e) => !e.closest(".scroll, .hidden"))
      .filter((e) => box(e).right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 200)),
  }
}"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of full tables, open in a browser."""
    folder = tmp_path_factory.mktemp("full")
    file = folder / "report.html"
    file.write_text(page(folder, full()))
    with opened_page() as browsed:
        browsed.goto(file.as_uri())
        yield browsed


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_width_and_its_charts_can_be_read(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 1000})
    seen: dict[str, Any] = opened.evaluate(SEEN)
    assert seen["width"] == width
    assert seen["outside"] == []
    assert seen["charts"] == 7
    assert seen["least_letters"] >= 11
    assert seen["small_links"] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_light_or_dark_as_the_reader_prefers(opened: Page, theme: Theme) -> None:
    opened.emulate_media(color_scheme=theme)
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == f"rgb{PAPER[theme]}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_paints_what_the_style_says(
    tmp_path: Path, opened: Page, width: int, theme: Theme
) -> None:
    folder = Path(os.environ.get("TANDEM_SCREENSHOTS", tmp_path))
    out = folder / f"report_{width}_{theme}.png"
    opened.emulate_media(color_scheme=theme)
    opened.set_viewport_size({"width": width, "height": 4000})
    opened.screenshot(path=out)
    pixels = (np.asarray(image.imread(out))[..., :3] * 255).round().astype(int)
    on_paper = (pixels == PAPER[theme]).all(axis=2).mean()
    assert 0.6 < on_paper < 0.99
    assert (pixels == OURS[theme]).all(axis=2).sum() > 500


def test_it_prints_on_a_few_sheets(opened: Page) -> None:
    printed = opened.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 2 <= pages <= 9
