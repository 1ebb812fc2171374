"""One asset per stream: its raw table in the lake."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from connectors.lake import snapshot
from connectors.load import LoadResult
from connectors.sandbox import Simulated, parameters_of, simulate
from connectors.sources import Simulate, Source, Stream
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.naming import EXPORTS, OWNERS, raw_key
from orchestration.defs.previews import preview_of_files
from orchestration.loading.load import load


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


def _raw_table(company: Company, source: Source, stream: Stream) -> dg.AssetsDefinition:
    @dg.asset(
        key=raw_key(source.name, stream.name),
        deps=[EXPORTS] if company.sources.simulate else [],
        group_name=f"raw_{source.name}",
        kinds={source.kind, "delta"},
        owners=OWNERS,
        description=_description(source, stream),
        tags={"required": str(source.required).lower()},
    )
    def raw_table(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        name = f"{source.name}.{stream.name}"

        def progress(records: int) -> None:
            context.log.debug(f"{name}: {records:,} records so far")

        with explained(context.op_execution_context):
            result = load(company, source.name, stream.name, context.run_id, progress)
        context.log.info(told(result))
        return dg.MaterializeResult(metadata=_metadata(company, stream, result))

    return raw_table


def told(result: LoadResult) -> str:
    """One line on a load: what was new, what is in quarantine and why, how long it took."""
    name, took = f"{result.source}.{result.stream}", f"in {result.seconds:.1f} s"
    if not result.rows and not result.rejected:
        return f"{name}: nothing new, {took}"
    deleted = f" ({result.deleted:,} of them deletions)" if result.deleted else ""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(result.reasons.items()))
    rejected = f", {result.rejected:,} in quarantine ({reasons})" if result.rejected else ""
    return f"{name}: {result.rows:,} new rows{deleted}{rejected}, {took}"


def _metadata(company: Company, stream: Stream, result: LoadResult) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "new_rows": dg.MetadataValue.int(result.rows),
        "in_quarantine": dg.MetadataValue.int(result.rejected),
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


def _description(source: Source, stream: Stream) -> str:
    fills = sorted({fill.entity for fill in stream.fills})
    lines = [
        f"Every version of every record of `{stream.files}` in {source.location}, append-only, "
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
