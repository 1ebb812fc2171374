"""Queries over REST, a page at a time, whatever the number of fields."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.http import Refused
from connectors.salesforce import soql
from connectors.salesforce.errors import LOCATOR_GONE, Shortfall
from connectors.salesforce.fields import Reading, in_chunks
from connectors.salesforce.org import Org, Page
from connectors.salesforce.records import Values, of_json
from connectors.salesforce.soql import Condition

# Bytes of an address that the fields' names may take: Salesforce takes 16,384 with its headers.
_ROOM_FOR_NAMES: Final = 11_000


@dataclass(frozen=True)
class Part:
    """A page's values by field, the last id in it, and how many records its query has."""

    values: Callable[[bool], Values]
    last: str
    count: int
    total: int


def read_by_rest(org: Org, reading: Reading, condition: Condition) -> Generator[Part, None, None]:
    """The records that fulfil a condition, in the order of their ids.

    A mark that the server has forgotten between two pages does no harm: it goes on after the last
    id. Raises Shortfall, and what requests raise.
    """
    while True:
        last = None
        try:
            for part in _one_query(org, reading, condition):
                last = part.last
                yield part
        except Refused as error:
            if error.code not in LOCATOR_GONE or last is None:
                raise
            condition = replace(condition, after=last)
        else:
            return


def _one_query(org: Org, reading: Reading, condition: Condition) -> Iterator[Part]:
    names, *others = in_chunks(reading.names, _ROOM_FOR_NAMES)
    came = total = 0
    with closing(org.query(soql.select(names, reading.sobject, condition))) as pages:
        for page in pages:
            total = page.total
            came += len(page.records)
            if page.records:
                last: str = page.records[-1]["Id"]
                within = replace(condition, up_to=last)
                asked = [soql.select(other, reading.sobject, within) for other in others]
                beside = [list(org.query(query)) for query in asked]
                values = _values_of([[page], *beside], reading)
                yield Part(values, last, len(page.records), total)
                condition = replace(condition, after=last)
    if came != total:
        raise Shortfall("the query", came, total, where=f"{reading.sobject} through REST")


def _values_of(chunks: Sequence[Sequence[Page]], reading: Reading) -> Callable[[bool], Values]:
    def values(exactly: bool) -> Values:
        return of_json(_joined(chunks, exactly), reading.names)

    return values


def _joined(chunks: Sequence[Sequence[Page]], exactly: bool) -> list[dict[str, Any]]:
    """Records whose fields came in several queries, put together by their ids.

    One that a later query lacks was removed in between and is passed over: what the lake holds is
    compared with what the org has at the end of the load.
    """
    first, *others = [
        [r for page in pages for r in (page.exact_records() if exactly else page.records)]
        for pages in chunks
    ]
    for more in others:
        by_id = {record["Id"]: record for record in more}
        first = [{**record, **by_id[record["Id"]]} for record in first if record["Id"] in by_id]
    return first
