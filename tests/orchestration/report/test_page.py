"""The page as a whole: safe, self-contained, well formed, and true to the tables."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from orchestration.report.report import write_report
from tests.orchestration.report.filled import (
    CATALOGUE,
    STAGES,
    Seen,
    agreement_in,
    curve,
    figure,
    full,
    page,
    published,
    source,
    stage,
    stalled,
    summary,
    waiting,
)

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'=cmd()|{{7*7}}"
STYLE = Path("orchestration/report/style.css").read_text()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(tmp_path_factory.mktemp("full"), full())


def test_it_needs_nothing_from_anywhere_else(whole: str) -> None:
    seen = Seen(whole)
    loaded = [
        value
        for _, attributes in seen.tags
        for name, value in attributes.items()
        if name in {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}
    ]
    assert loaded
    assert all(value and value.startswith("#") for value in loaded)
    assert not re.search(r"url\(|@import|https?:", whole)
    assert {tag for tag, _ in seen.tags} & {"link", "base", "iframe", "object", "embed"} == set()


def test_nothing_on_it_is_code(whole: str) -> None:
    seen = Seen(whole)
    assert not any(tag == "script" for tag, _ in seen.tags)
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)
    policies = [a["content"] for tag, a in seen.tags if a.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_it_is_well_below_a_megabyte(whole: str) -> None:
    assert len(whole.encode()) < 500_000


def test_names_from_sources_stay_text_wherever_they_stand(tmp_path: Path) -> None:
    tables = full() | {
        "dim_stage": [{**row, "label": f"{row['label']}{HOSTILE}"} for row in STAGES],
        "handoff_worklist": [
            waiting(
                full_name=HOSTILE,
                account_name=HOSTILE,
                owner_name=HOSTILE,
                last_marketing_touch=HOSTILE,
            )
        ],
        "stalled_deals": [stalled(deal_name=HOSTILE, account_name=HOSTILE, owner_name=HOSTILE)],
        "catalogue_source": [source(source=HOSTILE, problem=HOSTILE)],
        "cycle_time_summary": [summary(), summary(segment=HOSTILE)],
        "alignment_scorecard": [
            figure(f"rejection_mix.{HOSTILE}", 0.5),
            figure("acceptance_rate", 0.5, segment=HOSTILE, target=0.5),
        ],
        "catalogue": [{**CATALOGUE[0], "description": HOSTILE}],
    }
    text = page(tmp_path, tables)
    seen = Seen(text)
    assert {tag for tag, _ in seen.tags} & {"script", "img"} == set()
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)
    assert seen.text.count(HOSTILE) >= 10
    assert "<script" not in text


def test_headings_come_in_order_and_the_first_alone_is_the_answer(whole: str) -> None:
    levels = [int(tag[1]) for tag, _ in Seen(whole).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_whatever_is_drawn_is_told_in_words_and_numbers_too(whole: str) -> None:
    seen = Seen(whole)
    alts = [a["aria-label"] for tag, a in seen.tags if a.get("role") == "img"]
    assert len(alts) == 7
    assert all(alts)
    figures = whole.split("<figure>")[1:]
    assert all('<details class="numbers">' in figure for figure in figures)
    drawings = [a for tag, a in seen.tags if tag == "svg"]
    assert all(a.get("aria-hidden") == "true" for a in drawings)


def test_the_answer_is_the_newest_month_that_can_be_compared(whole: str) -> None:
    text = Seen(whole).text
    assert "Yes: 13 days shorter than a year before; 95 % interval −21 to −5 days" in text
    assert (
        "Those who began in May 2025 took a median of 77 days from Lead to Won, those of May 2024 "
        "90 days (n = 61 and 52; among those won by day 180)." in text
    )
    assert "31 % were won by then, 29 % the year before." in text


@pytest.mark.parametrize(
    "told",
    [
        # The summary, and the last day of the curve.
        "77 days",
        "23 %",
        "21 % to 26 %",
        "n = 1,234: 123 won, 333 ended otherwise, 778 still open",
        # The stages: their medians, and the naive mean beside ours.
        "Opportunity: median 62 days.",
        "33.3 days 11.1 days 87 66 ok",
        # The naive mean over closed deals beside ours.
        "101.5 days 44.4 days 1,234 456 123 ok",
        # What a stage costs, with its re-entries, and the arithmetic.
        "“Opportunity” costs most: 46 days of a journey",
        "Opportunity 46.3 days 48.8 days 40.4 to 57.7 84.2 days 55 % 321 99 days 66 days",
        "Marketing qualified too few no data none 84.2 days 55 % 321 none won none won",
        # Volumes that were promised, counts and money.
        "marketing’s promise Marketing qualified 80 % ✗ below target 36 of 45; "
        "95 % interval 60 % to 102 %; n = 45.",
        "sales’ promise Won amount, smb 250 % too few EUR 2,500 of EUR 1,000; n = 3.",
        # The road ahead.
        "2026 Q2, now EUR 550,000 EUR 125,000 EUR 340,000, n = 27 0.8 0.5 to 1.1 ok 75 % of 1,000 "
        "20 % of 500 no data",
        "2026 Q3 no target EUR 125,000 EUR 340,000, n = 27 no target none no target no data",
        "Not counted: 4 open deals (EUR 43,210) whose expected day has passed.",
        # Why handoffs come back.
        "no budget 40 % 31 % to 49 % 40 of 100 none ok",
        # A promise, its evidence, and that it was kept.
        "71 % ✓ on target, promised 65 % 71 of 100; 95 % interval 62 % to 80 %.",
        # Figures that are no share.
        "sales’ promise Hours to sales’ first attempt 3.5 h ✓ on target, promised 4 h "
        "n = 100; 95 % interval 2.5 h to not reached.",
        "Sales’ longest silence on a deal 17 days n = 44; 95 % interval 16.9 days to 17.1 days.",
        # What waits, and for whom.
        "1 handoff is overdue, 1 is undecided past the window, 1 open deal has stalled.",
        "Ada Example Example Una Owner overdue 9.5 business hours 0 15 Jun 2026, webinar",
        "Una Owner 1 0 1",
        "nobody 0 1 0",
        "EUR 12,346",
        # The funnel, whose members count for nobody twice.
        "n = 100 primary journeys.",
        "Lead 100 40 40 % 40 0 20",
        "Opportunity 25 8 32 % 5 12 0",
        # The sources and what is left out.
        "crm fresh 3.5 hours",
        "ads (optional)",
        "cut off",
        "touches 5 43,586 0.01 % 1 %",
    ],
)
def test_the_figures_are_the_tables_own(whole: str, told: str) -> None:
    assert told in _close(Seen(whole).text)


def _close(text: str) -> str:
    return re.sub(r"\s+([.,;])", r"\1", text)


def test_the_month_is_the_last_whole_one_and_not_the_one_that_has_just_begun(whole: str) -> None:
    text = Seen(whole).text
    assert "Levels promised for May 2026" in text
    assert "10 of 100" not in text


def test_measures_without_data_are_named_and_not_drawn(whole: str) -> None:
    text = Seen(whole).text
    assert "No data: Journeys with each team’s work by its own people." in text
    assert not [cell for cell in _measures(whole) if "<code>role_separation</code>" in cell]


def test_a_promise_without_data_says_so_and_has_no_bar(tmp_path: Path) -> None:
    promised = figure("acceptance_rate", None, target=0.65)
    text = page(tmp_path, full() | {"alignment_scorecard": [promised]})
    [cell] = _measures(text.split('id="together"')[0])[:1]
    assert '<strong class="none">no data</strong>' in cell
    assert "n = 0; promised 65 %." in Seen(cell).text
    assert "<svg" not in cell


def test_an_end_that_no_source_records_has_no_line(tmp_path: Path) -> None:
    days = [{**day, "cif_lost": 0.0} for day in curve()]
    text = page(tmp_path, full() | {"cycle_time_curve": days})
    assert "None of them is recorded as lost, so no line is drawn." in Seen(text).text
    chart = text.split('id="cycle"')[1].split("won by which day")[1].split("</figure>")[0]
    assert ">disqualified</text>" in chart
    assert ">lost</text>" not in chart


def test_a_stage_that_half_have_not_left_says_so(tmp_path: Path) -> None:
    rows = [stage("lead", None, status="ok"), stage("mql", None)]
    text = Seen(page(tmp_path, full() | {"stage_duration": rows})).text
    assert (
        "No median can be told. Lead: half of them have not left yet; Marketing qualified: too few."
        in text
    )


def test_a_measure_of_too_few_says_so_and_is_hollow(whole: str) -> None:
    [cell] = [c for c in _measures(whole) if "<code>definition_agreement</code>" in c]
    assert "too few" in cell
    assert 'circle class="few"' in cell


def _measures(text: str) -> list[str]:
    return re.findall(r'<li class="measure">.*?</li>', text, re.DOTALL)


def test_definitions_are_those_of_the_catalogue(whole: str) -> None:
    assert "How long each entry stays in a stage." in Seen(whole).text


def test_a_version_without_most_tables_still_has_a_page_that_says_so(tmp_path: Path) -> None:
    text = Seen(page(tmp_path, {"catalogue": CATALOGUE})).text
    assert "Not known yet" in text
    assert "No data: no journey has reached a stage of the ladder." in text
    assert "Nothing waits for anybody." in text
    assert not re.search(r"\b0 %|\bNone\b(?!:)|\bnan\b", text)


def test_a_page_that_can_not_be_made_says_why_and_raises_nothing(tmp_path: Path) -> None:
    file = published(tmp_path, {"dim_stage": STAGES})
    out = tmp_path / "report.html"
    problem = write_report(file, out, "<acme>", agreement_in(tmp_path))
    assert problem
    text = Seen(out.read_text()).text
    assert "The tables were published and are good" in text
    assert problem in text
    assert "<acme>" in text


THEMES = {
    "light": STYLE.split("@media")[0],
    "dark": STYLE.split("@media (prefers-color-scheme:dark)")[1].split("@media")[0],
    "print": STYLE.split("@media print")[1].split("\n")[0],
}


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_text_stands_out_from_the_paper(theme: str) -> None:
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", THEMES[theme]))
    for name in ("ink", "muted", "marketing", "sales", "ours", "good", "bad"):
        for ground in ("paper", "card"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (theme, name, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_every_mark_of_a_chart_stands_out_from_the_paper(theme: str) -> None:
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", THEMES[theme]))
    assert _contrast(colours["lost"], colours["paper"]) >= 3


def test_the_colours_of_charts_are_those_of_the_page(whole: str) -> None:
    named = set(re.findall(r"var\(--(\w+)\)", whole))
    assert named <= set(re.findall(r"--(\w+):", THEMES["light"]))
    charts = "".join(re.findall(r"<svg.*?</svg>", whole, re.DOTALL))
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", charts)) <= {"#000"}


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_contrast_is_that_of_the_standard() -> None:
    assert _contrast("#000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)
