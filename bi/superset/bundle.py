"""The dashboard as Superset imports it, with the address of a company's tables filled in."""

import io
import re
import zipfile
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from orchestration.company import Company

DASHBOARD: Final = Path(__file__).parent / "dashboard"
_DATABASE: Final = "databases/Tandem.yaml"
_SCHEMA: Final = "marts"
_OPTIONS: Final = "access_mode=READ_ONLY&enable_external_access=false"
# A zip holds the time of each file; a fixed one makes equal bundles equal in every byte.
# The driver that requirements/superset.in brings; an address may name another.
_POSTGRES: Final = "postgresql+pg8000"
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def address_of_files(company: Company) -> str:
    """The published DuckDB file as Superset's address of it: read-only, and no other file."""
    return f"duckdb:///{company.published_warehouse.absolute()}?{_OPTIONS}"


def bundle(address: str, schema: str = _SCHEMA) -> bytes:
    """The files of the dashboard as a zip, on the tables in `schema` at a database's `address`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(DASHBOARD.rglob("*.yaml")):
            name = path.relative_to(DASHBOARD).as_posix()
            text = path.read_text(encoding="utf-8")
            if name == _DATABASE:
                text = _at(text, address)
            elif name.startswith("datasets/"):
                text = _in_schema(text, schema)
            archive.writestr(zipfile.ZipInfo(f"tandem/{name}", _NO_TIME), text)
    return packed.getvalue()


def _at(database: str, address: str) -> str:
    yaml = YAML(typ="safe")
    settings = yaml.load(database)
    settings["sqlalchemy_uri"] = re.sub(r"^postgres(ql)?://", f"{_POSTGRES}://", address)
    written = io.StringIO()
    yaml.dump(settings, written)
    return written.getvalue()


def _in_schema(dataset: str, schema: str) -> str:
    return dataset.replace(f"schema: {_SCHEMA}\n", f"schema: {schema}\n").replace(
        f" {_SCHEMA}.", f" {schema}."
    )
