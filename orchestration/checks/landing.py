"""Whether what came is what landed and is built on, and how much of it nothing can be made of."""

from collections.abc import Iterable, Mapping

from connectors.load import LoadResult
from orchestration.checks.verdict import Level, Verdict
from orchestration.warehouse.freshness import BoundSource


def verdict_on_landing(result: LoadResult, in_lake: int) -> Verdict:
    """The verdict on a load whose rows, read back from the lake's files, are `in_lake`.

    That the source gave as many records as it announced is held by the connector: a load of fewer
    fails.
    """
    earlier = result.before.unfinished.rows
    landed = earlier + result.rows + result.rejected
    figures = {
        "accepted": result.rows,
        "in_quarantine": result.rejected,
        "suppressed": result.suppressed,
        "of_a_load_that_was_cut_off": earlier,
        "in_lake": in_lake,
    }
    if not landed and not in_lake:
        return Verdict(Level.GOOD, "Nothing new landed.", figures)
    if in_lake == landed:
        return Verdict(Level.GOOD, f"All {landed:,} rows that landed are in the lake.", figures)
    return Verdict(
        Level.WRONG,
        f"{landed:,} rows landed, and the lake's files hold {in_lake:,} of them. Has somebody "
        "changed the files? Restore the table's folder from a backup, or move it away: the next "
        "load reads the source from the start.",
        figures,
    )


def verdict_on_quarantine(result: LoadResult, at_most: float, few: int) -> Verdict:
    """The verdict on how many of the records of a load are in quarantine; fewer than `few` records
    say nothing.
    """
    came = result.rows - result.deleted + result.rejected
    figures: dict[str, int | float | str] = {"records": came, "in_quarantine": result.rejected}
    if not result.rejected:
        return Verdict(Level.GOOD, "Nothing in quarantine.", figures)
    share = result.rejected / max(came, result.rejected)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(result.reasons.items()))
    told = f"{result.rejected:,} of {came:,} records ({share:.1%}) are in quarantine: {reasons}"
    if came < few or share <= at_most:
        return Verdict(Level.GOOD, f"{told}.", figures)
    return Verdict(
        Level.WORTH_A_LOOK,
        f"{told}; {at_most:.1%} are usual. The table quarantine lists them once it is built.",
        figures,
    )


def verdict_on_binding(sources: Iterable[BoundSource]) -> Verdict:
    """The verdict on whether a night is bound to every row that the lake's log tells of."""
    bound = [*sources]
    rows = sum(source.rows + source.rejected for source in bound)
    figures = {"rows": rows, "in_quarantine": sum(source.rejected for source in bound)}
    told = [
        f"{source.source}.{stream}: {there:,} rows, where the lake's log tells of {expected:,}."
        for source in bound
        for stream, (there, expected) in source.lacking.items()
    ]
    if not told:
        return Verdict(Level.GOOD, f"All {rows:,} rows of the lake are bound.", figures)
    return Verdict(Level.WRONG, "\n".join(told), figures)


def verdict_on_unmatched(touches: int, unmatched: Mapping[str, int], at_most: float) -> Verdict:
    """The verdict on how many touches belong to no journey, by the reason."""
    count = sum(unmatched.values())
    share = count / touches if touches else 0.0
    figures: dict[str, int | float | str] = {
        "touches": touches,
        "unmatched": count,
        "share": round(share, 4),
    }
    if not count:
        return Verdict(Level.GOOD, f"All {touches:,} touches belong to a journey.", figures)
    reasons = ", ".join(f"{many:,} {reason}" for reason, many in sorted(unmatched.items()))
    told = f"{count:,} of {touches:,} touches ({share:.1%}) belong to no journey: {reasons}"
    if share <= at_most:
        return Verdict(Level.GOOD, f"{told}.", figures)
    return Verdict(
        Level.WORTH_A_LOOK,
        f"{told}; {at_most:.1%} are usual. The table orphan_touch lists them: do the sources name "
        "people and deals by the same ids?",
        figures,
    )
