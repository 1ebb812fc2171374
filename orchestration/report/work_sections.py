"""The sections on what to do on Monday, on the funnel's flows, and on the data behind it all."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestration.report import words
from orchestration.report.blocks import Block, Key, Section, Terms
from orchestration.report.charts import Drawing
from orchestration.report.funnel import Funnel, Step
from orchestration.report.origin import Origin
from orchestration.report.sankey import flows
from orchestration.report.work import SHOWN, OwnerLoad, Stalled, Waiting, Work

_NOBODY = "nobody"


def work_section(work: Work, terms: Terms, zone: ZoneInfo) -> Section:
    """What to do on Monday."""
    total = work.overdue + work.ignored
    return Section(
        "monday",
        "What to do on Monday",
        f"{_are(work.overdue, 'handoff is', 'handoffs are')} overdue, "
        f"{_are(work.ignored, 'is', 'are')} undecided past the window, "
        f"{_are(work.stalled, 'open deal has', 'open deals have')} stalled.",
        [
            _owners(work.owners),
            Block(
                "table",
                "Handoffs that wait for sales",
                absent="None: every handoff is answered or still within its window.",
                note="Overdue before undecided, the newest first.",
                head=(
                    "Who", "Company", "Owner", "Why", "Waits", "Attempts", "Last marketing touch",
                ),
                rows=[_waiting(row, zone) for row in work.waiting],
                evidence=_of(len(work.waiting), total, "handoff_worklist"),
                definition=terms.definition("handoff_worklist"),
                table="handoff_worklist",
            ),
            Block(
                "table",
                "Open deals that have stalled",
                absent="None: no open deal has been in its stage for longer than nine of ten.",
                note="Longer in their stage than nine of ten were; the largest first.",
                head=(
                    "Deal", "Company", "Owner", "Amount", "Stage", "In it for",
                    "Nine of ten left by", "Won in 90 days", "Sales’ last touch",
                    "Marketing’s last touch",
                ),
                rows=[_stalled(row, terms, zone) for row in work.stale],
                evidence=_of(len(work.stale), work.stalled, "stalled_deals"),
                definition=terms.definition("stalled_deals"),
                table="stalled_deals",
            ),
        ],
    )  # fmt: skip


def funnel_section(funnel: Funnel, terms: Terms) -> Section:
    """How does the funnel flow?"""
    return Section(
        "funnel",
        "How does the funnel flow?",
        "Every journey is in it once, deals by their primary contact.",
        [_flow(funnel.steps, terms), _observed(funnel, terms)],
    )


def data_section(origin: Origin, zone: ZoneInfo) -> Section:
    """How fresh and how whole is the data?"""
    return Section(
        "data",
        "How fresh and how whole is the data?",
        "What is published of a source is as old as its last good load.",
        [
            Block(
                "table",
                "The sources",
                absent="No data: no source is bound.",
                head=(
                    "Source", "State", "Age", "Last good load", "Complete until", "Records",
                    "In quarantine", "Problem",
                ),
                rows=[
                    (
                        s.source if s.required else f"{s.source} (optional)",
                        s.state,
                        _age(s.age_hours),
                        words.clock(s.last_synced_at, zone),
                        words.clock(s.watermark, zone),
                        words.count(s.row_count),
                        words.count(s.in_quarantine),
                        s.problem or "none",
                    )
                    for s in origin.sources
                ],
                definition=origin.definitions.get("catalogue_source"),
                table="catalogue_source",
            ),
            Block(
                "table",
                "What is left out of the totals",
                absent="No data.",
                note="Records in quarantine, with why. Past the agreed share nothing is published.",
                head=("Records of", "Left out", "Of", "Share", "Agreed at most", "Why"),
                rows=[
                    (
                        words.spoken(e.entity),
                        words.count(e.n_excluded),
                        words.count(e.n_records),
                        _fine_share(e.excluded_share),
                        _fine_share(e.excluded_share_limit),
                        e.detail or "nothing is left out",
                    )
                    for e in origin.left_out
                ],
                definition=origin.definitions.get("excluded_share"),
                table="excluded_share",
            ),
        ],
    )  # fmt: skip


def _owners(owners: Sequence[OwnerLoad]) -> Block:
    shown = owners[:SHOWN]
    return Block(
        "table",
        "By owner",
        absent="Nothing waits for anybody.",
        head=("Owner", "Overdue handoffs", "Undecided handoffs", "Stalled deals"),
        rows=[
            (
                load.owner or _NOBODY,
                words.count(load.overdue),
                words.count(load.ignored),
                words.count(load.stalled),
            )
            for load in shown
        ],
        evidence=_of(len(shown), len(owners), None),
    )


def _waiting(row: Waiting, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        row.full_name or row.email or "no name",
        row.account_name or "no company",
        row.owner_name or row.owner_id or _NOBODY,
        row.why,
        f"{words.number(row.waits_for_hours)} business hours",
        words.count(row.attempts),
        _touch(row.last_marketing_touch_at, zone, row.last_marketing_touch),
    )


def _stalled(row: Stalled, terms: Terms, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        row.deal_name or "no name",
        row.account_name or "no company",
        row.owner_name or row.owner_id or _NOBODY,
        words.money(row.amount_reporting, terms.currency),
        terms.stage(row.stage),
        words.days(row.age_in_stage),
        words.days(row.stage_p90),
        words.share(row.won_within_90) if row.won_within_90 is not None else "not known",
        _touch(row.last_sales_touch_at, zone),
        _touch(row.last_marketing_touch_at, zone),
    )


def _touch(moment: datetime | None, zone: ZoneInfo, kind: str | None = None) -> str:
    if moment is None:
        return "never"
    day = words.short_day(moment, zone)
    return f"{day}, {words.spoken(kind)}" if kind else day


def _are(number: int, one: str, many: str) -> str:
    return f"{words.count(number)} {one if number == 1 else many}"


def _of(shown: int, total: int, table: str | None) -> str | None:
    if not total:
        return None
    where = f" All are in {table}." if table and shown < total else ""
    return f"{words.count(shown)} of {words.count(total)}.{where}"


def _flow(steps: Sequence[Step], terms: Terms) -> Block:
    has_any = bool(steps and steps[0].reached)
    reached = ", ".join(f"{s.label} {words.count(s.reached)}" for s in steps)
    drawing = (
        Drawing(flows(steps, wide=True), flows(steps, wide=False), f"Journeys by stage: {reached}.")
        if has_any
        else None
    )
    return Block(
        "chart",
        _flow_title(steps),
        absent="No data: no journey has reached a stage of the ladder.",
        note="As thick as the journeys that took it. A journey counts at every stage up to its "
        "furthest, those passed unseen too.",
        keys=(
            Key("marketing", "marketing answers for it"),
            Key("sales", "sales answers for it"),
            Key("won", "won"),
            Key("open", "still open"),
            Key("lost", "lost"),
            Key("disqualified", "disqualified"),
        )
        if has_any
        else (),
        drawing=drawing,
        evidence=f"{words.cases(steps[0].reached)} primary journeys." if steps else None,
        head=("Stage", "Reached it", "Went on", "Share", "Still open", "Lost", "Disqualified"),
        rows=[
            (
                s.label,
                words.count(s.reached),
                words.count(s.went_on),
                words.share(s.went_on / s.reached) if s.reached else words.NO_DATA,
                words.count(s.open),
                words.count(s.lost),
                words.count(s.disqualified),
            )
            for s in steps
        ],
        definition=terms.definition("fct_funnel"),
        table="fct_funnel",
    )


def _flow_title(steps: Sequence[Step]) -> str:
    if not steps or not steps[0].reached:
        return "Where journeys go"
    first, last = steps[0], steps[-1]
    return (
        f"Of {words.count(first.reached)} journeys, {words.count(last.reached)} reached "
        f"“{last.label}”"
    )


def _observed(funnel: Funnel, terms: Terms) -> Block:
    return Block(
        "table",
        "What was seen to happen at each stage",
        absent="No data: no entry to a stage was seen.",
        note="Only entries that somebody saw. What is still open may yet go on, so read the share "
        "that went on with the open ones beside it.",
        head=(
            "Stage", "Seen to enter", "Went on", "Share", "Still open", "Left", "Won",
            "Passed unseen",
        ),
        rows=[
            (
                terms.stage(o.stage),
                words.count(o.entered),
                words.count(o.went_on),
                words.share(o.went_on / o.entered) if o.entered else words.NO_DATA,
                words.count(o.still_open),
                words.count(o.exited),
                words.count(o.won),
                words.count(o.passed_unseen),
            )
            for o in funnel.observed
        ],
        definition=terms.definition("funnel_conversion"),
        table="funnel_conversion",
    )  # fmt: skip


def _age(hours: float | None) -> str:
    return "never loaded" if hours is None else words.hours(hours)


def _fine_share(value: float | None) -> str:
    if value is None:
        return words.NO_DATA
    return "0 %" if value == 0 else f"{words.number(value * 100, 2)} %"
