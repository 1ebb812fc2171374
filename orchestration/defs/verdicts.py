"""Verdicts of checks as Dagster has them."""

from collections.abc import Iterable, Iterator

import dagster as dg

from orchestration.checks.verdict import Level, Verdict


def check_result(asset: dg.AssetKey, name: str, verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict as the result of an asset's check: an error where it is wrong, else a warning."""
    is_wrong = verdict.level is Level.WRONG
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=name,
        passed=verdict.level is Level.GOOD,
        severity=dg.AssetCheckSeverity.ERROR if is_wrong else dg.AssetCheckSeverity.WARN,
        description=verdict.told,
        metadata=dict(verdict.figures),
    )


def told_checks(name: str, results: Iterable[dg.AssetCheckResult]) -> Iterator[str]:
    """A line for each line of what did not pass, for the log of a run; `name` is the table's."""
    for result in results:
        if not result.passed:
            for line in (result.description or "").splitlines():
                yield f"{name}: {result.check_name}: {line}"
