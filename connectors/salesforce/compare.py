"""Records that the org no longer has, and those that it has and never showed: by their ids.

An object whose records can be removed for good, as those of CampaignMember always are, tells of it
nowhere. So after each load the number of its records is held against what the lake holds, and where
the two disagree, and every seven days, all ids are.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import TransientError
from connectors.held import Created, held_count, held_ids
from connectors.lake import Lake
from connectors.salesforce import soql
from connectors.salesforce.bulk import BulkRefused, JobFailed, read_by_job
from connectors.salesforce.rest import read_by_rest
from connectors.salesforce.soql import Condition
from connectors.salesforce.walk import Walk

_log = logging.getLogger(__name__)
_CREATED: Final = "CreatedDate"
_CREATED_COLUMN: Final = "created_date"
# Salesforce itself removes the history of fields after 18 months, or 24; what it did remove so is
# no deletion.
_HISTORY_KEPT: Final = timedelta(days=540)
_IDS_A_QUERY: Final = 300


@dataclass(frozen=True)
class Kept:
    """Where a stream's records are kept: the lake, and the names of source and stream."""

    lake: Lake
    source: str
    stream: str


def compared_span(walk: Walk, settled: datetime, *, is_append_only: bool) -> Created | None:
    """Which records are compared: those created before `settled`, which show themselves by now."""
    if _CREATED not in walk.reading.names or _CREATED_COLUMN not in walk.reading.columns:
        return None
    start = settled - _HISTORY_KEPT if is_append_only else None
    return Created(_CREATED_COLUMN, start, settled)


def disagrees(walk: Walk, kept: Kept, span: Created | None) -> bool:
    """Whether the org has another number of live records than the lake. One request."""
    condition = Condition(
        since=(_CREATED, span.start) if span and span.start else None,
        until=(_CREATED, span.end) if span and span.end else None,
        is_live=walk.reading.can_be_deleted,
    )
    there = walk.org.count(soql.count(walk.reading.sobject, condition))
    here = held_count(kept.lake, kept.source, kept.stream, created=span)
    if there != here:
        _log.info(
            "%s: the org has %d records and the lake %d; their ids are compared",
            walk.reading.sobject,
            there,
            here,
        )
    return there != here


def live_ids(walk: Walk) -> pa.Array:
    """The ids of all records that are not in the bin."""
    sobject = walk.reading.sobject
    condition = Condition(is_live=walk.reading.can_be_deleted)
    if walk.org.count(soql.count(sobject, condition)) >= walk.bulk_from:
        asked = soql.select(["Id"], sobject, condition)
        try:
            steps = read_by_job(walk.org, asked, 1, walk.wait)
            found = [step.values.column("Id") for step in steps if step.values is not None]
            return pa.chunked_array(found, pa.string()).combine_chunks()
        except (BulkRefused, JobFailed) as error:
            _log.info("the ids of %s are read through REST: %s", sobject, error)
    parts = read_by_rest(walk.org, walk.id_reading(), condition)
    return pa.array([id_ for part in parts for id_ in part.values(False)["Id"]], pa.string())


def present_ids(kept: Kept, live: pa.Array, span: Created | None) -> pa.ChunkedArray:
    """The ids that are not gone: those that live, and history too old for the org to keep."""
    present = pa.chunked_array([live])
    if span is None or span.start is None:
        return present
    before = Created(_CREATED_COLUMN, None, span.start)
    old = held_ids(kept.lake, kept.source, kept.stream, created=before)
    return pa.chunked_array([*present.chunks, *old.chunks], pa.string())


def missing_ids(kept: Kept, live: pa.Array) -> list[str]:
    """The ids that live in the org and that the lake does not hold."""
    held = held_ids(kept.lake, kept.source, kept.stream)
    missing: list[str] = live.filter(pc.invert(pc.is_in(live, value_set=held))).to_pylist()
    return missing


def fetched(walk: Walk, ids: list[str]) -> Iterator[pa.Table]:
    """The records of these ids. Raises TransientError where one is not given."""
    came = 0
    for start in range(0, len(ids), _IDS_A_QUERY):
        for records in walk.by_ids(ids[start : start + _IDS_A_QUERY]):
            came += len(records)
            yield records
    if came < len(ids):
        raise TransientError(
            f"{len(ids) - came:,} records are counted and listed, and not given when asked for",
            where=walk.reading.sobject,
            fix="They may have been removed meanwhile: the next try compares again",
        )
