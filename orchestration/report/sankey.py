"""Where journeys leave the funnel, as flows: a Sankey diagram in SVG, along the stages.

Each stage is a bar as thick as the journeys that reached it. Those that went on flow into the next
bar; those that came no further flow, past all later bars, into what became of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Final

from orchestration.report import words
from orchestration.report.funnel import Step

_BAR: Final = 12.0
_GAP: Final = 34.0
_ENDS: Final = (
    ("won", "Won"),
    ("open", "Still open"),
    ("lost", "Lost"),
    ("disqualified", "Disqualified"),
)
_LETTER: Final = 6.6
"""How wide a letter of a label is in pixels, about."""
_LEAST: Final = 0.75
"""The thickness in pixels of a flow that would be too thin to be seen."""


@dataclass(frozen=True)
class _Shape:
    """How long and thick the diagram is in pixels, and whether it runs down the page."""

    along: float
    across: float
    is_upright: bool
    margin_start: float
    margin_end: float
    margin_side: float

    def point(self, along: float, across: float) -> str:
        """Where a place on the diagram is on the page."""
        x, y = (across, along) if self.is_upright else (along, across)
        return f"{x:.1f},{y:.1f}"


_WIDE: Final = _Shape(660, 270, False, 4, 130, 56)
_NARROW: Final = _Shape(440, 150, True, 4, 72, 96)


def flows(steps: Sequence[Step], *, wide: bool) -> str:
    """The diagram of these stages; empty where no journey reached the first."""
    if not steps or not steps[0].reached:
        return ""
    return _wide(steps) if wide else _upright(steps)


@dataclass(frozen=True)
class _Ribbon:
    kind: str
    along: tuple[float, float]
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class _Node:
    label: str
    journeys: int
    kind: str
    along: float
    across: tuple[float, float]


def _laid_out(
    steps: Sequence[Step], length: float, thickness: float
) -> tuple[list[_Node], list[_Ribbon]]:
    """Bars and flows, in pixels along and across.

    Exits of a late stage lie above those of an early one, so flows cross in the last part alone.
    """
    scale = thickness / steps[0].reached
    bars = _bars_of(steps)
    pitch = length / len(bars)
    nodes = [
        _Node(s.label, s.reached, s.owner or "both", place * pitch, (0, s.reached * scale))
        for place, s in enumerate(bars)
    ]
    ends = _end_nodes(steps, length, scale)
    ribbons = [
        _Ribbon(
            "on",
            (here.along + _BAR, there.along),
            (0, then.reached * scale),
            (0, then.reached * scale),
        )
        for (here, there), then in zip(pairwise(nodes), bars[1:], strict=True)
    ]
    taken = {kind: node.across[0] for kind, node in ends.items()}
    for step, node in reversed(list(zip(bars, nodes, strict=True))):
        is_last = step is bars[-1]
        left = {"won": _won(steps) if is_last else 0, "open": step.open}
        left |= {"lost": step.lost, "disqualified": step.disqualified}
        at = 0.0 if is_last else step.went_on * scale
        for kind, _ in _ENDS:
            if not left[kind]:
                continue
            thick = left[kind] * scale
            ribbons.append(
                _Ribbon(
                    kind,
                    (node.along + _BAR, ends[kind].along),
                    (at, at + thick),
                    (taken[kind], taken[kind] + thick),
                )
            )
            at += thick
            taken[kind] += thick
    return [*nodes, *ends.values()], ribbons


def _bars_of(steps: Sequence[Step]) -> Sequence[Step]:
    """The stages that are drawn as such: to have won is an end, and drawn as one."""
    return steps[:-1] if steps[-1].stage == "won" and len(steps) > 1 else steps


def _won(steps: Sequence[Step]) -> int:
    last = steps[-1]
    return last.reached - last.open - last.lost - last.disqualified


def _end_nodes(steps: Sequence[Step], length: float, scale: float) -> dict[str, _Node]:
    totals = {
        "open": sum(s.open for s in steps),
        "lost": sum(s.lost for s in steps),
        "disqualified": sum(s.disqualified for s in steps),
    }
    totals["won"] = _won(steps)
    nodes: dict[str, _Node] = {}
    at = 0.0
    for kind, label in _ENDS:
        if not totals[kind]:
            continue
        thick = totals[kind] * scale
        nodes[kind] = _Node(label, totals[kind], kind, length, (at, at + thick))
        at += thick + max(_GAP - thick, 12.0)
    return nodes


def _path(shape: _Shape, ribbon: _Ribbon, pitch: float) -> str:
    """A band with a smooth bend, which it makes in the last part of its way."""
    along, start, end = ribbon.along, ribbon.start, ribbon.end
    thick = max(start[1] - start[0], _LEAST)
    start, end = (start[0], start[0] + thick), (end[0], end[0] + thick)
    # It runs beside the later bars until the last of them is past.
    bend = max(along[0], along[1] - pitch + _BAR)
    middle = (bend + along[1]) / 2
    p = shape.point
    m, s = shape.margin_start, shape.margin_side
    return (
        f"M{p(m + along[0], s + start[0])} L{p(m + bend, s + start[0])} "
        f"C{p(m + middle, s + start[0])} {p(m + middle, s + end[0])} {p(m + along[1], s + end[0])} "
        f"L{p(m + along[1], s + end[1])} "
        f"C{p(m + middle, s + end[1])} {p(m + middle, s + start[1])} {p(m + bend, s + start[1])} "
        f"L{p(m + along[0], s + start[1])} Z"
    )


def _bodies(shape: _Shape, steps: Sequence[Step]) -> tuple[list[_Node], list[str]]:
    nodes, ribbons = _laid_out(steps, shape.along, shape.across)
    pitch = shape.along / len(_bars_of(steps))
    parts = [f'<path class="flow {r.kind}" d="{_path(shape, r, pitch)}"/>' for r in ribbons]
    for node in nodes:
        thick = max(node.across[1] - node.across[0], _LEAST)
        x, y = shape.margin_start + node.along, shape.margin_side + node.across[0]
        width, height = _BAR, thick
        if shape.is_upright:
            x, y, width, height = y, x, thick, _BAR
        parts.append(
            f'<rect class="bar {escape(node.kind)}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{width:.1f}" height="{height:.1f}" rx="2"/>'
        )
    return nodes, parts


def _text(x: float, y: float, lines: Sequence[tuple[str, str]], anchor: str = "start") -> str:
    spans = "".join(
        f'<tspan x="{x:.1f}" dy="{0 if place == 0 else 15}" class="{kind}">{escape(line)}</tspan>'
        for place, (line, kind) in enumerate(lines)
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{spans}</text>'


def _wide(steps: Sequence[Step]) -> str:
    shape = _WIDE
    nodes, parts = _bodies(shape, steps)
    stages = len(_bars_of(steps))
    letters = int(shape.along / stages // _LETTER)
    for place, node in enumerate(nodes):
        x = shape.margin_start + node.along
        figure = (words.count(node.journeys), "figure")
        if place < stages:
            parts.append(_text(x, 14, [figure, *_label(node.label, letters)]))
        else:
            middle = shape.margin_side + sum(node.across) / 2
            parts.append(_text(x + _BAR + 8, middle - 2, [figure, (node.label, "label")]))
    height = shape.margin_side + max(node.across[1] for node in nodes) + 28
    return _svg(shape.margin_start + shape.along + shape.margin_end, height, parts)


def _upright(steps: Sequence[Step]) -> str:
    shape = _NARROW
    nodes, parts = _bodies(shape, steps)
    stages = len(_bars_of(steps))
    letters = int(shape.margin_side // _LETTER)
    for place, node in enumerate(nodes):
        y = shape.margin_start + node.along
        figure = (words.count(node.journeys), "figure")
        if place < stages:
            parts.append(_text(0, y + 11, [figure, *_label(node.label, letters)]))
        else:
            # Every other one a line lower, since narrow ends stand close together.
            lower = 34 * ((place - stages) % 2)
            middle = shape.margin_side + sum(node.across) / 2
            told = [figure, (node.label, "label")]
            parts.append(_text(middle, y + _BAR + 18 + lower, told, "middle"))
    width = shape.margin_side + max(node.across[1] for node in nodes) + 24
    return _svg(width, shape.margin_start + shape.along + shape.margin_end, parts)


def _label(text: str, letters: int) -> list[tuple[str, str]]:
    """A stage's name on two lines at most."""
    lines = wrap(text, max(letters, 6), max_lines=2, placeholder="…") or [text]
    return [(line, "label") for line in lines]


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="sankey" aria-hidden="true" focusable="false" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">{"".join(parts)}</svg>'
    )
