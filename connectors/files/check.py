"""A look at a source of files: which are there, how large, and whether the newest can be read."""

from pathlib import Path

from connectors.check import Finding, Level, Report
from connectors.errors import ConnectorError
from connectors.file_source import FilesSource
from connectors.files.connector import FilesStream, files_connector


def check_files(source: FilesSource, base: Path) -> Report:
    """What a first load of a source of files would find; reads the first rows of each stream."""
    findings = [_look(stream) for stream in files_connector(source, base).streams()]
    # How many records files hold only reading them tells.
    return Report(findings, forecasts=[])


def _look(stream: FilesStream) -> Finding:
    try:
        seen = stream.look()
    except ConnectorError as error:
        return Finding(Level.PROBLEM, stream.name, f"{error.where}: {error.what}", error.fix)
    size = f"{seen.bytes / 1000:,.0f} kB"
    files = f"{seen.files:,} files" if seen.files != 1 else "1 file"
    return Finding(Level.OK, stream.name, f"{files}, {size}; the newest is {seen.newest}")
