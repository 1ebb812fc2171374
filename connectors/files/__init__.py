"""The files connector: delimited text, NDJSON and Parquet, in a folder or an object store."""

from connectors.files.connector import FilesConnector, files_connector

__all__ = ["FilesConnector", "files_connector"]
