"""`make superset` as a user runs it: its dashboard in a real browser shows the tables' numbers.

Skipped where Superset's packages can't be installed, and where Chromium is not.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import pytest
from playwright.sync_api import Page

from tests.browser import needs_chromium
from tests.end_to_end.dashboard import opened_dashboard
from tests.end_to_end.default_company import DefaultCompany, after_one_night
from tests.end_to_end.running import REPOSITORY

pytestmark = [needs_chromium, pytest.mark.slow]

NOTHING = "N/A"
CLOCKS = ("lead_to_won", "mql_to_won", "opportunity_to_won", "aware_to_won")
"""Of the first of these that has a median the dashboard tells on top."""
ZONE = "America/New_York"
"""That of the company's agreement."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DefaultCompany:
    """The company after its first night."""
    return after_one_night(tmp_path_factory.mktemp("default") / "company", prospects=600)


@pytest.fixture(scope="module")
def dashboard(company: DefaultCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The dashboard that the command serves of the company."""
    _install()
    log = tmp_path_factory.mktemp("superset") / "log"
    with opened_dashboard(company.folder, company.data, log) as page:
        yield page


def _install() -> None:
    """Install what `make superset` does first; skip where the registry has nothing for it."""
    done = subprocess.run(
        ["make", ".venv-superset/ready"],
        cwd=REPOSITORY,
        env={**os.environ, "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(REPOSITORY / ".venv-superset", ignore_errors=True)
        pytest.skip(f"Superset can't be installed here: {done.stderr[-500:]}")


def _chart(title: str) -> str:
    return f'[data-test-chart-name="{title}"]'


def _big_number(page: Page, title: str) -> str:
    return page.locator(f"{_chart(title)} .header-line").inner_text().strip()


def _rows(page: Page, title: str) -> list[list[str]]:
    rows = page.locator(f"{_chart(title)} tbody tr").all()
    return [[cell.inner_text().strip() for cell in row.locator("td").all()] for row in rows]


def _told(value: float | None, form: str) -> str:
    """A number as the dashboard writes it: a half is rounded up, where Python makes it even."""
    if value is None or form == ",d":
        return NOTHING if value is None else format(value, form)
    digits = int(form[-2]) + (2 if form.endswith("%") else 0)
    return format(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP), form)


def test_the_page_asks_nobody_but_its_server(dashboard: Page) -> None:
    answered = "performance.getEntriesByType('resource').filter((e) => e.responseStatus)"
    loaded: list[str] = dashboard.evaluate(f"{answered}.map((e) => e.name)")
    hosts = {url.split("/")[2] for url in loaded if url.startswith("http")}
    assert hosts == {dashboard.url.split("/")[2]}


def test_the_numbers_on_top_are_those_of_the_tables(
    dashboard: Page, company: DefaultCompany
) -> None:
    told = company.published.rows(
        "select curve, p50, share_won from cycle_time_summary where p50 is not null "
        "and segment = 'all' and cohort = 'all' and unit = 'calendar'"
    )
    _, median, won = min(told, key=lambda row: CLOCKS.index(row[0]))
    stalled = company.published.one("select count(*) from open_deal_aging where is_stalled")
    assert _big_number(dashboard, "Median cycle") == _told(median, ",.0f")
    assert _big_number(dashboard, "Won of all that start") == _told(won, ".1%")
    assert _big_number(dashboard, "Stalled deals") == _told(stalled, ",d")


def test_the_funnel_is_that_of_the_tables(dashboard: Page, company: DefaultCompany) -> None:
    stages = company.published.rows(
        "select label, sum(entered)::bigint, sum(went_on)::bigint, sum(still_open)::bigint, "
        "sum(exited)::bigint from funnel_conversion join dim_stage using (stage) "
        "group by label, funnel_conversion.stage_order order by funnel_conversion.stage_order"
    )
    shown = [row[:3] + row[4:] for row in _rows(dashboard, "What became of them")]
    assert shown == [[label, *(_told(n, ",d") for n in counts)] for label, *counts in stages]


def test_the_scorecard_is_that_of_the_last_whole_month(
    dashboard: Page, company: DefaultCompany
) -> None:
    measures = company.published.rows(
        "select value, target, n, status from alignment_scorecard "
        "where segment = 'all' and slice_kind = 'all' and metric = 'sla_attainment' and "
        f"month < date_trunc('month', (as_of at time zone 'UTC') at time zone '{ZONE}') "
        "order by month desc limit 1"
    )
    shown = {row[0]: row for row in _rows(dashboard, "Scorecard of the last whole month")}
    [(value, target, n, status)] = measures
    measure = shown["sla attainment"]
    assert measure[1:3] == [_told(value and 100 * value, ",.1f"), _told(100 * target, ",.1f")]
    assert measure[6:] == [_told(n, ",d"), status]


def test_what_channels_earn_is_that_of_the_tables(dashboard: Page, company: DefaultCompany) -> None:
    channels = company.published.rows(
        "select channel, sum(conversions), sum(amount) from attribution_channel "
        "where model = 'markov' and conversion = 'won' group by channel"
    )
    shown = {row[0]: row[1:3] for row in _rows(dashboard, "What a channel earns and costs")}
    assert shown == {
        channel: [_told(won, ",.1f"), _told(amount, ",.0f")] for channel, won, amount in channels
    }


def test_the_clocks_are_those_of_the_tables(dashboard: Page, company: DefaultCompany) -> None:
    clocks = company.published.rows(
        "select curve, p25, p50, p75, p90, share_won, n from cycle_time_summary "
        "where segment = 'all' and cohort = 'all' and unit = 'calendar' order by curve"
    )
    forms = [",.0f"] * 4 + [".1%", ",d"]
    assert [row[:7] for row in _rows(dashboard, "Every clock")] == [
        [curve, *(_told(value, form) for value, form in zip(values, forms, strict=True))]
        for curve, *values in clocks
    ]
