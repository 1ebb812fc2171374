"""How assets are named, grouped and owned, in one place, so that the parts meet."""

from typing import Final

from dagster import AssetKey, AssetSelection

OWNERS: Final = ["team:revenue_operations"]
"""Who is asked first when an asset is red."""

EXPORTS: Final = AssetKey(["simulated", "exports"])
"""The export files of a simulated company."""

STATISTICS: Final = "statistics"
"""The schema, and so the first part of the key, of what Python reckons between the models."""

PUBLISHED_DUCKDB: Final = AssetKey(["published", "duckdb"])
PUBLISHED_PARQUET: Final = AssetKey(["published", "parquet"])
PUBLISHED_CATALOGUE: Final = AssetKey(["published", "catalogue"])
PUBLISHED_REPORT: Final = AssetKey(["published", "report"])
PUBLISHED_POSTGRES: Final = AssetKey(["published", "postgres"])
PUBLISHED_OBJECT_STORE: Final = AssetKey(["published", "object_store"])
"""Where the company has them."""

PUBLISHED_AS_OF: Final = AssetKey(["rebuilt", "published_as_of"])
"""The published tables as they stood at the end of a day."""

LOADED: Final = AssetSelection.key_prefixes(["raw"], ["simulated"])
"""What a load makes."""

REFRESHED: Final = (
    AssetSelection.groups("bound")
    | AssetSelection.assets(PUBLISHED_CATALOGUE, PUBLISHED_REPORT)
    | AssetSelection.key_prefixes(PUBLISHED_POSTGRES.path, PUBLISHED_OBJECT_STORE.path)
)
"""What is made anew on a night that brought nothing new."""

BUILT: Final = AssetSelection.all() - LOADED - AssetSelection.key_prefixes(PUBLISHED_AS_OF.path[:1])
"""What a build makes."""


def pool_of(source: str) -> str:
    """The pool of those that ask a source."""
    return f"source_{source}"


def raw_key(source: str, stream: str) -> AssetKey:
    """The asset of a stream's raw table."""
    return AssetKey(["raw", source, stream])
