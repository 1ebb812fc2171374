"""Whether a source's own columns are those that the last load found."""

from collections.abc import Collection, Iterator, Mapping

from connectors.load import LoadResult
from orchestration.checks.verdict import Level, Verdict


def verdict_on_columns(result: LoadResult, declared: Collection[str]) -> Verdict:
    """The verdict on what a source's columns were before a load, and are now.

    A declared column that is gone or has another type is wrong, since figures are made of it; one
    that nothing is made of is worth a look.
    """
    before, now = result.before.columns, result.after.columns
    if now is None:
        return Verdict(
            Level.GOOD,
            "The source does not tell its columns; what it brings beside the declared ones lands "
            "in _extra.",
        )
    if before is None:
        return Verdict(
            Level.GOOD,
            f"{len(now)} columns; told from the next load on where they change.",
            {"columns": len(now)},
        )
    found = [*_changes(before, now, result.misfits, declared)]
    if not found:
        return Verdict(Level.GOOD, f"The same {len(now)} columns.", {"columns": len(now)})
    level = Level.WRONG if any(one is Level.WRONG for one, _ in found) else Level.WORTH_A_LOOK
    return Verdict(level, "\n".join(line for _, line in found), {"columns": len(now)})


def _changes(
    before: Mapping[str, str],
    now: Mapping[str, str],
    misfits: Mapping[str, int],
    declared: Collection[str],
) -> Iterator[tuple[Level, str]]:
    for name in sorted(now.keys() - before.keys()):
        where = "it is read" if name in declared else "its values land in _extra"
        yield Level.WORTH_A_LOOK, f"{name} ({now[name]}) is new; {where}."
    for name in sorted(before.keys() - now.keys()):
        if name in declared:
            yield Level.WRONG, f"{name} is gone; newer records have nothing in its place."
        else:
            yield Level.WORTH_A_LOOK, f"{name} is gone; nothing is made of it."
    for name in sorted(now.keys() & before.keys()):
        if now[name] == before[name]:
            continue
        told = f"{name} was {before[name]} and is {now[name]}"
        if name not in declared:
            yield Level.WORTH_A_LOOK, f"{told}; nothing is made of it."
        elif misfits.get(name):
            records = f"{misfits[name]:,} records whose value no longer fits are in quarantine"
            yield Level.WRONG, f"{told}; {records}."
        else:
            yield Level.WRONG, f"{told}; every value that came still fits the column in the lake."
