"""The checks of a raw table, made in the step that loads it."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from connectors.lake import count_since
from connectors.load import LoadResult
from connectors.source_parts import DeclaredStream
from orchestration.checks.columns import verdict_on_columns
from orchestration.checks.landing import verdict_on_landing, verdict_on_quarantine
from orchestration.checks.volume import follows_holiday, verdict_on_volume
from orchestration.company import Company
from orchestration.defs.verdicts import check_result

VOLUME: Final = "volume"
COLUMNS: Final = "columns"
LANDING: Final = "landing"
QUARANTINE: Final = "quarantine"

_DESCRIPTIONS: Final = {
    VOLUME: "About as many records came, and went, as on that weekday of the weeks before.",
    COLUMNS: "The source's own columns are those that the load before found, of the same types.",
    LANDING: "What came is what landed, read back from the lake's files.",
    QUARANTINE: "No more of the records than usual are in quarantine.",
}


def raw_check_specs(asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks of the asset of a raw table; none of them stops what is downstream."""
    return [
        dg.AssetCheckSpec(name, asset=asset, description=description)
        for name, description in _DESCRIPTIONS.items()
    ]


def raw_check_results(
    company: Company, asset: dg.AssetKey, stream: DeclaredStream, result: LoadResult
) -> Iterator[dg.AssetCheckResult]:
    """What the checks find of a load."""
    limits = company.operations.checks
    landed = result.rows + result.rejected + result.before.unfinished.rows
    since = result.before.synced_at
    in_lake = count_since(company.lake, result.source, result.stream, since) if landed else 0
    volume = limits.volume.limits_of(result.source, result.stream)
    few = (volume or limits.volume).few
    days = result.after.days
    is_holiday = follows_holiday(company.agreement, days)
    for name, verdict in (
        (VOLUME, verdict_on_volume(days, volume, is_holiday=is_holiday)),
        (COLUMNS, verdict_on_columns(result, stream.columns)),
        (LANDING, verdict_on_landing(result, in_lake)),
        (QUARANTINE, verdict_on_quarantine(result, limits.quarantined_at_most, few)),
    ):
        yield check_result(asset, name, verdict)
