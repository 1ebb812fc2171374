"""A pass through an object: by REST or by Bulk, whichever fits, and on from where it was cut off.

Records come in the order of their ids. Ids never change and no two are equal, so that neither a
block of equal times of change, however large, nor a record that changes during the pass can make
it miss one or turn in a circle: `Id > last` is all that a restart needs.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from connectors.base import RawSchema
from connectors.http import Refused
from connectors.salesforce import soql
from connectors.salesforce.bulk import (
    BulkRefused,
    JobFailed,
    Step,
    Wait,
    discard,
    read_by_job,
    read_job,
)
from connectors.salesforce.errors import TOO_MUCH_AT_ONCE
from connectors.salesforce.fields import Reading
from connectors.salesforce.org import Org
from connectors.salesforce.records import InexactNumber, to_records
from connectors.salesforce.rest import Part, read_by_rest
from connectors.salesforce.soql import Condition
from connectors.salesforce.state import Pass

_log = logging.getLogger(__name__)
_JOBS: Final = 2
_LANDED_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Came:
    """Records that a pass brought, the pass after them, and how many more will come."""

    records: pa.Table | None
    running: Pass
    to_come: int | None


@dataclass(frozen=True)
class Walk:
    """How an object is walked through: what is read of it, and from what size on by Bulk.

    `watermark` is the field that tells when a record changed.
    """

    org: Org
    reading: Reading
    schema: RawSchema
    watermark: str | None
    bulk_from: int
    wait: Wait

    def read(self, running: Pass) -> Iterator[Came]:
        """All that the pass has still to bring. Raises what the requests raise, and Shortfall."""
        if running.job is not None:
            yield from self._by_jobs(running)
            return
        try:
            if running.low is None and not running.no_bulk:
                asked = soql.count(self.reading.sobject, self._condition(running))
                if self.org.count(asked) >= self.bulk_from:
                    yield from self._by_jobs(running)
                    return
            for came in self._by_rest(running):
                running = came.running
                yield came
        except Refused as error:
            if error.code not in TOO_MUCH_AT_ONCE or running.no_bulk or running.job:
                raise
            _log.info("%s is read through Bulk: %s", self.reading.sobject, error)
            yield from self._by_jobs(running)

    def id_reading(self) -> Reading:
        """A reading of the ids alone."""
        return Reading(self.reading.sobject, {"id": self.reading.columns["id"]}, (), ())

    def by_ids(self, ids: list[str]) -> Iterator[pa.Table]:
        """The records of these ids, as far as there are any."""
        for part in read_by_rest(self.org, self.reading, Condition(ids=ids)):
            yield self._records(part)

    def _condition(self, running: Pass) -> Condition:
        since = (self.watermark, running.low) if self.watermark and running.low else None
        return Condition(since=since, after=running.after)

    def _by_rest(self, running: Pass) -> Iterator[Came]:
        gathered: list[pa.Table] = []
        came = 0
        with closing(read_by_rest(self.org, self.reading, self._condition(running))) as parts:
            for part in parts:
                if part.total >= self.bulk_from and not (came or running.no_bulk):
                    yield from self._by_jobs(running)
                    return
                gathered.append(self._records(part))
                running = replace(running, after=part.last)
                came += part.count
                if sum(map(len, gathered)) >= _LANDED_AT_ONCE:
                    yield Came(pa.concat_tables(gathered), running, part.total - came)
                    gathered = []
        if gathered:
            yield Came(pa.concat_tables(gathered), running, 0)

    def _by_jobs(self, running: Pass) -> Iterator[Came]:
        """By Bulk; a job that fails is tried once more, and then REST is asked for the rest."""
        for attempt in range(_JOBS):
            try:
                for step in self._steps(running):
                    running = self._after(running, step)
                    to_come = None if step.total is None else step.total - step.landed
                    yield Came(self._of_csv(step), running, to_come)
            except BulkRefused as error:
                _log.info("%s is read through REST: %s", self.reading.sobject, error)
                break
            except JobFailed as error:
                _log.warning("Bulk job %d of %s: %s", attempt + 1, self.reading.sobject, error)
                running = replace(running, job=None, locator=None, landed=0)
            else:
                return
        running = replace(running, job=None, locator=None, landed=0, no_bulk=True)
        yield from self._by_rest(running)

    def _steps(self, running: Pass) -> Iterator[Step]:
        count = len(self.reading.names)
        if running.job is None:
            asked = soql.select(self.reading.names, self.reading.sobject, self._condition(running))
            return read_by_job(self.org, asked, count, self.wait)
        return read_job(
            self.org,
            running.job,
            count,
            self.wait,
            locator=running.locator,
            landed=running.landed,
        )

    def _after(self, running: Pass, step: Step) -> Pass:
        last = step.values.column("Id")[-1].as_py() if step.values else running.after
        return replace(running, job=step.job, locator=step.locator, landed=step.landed, after=last)

    def _of_csv(self, step: Step) -> pa.Table | None:
        if step.values is None:
            return None
        return to_records(step.values, self.reading, self.schema)

    def _records(self, part: Part) -> pa.Table:
        try:
            return to_records(part.values(False), self.reading, self.schema)
        except InexactNumber:
            return to_records(part.values(True), self.reading, self.schema)


def drop_job(org: Org, running: Pass | None) -> None:
    """Let go of the job of a pass that is not gone on with."""
    if running is not None and running.job is not None:
        discard(org, running.job)
