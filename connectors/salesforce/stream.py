"""One object's records: all of them at first, then what changed, and what is gone.

A first sync, and each read of what changed, is a pass through the object in the order of its ids
(`walk.py`), whose place stands in the cursor. What changed is what has a `SystemModstamp` from ten
minutes before the newest one that has landed: a row may show itself late. `CreatedDate` serves
where records are written once. Of rows that are seen again, those that differ from the lake land.
A pass that was cut off is gone on with, and followed by one through what changed since it began.

A formula's value changes without a trace at its record. So an object with such fields is read whole
again every seven days, and so is one of which a field appeared, vanished or changed its type, since
records that nobody touched hold values in it too. Again only what differs lands.
"""

import logging
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, Cursor, RawSchema, Reject
from connectors.casting import cast_records
from connectors.errors import ConnectorError, PermanentError, TransientError
from connectors.held import HeldVersions, held_versions
from connectors.http import Failing, Refused
from connectors.salesforce.bulk import Wait
from connectors.salesforce.compare import (
    Kept,
    compared_span,
    disagrees,
    fetched,
    live_ids,
    missing_ids,
    present_ids,
)
from connectors.salesforce.errors import FIELDS_CHANGED, MISSING, Shortfall
from connectors.salesforce.fields import Described, Reading, reading_of
from connectors.salesforce.org import Org
from connectors.salesforce.state import Pass, State
from connectors.salesforce.streams import SalesforceStream
from connectors.salesforce.walk import Walk, drop_job

_log = logging.getLogger(__name__)
_SHOWN_WITHIN: Final = timedelta(minutes=10)
_WHOLE_EVERY: Final = timedelta(days=7)
# A night is not to the minute as long as the one before.
_SLACK: Final = timedelta(hours=6)
# From so many on, all records are read again rather than these one by one.
_MOST_MISSING: Final = 5_000
ABSENT_IN_MANY_ORGS: Final = frozenset({"CurrencyType", "DatedConversionRate"})
"""Objects that only orgs of several currencies have."""

MISSING_FIX: Final = (
    "Give the user the right to read the object; if the org lacks the feature, name the stream in "
    "`leave_out` in sources.yml"
)
"""What to do where an object is missing."""


