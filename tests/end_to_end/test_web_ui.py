"""Dagster's web UI in a real browser: the lineage, a rerun from the page, a check that failed."""

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import needs_chromium, opened_page
from tests.end_to_end.small_company import EXPORTS, SmallCompany, small_company
from tests.serving import free_port, served

pytestmark = [needs_chromium, pytest.mark.slow]

# One deal of fifteen is in a stage that the agreement does not know: more than it lets be excluded.
MISLAID = EXPORTS["deals.csv"].replace("d15,15,lost", "d15,15,mislaid")
CHECK = "no_more_excluded_than_agreed_excluded_share_"
CHECKED = f"/assets/marts/excluded_share?view=checks&checkDetail={CHECK}"
THE_REPORT_AND_ALL_UPSTREAM = '+key:"published/report"'
A_MODEL_AND_ALL_DOWNSTREAM = 'key:"marts/excluded_share"+'
WAY = ("raw_crm", "bound", "staging", "input", "funnel", "published")
A_RUN = 600_000
"""Milliseconds that a run may take."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """A company after its first night."""
    made = small_company(tmp_path_factory.mktemp("acme"))
    outcome = made.run()
    assert outcome.exit_code == 0, outcome.output
    return made


@pytest.fixture(scope="module")
def page(company: SmallCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser on what `make ui` serves of the company."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = {
        "TANDEM_COMPANY": str(company.folder),
        "TANDEM_DATA": str(company.folder / "data"),
        "TANDEM_SOURCE_DATA": str(company.folder / "exports"),
    }
    command = [sys.executable, "-m", "orchestration", "ui", "--port", str(port)]
    log = tmp_path_factory.mktemp("ui") / "log"
    with served(command, environment, f"{address}/server_info", log), opened_page(patience=90) as p:
        p.set_viewport_size({"width": 1600, "height": 1000})
        p.goto(f"{address}/asset-groups")
        yield p


def _go(page: Page, path: str) -> None:
    host = page.url.split("/")[2]
    page.goto(f"http://{host}{path}")


def _node(page: Page, group: str) -> float:
    """Where the group stands in the graph, from the left."""
    # The list of groups beside the graph comes first.
    box = page.get_by_text(group, exact=True).last.bounding_box()
    assert box is not None
    return box["x"]


def _select(page: Page, selection: str) -> None:
    field = page.locator(".CodeMirror").first
    field.click()
    page.keyboard.type(selection)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def _open_newest_run(page: Page) -> None:
    _go(page, "/runs")
    started = page.locator("a[href^='/runs/']").first.get_attribute("href")
    assert started is not None
    _go(page, started)


def test_the_asset_graph_shows_the_way_from_the_source_to_the_report(page: Page) -> None:
    _go(page, "/asset-groups")
    _select(page, THE_REPORT_AND_ALL_UPSTREAM)
    for group in WAY:
        expect(page.get_by_text(group, exact=True).last).to_be_visible()
    places = [_node(page, group) for group in WAY]
    assert places == sorted(places)
    _go(page, "/assets/published/report?view=lineage&lineageScope=upstream&lineageDepth=1")
    expect(page.get_by_text("catalogue", exact=True).first).to_be_visible()


def test_an_asset_and_what_is_downstream_of_it_is_rerun_from_the_page(
    page: Page, company: SmallCompany
) -> None:
    before = company.published.one("select published_version from catalogue limit 1")
    _go(page, "/asset-groups")
    expect(page.get_by_text("raw_ads", exact=True).last).to_be_visible()
    _select(page, A_MODEL_AND_ALL_DOWNSTREAM)
    expect(page.get_by_text("raw_ads", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Materialize all").click()
    expect(page.get_by_text("Launched run").first).to_be_visible()
    _open_newest_run(page)
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=A_RUN)
    assert company.published.one("select published_version from catalogue limit 1") != before


def test_a_failed_check_is_visible_where_it_failed(page: Page, company: SmallCompany) -> None:
    _go(page, CHECKED)
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()
    expect(page.get_by_text("Failed", exact=True)).to_have_count(0)
    company.export("deals.csv", MISLAID)
    assert company.run().exit_code == 1
    _go(page, CHECKED)
    expect(page.get_by_text(CHECK, exact=True).filter(visible=True).first).to_be_visible()
    expect(page.get_by_text("Failed", exact=True).first).to_be_visible()
    expect(page.get_by_text("Got 2 results").first).to_be_visible()
    _open_newest_run(page)
    expect(page.get_by_text("Failure", exact=True).first).to_be_visible()
