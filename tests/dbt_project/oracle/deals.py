"""What became of each deal: its entries, in order, and the times that it was open."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time

from tests.dbt_project.oracle.records import ENDS, Change, Company, Deal

TRUST = ("history", "timestamp_property", "observed")


@dataclass
class Entry:
    """An entry to a stage, or an exit."""

    stage: str
    at: datetime
    evidence: str
    source_record: str
    tie: str
    # Within one instant: 0 what is told, 1 what the record is in now.
    turn: int = 0
    event: str = ""
    counts: bool = True
    is_of_deal: bool = False
    is_after_close: bool = False


@dataclass
class DealStory:
    """A deal by as_of."""

    deal: Deal
    started_at: datetime | None
    entries: list[Entry] = field(default_factory=list)
    # From when to when it was open; None: nobody knows since when, or still open.
    times_open: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    outcome: str = "open"
    is_undated_close: bool = False


def believed(changes: Iterable[Change], subject: dict[str, Hashable]) -> list[Change]:
    """The statements to be believed, one for each subject, stage and instant.

    A record's weaker evidence of a stage speaks only where its stronger evidence is silent.
    `subject` says for each record id whom it is about.
    """
    changes = sorted(changes, key=lambda change: (TRUST.index(change.evidence), change.key))
    strongest: dict[tuple[str, str, str], str] = {}
    for change in changes:
        strongest.setdefault((change.source, change.subject, change.stage), change.evidence)
    one: dict[tuple[Hashable, str, datetime], Change] = {}
    for change in changes:
        if change.evidence == strongest[(change.source, change.subject, change.stage)]:
            about = subject[f"{change.source}/{change.subject}"]
            one.setdefault((about, change.stage, change.at), change)
    return list(one.values())


def deal_story(
    company: Company,
    deal: Deal,
    first_loaded_at: datetime,
    seen_at: datetime,
    changes: Iterable[Change],
) -> DealStory | None:
    """A deal's story; None where it had not begun by as_of.

    `seen_at` is the load since which it has been in its present stage.
    """
    told = sorted(
        believed(changes, {f"{deal.source}/{deal.id}": deal.key}),
        key=lambda change: (change.at, company.rank(change.stage), change.key),
    )
    entries = [Entry(c.stage, c.at, c.evidence, c.record_id, c.key) for c in told]
    started = [change.at for change in told]
    present = _present_stage(deal, seen_at, told)
    creation = _creation(company, deal, told, present)
    if creation:
        entries.append(creation)
        started.append(creation.at)
        if present and present.stage == creation.stage:
            present = None
    if present:
        entries.append(present)
        if present.evidence == "timestamp_property":
            started.append(present.at)
    if deal.created_at:
        started.append(deal.created_at)
    if not started and first_loaded_at <= company.as_of:
        started.append(first_loaded_at)
    if started and min(started) > company.as_of:
        return None
    story = DealStory(deal, min(started, default=None))
    _walk(company, story, entries)
    is_dated = told or deal.closed_at or seen_at <= company.as_of
    if deal.stage in ENDS and not is_dated and seen_at == first_loaded_at:
        # Before its first load a record is as that load found it, and nothing dates the close.
        story.outcome, story.is_undated_close = deal.stage, True
    return story


def _present_stage(deal: Deal, seen_at: datetime, told: list[Change]) -> Entry | None:
    """The entry to the stage that the record is in, where that is not what was told last."""
    if deal.stage is None or (told and told[-1].stage == deal.stage):
        return None
    dated = deal.closed_at if deal.stage in ENDS else None
    evidence = "timestamp_property" if dated else "observed"
    at = max([dated or seen_at, *(change.at for change in told)])
    return Entry(deal.stage, at, evidence, deal.id, "", turn=1)


def _creation(
    company: Company, deal: Deal, told: list[Change], present: Entry | None
) -> Entry | None:
    """The entry at its creation, where no change tells of a stage in which it was open."""
    if deal.created_at is None or any(c.stage in company.open_stages for c in told):
        return None
    stage = "opportunity" if "opportunity" in company.ladder else None
    if deal.stage in company.open_stages and (
        stage is None or company.order(deal.stage) < company.order(stage)
    ):
        stage = deal.stage
    if stage is None:
        return None
    closes = [change.at for change in told if change.stage in ENDS]
    if not closes and present and present.evidence == "timestamp_property":
        closes = [present.at]
    entry = Entry(stage, deal.created_at, "timestamp_property", deal.id, "")
    if closes and min(closes) < deal.created_at:
        # A close that is a date alone stands for its whole day.
        if min(closes).time() == time(0) and min(closes).date() == deal.created_at.date():
            entry.at = min(closes)
        else:
            entry.is_after_close = True
    return entry


def _walk(company: Company, story: DealStory, entries: list[Entry]) -> None:
    last_stage, opened_at, closed_at = None, story.started_at, None
    for entry in sorted(entries, key=lambda e: (e.at, e.turn, company.rank(e.stage), e.tie)):
        if entry.at > company.as_of:
            continue
        entry.is_of_deal = True
        entry.event = name_of(entry.stage)
        if entry.is_after_close:
            entry.counts = False
        elif entry.stage == last_stage:
            continue
        else:
            last_stage = entry.stage
            is_open = story.outcome == "open"
            if entry.stage == "recycled":
                entry.counts = is_open
            elif entry.stage in ENDS:
                # After one exit another changes nothing, unless it makes or unmakes a win.
                entry.counts = is_open or (story.outcome == "won") != (entry.stage == "won")
                if entry.counts:
                    story.outcome, closed_at = entry.stage, entry.at
            elif not is_open:
                entry.event, story.outcome = "reopened", "open"
                story.times_open.append((opened_at, closed_at))
                opened_at, closed_at = entry.at, None
        story.entries.append(entry)
    story.times_open.append((opened_at, closed_at))


def name_of(stage: str) -> str:
    """What an entry to a stage is called."""
    return stage if stage in (*ENDS, "recycled") else "stage_entered"
