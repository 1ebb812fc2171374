"""Put the page together: what was read, as sections, as one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from orchestration.agreement import Agreement
from orchestration.report import words
from orchestration.report.alignment import Alignment, read_alignment
from orchestration.report.alignment_sections import together_section
from orchestration.report.blocks import Block, Section, Terms
from orchestration.report.charts import Drawing
from orchestration.report.cycle import Cycle, read_cycle
from orchestration.report.cycle_sections import cycle_section, stage_section
from orchestration.report.earning import Earning, read_earning
from orchestration.report.earning_sections import earning_section
from orchestration.report.funnel import Funnel, read_funnel
from orchestration.report.origin import Origin, read_origin
from orchestration.report.promise_sections import promise_section
from orchestration.report.tables import Tables
from orchestration.report.verdict import Verdict, verdict
from orchestration.report.work import Work, read_work
from orchestration.report.work_sections import data_section, funnel_section, work_section

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class KeyFigure:
    """One of the few figures of the first screen."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class _Facts:
    origin: Origin
    funnel: Funnel
    cycle: Cycle
    alignment: Alignment
    work: Work
    earning: Earning


@dataclass(frozen=True)
class Page:
    """All that the template writes. Text only, but for drawings and style."""

    company: str
    as_of: str
    as_of_clock: str
    known_at: str
    agreement: str
    signed_by: str | None
    version: str
    confidence: str
    verdict: Verdict
    key: Sequence[KeyFigure]
    sections: Sequence[Section]
    style: str


def page_of(tables: Tables, company: str, agreement: Agreement) -> Page:
    """Read a version's tables and say what they tell, in the agreement's words and time zone."""
    facts = _read(tables, agreement)
    origin, cycle = facts.origin, facts.cycle
    confidence = f"{agreement.confidence_level * 100:g} %"
    terms = Terms(
        confidence=confidence,
        currency=agreement.reporting_currency,
        too_few=agreement.too_few,
        lag_days=agreement.nurture.lag_days,
        labels=facts.funnel.labels,
        owners={step.stage: step.owner for step in facts.funnel.steps},
        definitions=origin.definitions,
    )
    signed = agreement.signed_by
    stamp = origin.stamp
    return Page(
        company=company,
        as_of=words.day(stamp.as_of, agreement.zone),
        as_of_clock=words.clock(stamp.as_of, agreement.zone),
        known_at=words.clock(stamp.known_at, agreement.zone),
        agreement=stamp.agreement_version,
        signed_by=f"{signed.marketing} and {signed.sales}" if signed else None,
        version=stamp.published_version,
        confidence=f", at {confidence}",
        verdict=verdict(cycle, confidence, terms.curve(cycle.curve)),
        key=_key_figures(facts, terms),
        sections=_sections(facts, terms, agreement),
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
    )


def _read(tables: Tables, agreement: Agreement) -> _Facts:
    origin = read_origin(tables)
    as_of_day = origin.stamp.as_of.replace(tzinfo=UTC).astimezone(agreement.zone).date()
    return _Facts(
        origin,
        read_funnel(tables),
        read_cycle(tables),
        read_alignment(tables, as_of_day),
        read_work(tables),
        read_earning(tables),
    )


def html(page: Page) -> str:
    """The page as one HTML file. Whatever came from a source is escaped."""
    drawn = replace(page, sections=[_drawn(section) for section in page.sections])
    return _template().render(page=drawn) + "\n"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _sections(facts: _Facts, terms: Terms, agreement: Agreement) -> list[Section]:
    return [
        cycle_section(facts.cycle, terms),
        stage_section(facts.cycle, terms),
        promise_section(facts.alignment, terms, _promised_by(agreement)),
        together_section(facts.alignment, terms),
        work_section(facts.work, terms, agreement.zone),
        funnel_section(facts.funnel, terms),
        earning_section(facts.earning, terms),
        data_section(facts.origin, agreement.zone),
    ]


def _promised_by(agreement: Agreement) -> Mapping[str, str]:
    return {commitment.metric: commitment.team for commitment in agreement.commitments}


def _key_figures(facts: _Facts, terms: Terms) -> list[KeyFigure]:
    cycle, alignment, work = facts.cycle, facts.alignment, facts.work
    summary = cycle.summary_of(cycle.curve)
    figures = [
        KeyFigure(
            f"Median cycle, {terms.curve(cycle.curve)}",
            words.days(summary.p50) if summary and summary.p50 is not None
            else (summary.status if summary else words.NO_DATA),
            f"half of those won within {words.days(summary.horizon_days)}; "
            f"{words.cases(summary.n)}" if summary else "no journey has a cycle yet",
        ),
        KeyFigure(
            "Won by the horizon",
            words.share(summary.share_won) if summary else words.NO_DATA,
            _won_note(cycle, terms),
        ),
    ]  # fmt: skip
    accepted = alignment.now("acceptance_rate")
    figures.append(
        KeyFigure(
            "Handoffs accepted",
            words.share(accepted.value)
            if accepted and accepted.value is not None
            else (accepted.status if accepted else words.NO_DATA),
            f"{words.month(alignment.month)}; {words.cases(accepted.n)}"
            if accepted
            else "no month yet",
        )
    )
    figures.append(
        KeyFigure(
            "Waiting now",
            words.count(work.overdue + work.ignored),
            f"handoffs, {words.count(work.overdue)} of them overdue; "
            f"{words.count(work.stalled)} stalled deals",
        )
    )
    return figures


def _won_note(cycle: Cycle, terms: Terms) -> str:
    summary = cycle.summary_of(cycle.curve)
    if summary is None or summary.share_won_low is None or summary.share_won_high is None:
        return "no interval"
    interval = words.span(words.share(summary.share_won_low), words.share(summary.share_won_high))
    return f"{terms.confidence} interval {interval}; {words.count(summary.won)} won"


def _drawn(section: Section) -> Section:
    """The section with its drawings marked as markup: they are ours, and escaped when drawn."""
    return replace(section, blocks=[_with_markup(block) for block in section.blocks])


def _with_markup(block: Block) -> Block:
    if block.drawing is None:
        return block
    drawing = block.drawing
    return replace(
        block,
        drawing=Drawing(
            Markup(drawing.wide),  # noqa: S704 - drawn by charts.py and sankey.py, text escaped
            Markup(drawing.narrow),  # noqa: S704
            drawing.alt,
        ),
    )
