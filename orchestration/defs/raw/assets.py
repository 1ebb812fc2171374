"""One asset per stream: its raw table in the lake."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import dagster as dg

from connectors.lake import snapshot
from connectors.load import LoadResult, Progress
from connectors.sandbox import Simulated, parameters_of, simulate
from connectors.source_parts import DeclaredStream
from connectors.sources import Simulate, Source
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import EXPORTS, OWNERS, pool_of, raw_key
from orchestration.defs.previews import preview_of_files
from orchestration.defs.raw.checks import raw_check_results, raw_check_specs
from orchestration.defs.verdicts import told_checks
from orchestration.loading.load import load

_SECONDS_BETWEEN_LINES: Final = 10


def raw_assets(company: Company) -> Iterator[dg.AssetsDefinition]:
    """The assets of a company's streams and, where it is simulated, of its export files."""
    if company.sources.simulate:
        yield _exports(company, company.sources.simulate)
    for source in company.sources.sources:
        for stream in source.streams:
            yield _raw_table(company, source, stream)


def _exports(company: Company, wanted: Simulate) -> dg.AssetsDefinition:
    @dg.asset(
        key=EXPORTS,
        group_name="simulated",
        kinds={"python", "csv"},
        owners=OWNERS,
        description="The export files of a company that does not exist, drawn from a seed, with "
        "what really happened in it beside them.",
    )
    def exports(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with explained(context.op_execution_context):
            done = simulate(parameters_of(wanted), company.data)
        context.log.info(_told_simulated(done))
        return dg.MaterializeResult(metadata={"files": len(done.rows), "rows": _total(done)})

    return exports


def _raw_table(company: Company, source: Source, stream: DeclaredStream) -> dg.AssetsDefinition:
    asset_key = raw_key(source.name, stream.name)

    @dg.asset(
        key=asset_key,
        pool=pool_of(source.name),
        freshness_policy=_fresh_for(source),
        check_specs=raw_check_specs(asset_key),
        deps=[EXPORTS] if company.sources.simulate else [],
        group_name=f"raw_{source.name}",
        kinds={source.kind, "delta"},
        owners=OWNERS,
        description=_description(source, stream),
        tags={"required": str(source.required).lower()},
        # What tells more of other records asks again for those that have come back by then.
        op_tags={"dagster/priority": "-1" if stream.beside else "0"},
    )
    def raw_table(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        name = f"{source.name}.{stream.name}"

        tell = told_now_and_then(context.log.info, name)

        with explained(context.op_execution_context):
            result = load(company, source.name, stream.name, context.run.run_id, tell)
        context.log.info(told(result))
        checks = [*raw_check_results(company, asset_key, stream, result)]
        for line in told_checks(name, checks):
            context.log.warning(line)
        yield dg.MaterializeResult(
            metadata=_metadata(company, stream, result), check_results=checks
        )

    return raw_table


def _fresh_for(source: Source) -> dg.FreshnessPolicy | None:
    """How old its raw tables may be, by sources.yml: an older one keeps a night from building."""
    if source.stale_after is None:
        return None
    return dg.FreshnessPolicy.time_window(fail_window=source.stale_after)


def told_now_and_then(
    tell: Callable[[str], None], name: str, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """A progress that tells every ten seconds how many records have landed, how fast, and what is
    left; a load that ends sooner has its last line alone.
    """
    started = told_at = clock()

    def progress(records: int, announced: int | None) -> None:
        nonlocal told_at
        now = clock()
        if now - told_at < _SECONDS_BETWEEN_LINES:
            return
        told_at = now
        rate = records / (now - started)
        line = f"{name}: {records:,} records so far, {rate:,.0f} a second"
        if announced is not None and announced > records and rate:
            minutes = (announced - records) / rate / 60
            line += f"; {announced - records:,} to go, about {max(1, round(minutes))} min"
        tell(line)

    return progress


def told(result: LoadResult) -> str:
    """One line on a load: what was new, what is in quarantine and why, how long it took.

    What was of people who were forgotten is told as suppressed.
    """
    name, took = f"{result.source}.{result.stream}", f"in {result.seconds:.1f} s"
    if not result.rows and not result.rejected and not result.suppressed:
        return f"{name}: nothing new, {took}"
    deleted = f" ({result.deleted:,} of them deletions)" if result.deleted else ""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(result.reasons.items()))
    rejected = f", {result.rejected:,} in quarantine ({reasons})" if result.rejected else ""
    suppressed = f", {result.suppressed:,} suppressed" if result.suppressed else ""
    return f"{name}: {result.rows:,} new rows{deleted}{rejected}{suppressed}, {took}"


def _metadata(company: Company, stream: DeclaredStream, result: LoadResult) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "new_rows": dg.MetadataValue.int(result.rows),
        "in_quarantine": dg.MetadataValue.int(result.rejected),
        "suppressed": dg.MetadataValue.int(result.suppressed),
        "deletions": dg.MetadataValue.int(result.deleted),
        "seconds": dg.MetadataValue.float(round(result.seconds, 3)),
        "version": dg.MetadataValue.int(result.version),
        "place": dg.MetadataValue.text(company.lake.address(result.source, result.stream)),
    }
    if result.reasons:
        metadata["reasons"] = dg.MetadataValue.json(result.reasons)
    found = snapshot(company.lake, result.source, result.stream)
    if found is not None:
        metadata["dagster/row_count"] = dg.MetadataValue.int(found.rows)
        preview = preview_of_files(stream, found.files)
        if preview is not None:
            metadata["preview"] = preview
    return metadata


def _description(source: Source, stream: DeclaredStream) -> str:
    fills = sorted(stream.entities)
    lines = [
        f"Every version of every record of {stream.told} in {source.place}, append-only, "
        "with those in quarantine.",
        f"Fills {', '.join(fills)}." if fills else "Fills nothing yet.",
        "Required: without a good load of it nothing is published."
        if source.required
        else "Optional: where its load fails, the build goes on with its last good version.",
    ]
    return "\n\n".join(lines)


def _told_simulated(done: Simulated) -> str:
    state = "written" if done.is_new else "there already"
    return f"simulated company: {len(done.rows)} files, {_total(done):,} rows, {state}"


def _total(done: Simulated) -> int:
    return sum(done.rows.values())
