"""The diagram of flows: as thick as the journeys, and none of them lost on the way."""

import re

import pytest

from orchestration.report.funnel import Step
from orchestration.report.sankey import flows

STEPS = [
    Step("lead", "Lead", "marketing", 100, 40, 0, 20, 40),
    Step("mql", "Marketing qualified lead", "marketing", 40, 25, 0, 0, 15),
    Step("opportunity", "Opportunity", "sales", 25, 8, 12, 0, 5),
    Step("won", "Won", "sales", 8, 0, 0, 0, 0),
]


def _bars(svg: str, across: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for kind, attributes in re.findall(r'<rect class="bar (\w+)"([^>]*)>', svg):
        [thick] = re.findall(rf' {across}="([\d.]+)"', attributes)
        found.setdefault(kind, []).append(float(thick))
    return found


@pytest.mark.parametrize(("wide", "across"), [(True, "height"), (False, "width")])
def test_every_bar_is_as_thick_as_its_journeys(wide: bool, across: str) -> None:
    bars = _bars(flows(STEPS, wide=wide), across)
    one = bars["marketing"][0] / 100
    assert {kind: [round(t / one) for t in thick] for kind, thick in bars.items()} == {
        "marketing": [100, 40],
        "sales": [25],
        "won": [8],
        "open": [60],
        "lost": [12],
        "disqualified": [20],
    }


def test_as_many_come_to_an_end_as_began() -> None:
    bars = _bars(flows(STEPS, wide=True), "height")
    ends = sum(bars[end][0] for end in ("won", "open", "lost", "disqualified"))
    assert ends == pytest.approx(bars["marketing"][0], abs=0.3)


def test_what_nobody_came_to_is_not_drawn() -> None:
    svg = flows([Step("lead", "Lead", "marketing", 7, 0, 0, 0, 7)], wide=True)
    assert set(_bars(svg, "height")) == {"marketing", "open"}
    assert "Lost" not in svg


def test_a_funnel_without_journeys_has_no_diagram() -> None:
    assert flows([Step("lead", "Lead", "marketing", 0, 0, 0, 0, 0)], wide=True) == ""
    assert flows([], wide=False) == ""


def test_a_long_name_is_cut_and_a_hostile_one_escaped() -> None:
    long = Step("lead", "<script>alert(1)</script> " + "very long name " * 9, None, 7, 0, 0, 0, 7)
    svg = flows([long, Step("won", "Won", "sales", 0, 0, 0, 0, 0)], wide=False)
    assert "<script" not in svg
    assert "…" in svg
