"""The page in a real browser: it fits every width, follows light and dark, and draws its charts.

Where Chromium is not installed these are skipped. Its screenshots lie in TANDEM_SCREENSHOTS, where
that names a folder: look at them when the page changes.
"""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image

from tests.orchestration.report.filled import full, page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = (360, 820, 1280)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed")

# A frame is as narrow as it is told to be, where a window of the browser is not.
FRAME = """\
<!doctype html><style>body{{margin:0}}iframe{{border:0;width:{width}px;height:{height}px}}</style>
<iframe srcdoc="{page}"></iframe><pre id="seen"></pre>
<script>
addEventListener("load", () => {{
  const inside = document.querySelector("iframe").contentDocument
  const shown = (e) => e.getClientRects().length > 0
  const all = (what) => [...inside.querySelectorAll(what)]
  const style = (e) => inside.defaultView.getComputedStyle(e)
  document.getElementById("seen").textContent = JSON.stringify({{
    width: inside.documentElement.scrollWidth,
    charts: all(".chart svg").filter(shown).length,
    least_letters: Math.min(...all(".chart svg text").filter(shown).map(
      (e) => e.getBoundingClientRect().height)),
    paper: style(inside.body).backgroundColor,
    small_links: all("a, summary").filter(shown).filter(
      (e) => e.getBoundingClientRect().height < 24).map((e) => e.textContent),
    outside: all("main *").filter(shown).filter((e) => !e.closest(".scroll, .hidden")).filter(
      (e) => e.getBoundingClientRect().right > {width} + 1).map((e) => e.outerHTML.slice(0, 200)),
  }})
}})
</script>
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(tmp_path_factory.mktemp("full"), full())


def _browse(folder: Path, file: Path, *arguments: str) -> str:
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=2000",
            *arguments,
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def _framed(folder: Path, text: str, width: int) -> Path:
    escaped = text.replace("&", "&amp;").replace('"', "&quot;")
    file = folder / f"frame_{width}.html"
    file.write_text(FRAME.format(page=escaped, width=width, height=9000))
    return file


def _seen(folder: Path, text: str, width: int, *arguments: str) -> dict[str, Any]:
    file = _framed(folder, text, width)
    dom = _browse(folder, file, f"--window-size={max(width, 600)},1000", "--dump-dom", *arguments)
    [told] = re.findall(r'<pre id="seen">(.*?)</pre>', dom, re.DOTALL)
    seen: dict[str, Any] = json.loads(unescape(told))
    return seen


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_width_and_its_charts_can_be_read(
    tmp_path: Path, whole: str, width: int
) -> None:
    seen = _seen(tmp_path, whole, width)
    assert seen["width"] == width
    assert seen["outside"] == []
    assert seen["charts"] == 6
    assert seen["least_letters"] >= 11
    assert seen["small_links"] == []


DARK = "--blink-settings=preferredColorScheme=0"
LIGHT = "--blink-settings=preferredColorScheme=1"


def test_it_is_light_or_dark_as_the_reader_prefers(tmp_path: Path, whole: str) -> None:
    assert _seen(tmp_path, whole, 820, LIGHT)["paper"] == "rgb(252, 251, 248)"
    assert _seen(tmp_path, whole, 820, DARK)["paper"] == "rgb(20, 22, 27)"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_paints_what_the_style_says(tmp_path: Path, whole: str, width: int, theme: str) -> None:
    folder = Path(os.environ.get("TANDEM_SCREENSHOTS", tmp_path))
    out = folder / f"report_{width}_{theme}.png"
    file = _framed(tmp_path, whole, width)
    scheme = DARK if theme == "dark" else LIGHT
    size = f"--window-size={max(width, 600)},4000"
    _browse(tmp_path, file, f"--screenshot={out}", size, scheme)
    pixels = (np.asarray(image.imread(out))[:3900, :width, :3] * 255).round().astype(int)
    paper = (20, 22, 27) if theme == "dark" else (252, 251, 248)
    ours = (79, 208, 176) if theme == "dark" else (10, 117, 96)
    on_paper = (pixels == paper).all(axis=2).mean()
    assert 0.6 < on_paper < 0.99
    assert (pixels == ours).all(axis=2).sum() > 500


def test_it_prints_on_a_few_sheets(tmp_path: Path, whole: str) -> None:
    file, out = tmp_path / "report.html", tmp_path / "report.pdf"
    file.write_text(whole)
    _browse(tmp_path, file, f"--print-to-pdf={out}", "--no-pdf-header-footer")
    pages = len(re.findall(rb"/Type\s*/Page\b", out.read_bytes()))
    assert 2 <= pages <= 9
