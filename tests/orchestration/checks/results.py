"""Results of loads, for tests of what is made of them."""

from collections.abc import Mapping
from dataclasses import replace

from connectors.load import LoadResult


def with_columns(
    result: LoadResult,
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
    misfits: Mapping[str, int],
) -> LoadResult:
    """The same result, of a source that had and has these columns."""
    return replace(
        result,
        misfits=misfits,
        before=replace(result.before, columns=before),
        after=replace(result.after, columns=after),
    )
