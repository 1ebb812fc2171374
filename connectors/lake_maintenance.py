"""Keep raw tables small and quick to open, without losing a cursor or a pinned version."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from deltalake import DeltaTable

from connectors.lake import Lake, commit_state_anew

KEEP_VERSIONS_FOR: Final = timedelta(days=7)
"""How long the files of an old version stay, for readers that have pinned it."""


@dataclass(frozen=True)
class MaintenanceResult:
    """What maintenance did to one raw table."""

    source: str
    stream: str
    files_before: int
    files_after: int
    files_removed: int


def maintain(
    lake: Lake, source: str, stream: str, keep_for: timedelta = KEEP_VERSIONS_FOR
) -> MaintenanceResult | None:
    """Compact small files, remove those that only versions older than `keep_for` need, checkpoint.

    None where there is no such table. The cursor is committed anew first: cleaning the log drops
    old commits, and the cursor with them. Raises LoadConflict where a load is under way.
    """
    table = commit_state_anew(lake, source, stream)
    if table is None:
        return None
    before = len(table.file_uris())
    table.optimize.compact()
    removed = table.vacuum(
        retention_hours=int(keep_for.total_seconds() // 3600),
        dry_run=False,
        enforce_retention_duration=False,
    )
    newest = DeltaTable(table.table_uri, storage_options=dict(lake.storage_options))
    newest.create_checkpoint()
    newest.cleanup_metadata()
    return MaintenanceResult(
        source=source,
        stream=stream,
        files_before=before,
        files_after=len(newest.file_uris()),
        files_removed=len(removed),
    )