@dataclass(frozen=True)
class ObjectStream:
    """The records of one object."""

    org: Org
    declared: SalesforceStream
    kept: Kept
    bulk_from: int
    wait: Wait

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.declared.name

    @property
    def schema(self) -> RawSchema:
        """The declared columns."""
        return self.declared.schema

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What is new since `cursor`, and what is gone. Raises what the org's answers tell of."""
        state = State.of(cursor)
        try:
            sobject, now = self.org.describe(self.declared.sobject)
        except Refused as error:
            if error.code in MISSING and self.declared.sobject in ABSENT_IN_MANY_ORGS:
                _log.info("%s: an org of one currency has none", self.declared.sobject)
                yield _nothing(state)
                return
            raise _of_object(error, self.declared.sobject) from error
        try:
            yield from self._read(state, sobject, now)
        except (Refused, Failing) as error:
            raise _of_object(error, sobject.name) from error

    def _read(self, state: State, sobject: Described, now: datetime) -> Iterator[Batch]:
        reading = reading_of(self.declared, sobject)
        self._tell_absent(reading)
        for batch in self._batches(state, reading, now):
            yield replace(batch, columns=reading.told)

    def _batches(self, state: State, reading: Reading, now: datetime) -> Iterator[Batch]:
        walk = Walk(
            self.org, reading, self.schema, self._watermark(reading), self.bulk_from, self.wait
        )
        running = self._running(state, reading, now)
        goes_on = running is state.running
        state = yield from self._pass(walk, state, running)
        if goes_on:
            # What had landed before it was cut off may have changed since, days ago even.
            low = running.started - _SHOWN_WITHIN if walk.watermark else None
            again = Pass(now, reading.fingerprint, low=low, compares=True)
            state = yield from self._pass(walk, state, again)
        yield from self._compared(walk, state, now)

    def _tell_absent(self, reading: Reading) -> None:
        if reading.absent:
            _log.warning(
                "%s: the org has no %s, or the user may not see them: null in the lake",
                reading.sobject,
                ", ".join(reading.absent),
            )

    def _watermark(self, reading: Reading) -> str | None:
        field = reading.columns.get(self.declared.watermark or "")
        return field.name if field else None

    def _running(self, state: State, reading: Reading, now: datetime) -> Pass:
        """The pass that is under way, as far as it reads the same fields; else a new one."""
        running = state.running
        if running is not None and running.fields == reading.fingerprint:
            return running
        drop_job(self.org, running)
        is_due = reading.has_calculated and _is_older(state.whole_at, now)
        is_whole = is_due or state.fields != reading.fingerprint
        low = None if is_whole or not state.since else state.since - _SHOWN_WITHIN
        began = running is not None or state.fields is not None
        return Pass(now, reading.fingerprint, low=low, compares=began)

    def _pass(self, walk: Walk, state: State, running: Pass) -> Generator[Batch, None, State]:
        """Everything that the pass has still to bring; returns the state after it."""
        newest, count = running.newest, 0
        with ExitStack() as closing_at_end:
            held: HeldVersions | None = None
            try:
                for came in walk.read(running):
                    typed, rejects = self._typed(came.records)
                    newest = _later(newest, self._newest(typed))
                    count += len(typed) + len(rejects)
                    reached = replace(state, running=replace(came.running, newest=newest))
                    if running.compares and came.records is not None:
                        # Only now: on a quiet night there is nothing to look up.
                        held = held or closing_at_end.enter_context(self._held(running, walk))
                        typed, rejects = held.without_known(typed, rejects)
                    if len(typed) or rejects or running.low is None or came.running.job:
                        announced = None if came.to_come is None else count + came.to_come
                        yield Batch(typed, reached.cursor(), rejects, announced=announced)
            except Shortfall:
                # What is missing may lie anywhere before the place that was reached.
                again = replace(running, after=None, job=None, locator=None, landed=0)
                yield _nothing(replace(state, running=replace(again, compares=True)))
                raise
        return _finished(state, running, newest)

    def _held(self, running: Pass, walk: Walk) -> HeldVersions:
        column = self.declared.watermark
        since = (column, running.low) if column and walk.watermark and running.low else None
        kept = self.kept
        return held_versions(kept.lake, kept.source, kept.stream, self.schema, since=since)

    def _typed(self, records: pa.Table | None) -> tuple[pa.Table, list[Reject]]:
        if records is None:
            return _none(), []
        positions = pa.array(range(len(records)), pa.int64())
        return cast_records(records.append_column("_position", positions), self.schema)

    def _newest(self, typed: pa.Table) -> datetime | None:
        column = self.declared.watermark
        if not column or column not in typed.column_names:
            return None
        found: datetime | None = pc.max(typed.column(column)).as_py()
        return found

    def _compared(self, walk: Walk, state: State, now: datetime) -> Iterator[Batch]:
        """What the org has and the lake lacks, then deletions of what the org has no longer."""
        span = compared_span(walk, now - _SHOWN_WITHIN, is_append_only=self.declared.is_append_only)
        is_due = state.compared_at is not None and _is_older(state.compared_at, now)
        if not disagrees(walk, self.kept, span) and not is_due:
            last = _nothing(replace(state, compared_at=state.compared_at or now))
            yield replace(last, may_wait=True)
            return
        live = live_ids(walk)
        missing = missing_ids(self.kept, live)
        if len(missing) > _MOST_MISSING:
            whole = Pass(now, walk.reading.fingerprint, compares=True)
            state = yield from self._pass(walk, state, whole)
        else:
            for records in fetched(walk, missing):
                typed, rejects = self._typed(records)
                yield Batch(typed, state.cursor(), rejects)
        present = present_ids(self.kept, live, span)
        last = _nothing(replace(state, compared_at=now))
        yield replace(last, present=present, may_wait=True)


def _of_object(error: Refused | Failing, sobject: str) -> ConnectorError:
    """The error with the object that it is of; where fields changed meanwhile, it passes."""
    where = f"{sobject}, {error.where}"
    if error.code == FIELDS_CHANGED:
        fix = "The fields changed while they were read: the next try finds them anew"
        return TransientError(error.what, where=where, fix=fix)
    fix = MISSING_FIX if error.code in MISSING else error.fix
    if isinstance(error, Failing):
        return TransientError(error.what, where=where, fix=fix)
    return PermanentError(error.what, where=where, fix=fix)


def _finished(state: State, running: Pass, newest: datetime | None) -> State:
    """The state after a pass: what changed after `since` is still to be read."""
    seen = _later(state.since, newest)
    return State(
        since=min(seen, running.started) if seen else None,
        fields=running.fields,
        whole_at=state.whole_at if running.low else running.started,
        compared_at=state.compared_at,
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((time for time in (one, other) if time), default=None)


def _is_older(time: datetime | None, now: datetime) -> bool:
    return time is None or now - time >= _WHOLE_EVERY - _SLACK


def _none() -> pa.Table:
    return pa.table({"_record_id": pa.array([], pa.string())})


def _nothing(state: State) -> Batch:
    return Batch(_none(), state.cursor())
