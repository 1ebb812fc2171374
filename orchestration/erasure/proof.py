"""What an erasure found, did and proved, in lines for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.lake_erasure import Erased
from connectors.suppression import Identity
from orchestration.company import Company
from orchestration.erasure.traces import Searched, left_out

_SHOWN: Final = 20


def told_found(
    identity: Identity, given: int, counted: Sequence[Erased], company: Company
) -> Iterator[str]:
    """Who was found, and what would go."""
    persons = sorted(identity.persons)
    more = max(0, len(identity.addresses) - given)
    other = f" and {more} other addresses that are theirs alone" if more else ""
    yield f"{company.name}: {_count(given, 'address', 'addresses')} given{other}"
    yield f"{_count(len(persons), 'record', 'records')} of a person" + (":" if persons else "")
    for source, id_ in persons[:_SHOWN]:
        yield f"  {source} {id_}"
    if len(persons) > _SHOWN:
        yield f"  and {len(persons) - _SHOWN} more"
    if not counted:
        yield "Nothing of theirs is in the lake."
        return
    yield "In the lake:"
    for done in counted:
        yield f"  {told_erased(done)}"


def told_erased(done: Erased) -> str:
    """One line on a raw table."""
    changed = f", {done.changed:,} of others lose what names them" if done.changed else ""
    return f"{done.source}.{done.stream}: {done.removed:,} rows go{changed}"


def told_search(searched: Searched, company: Company) -> Iterator[str]:
    """What was searched, and what is left."""
    yield (
        f"Searched {searched.files:,} files, {searched.size / 1e6:,.1f} MB, every byte and every "
        f"column: {_count(len(searched.found), 'trace', 'traces')} left"
    )
    yield from (f"  {place}" for place in searched.found)
    yield from (f"  not searched: {problem}" for problem in searched.unread)
    for folder in left_out(company):
        if folder.exists():
            yield f"  {folder} is the sources' own and was not searched: what it holds is yours"


def _count(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
