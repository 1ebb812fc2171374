"""What a published version says of its own tables, for whoever copies it elsewhere."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from orchestration.publish.catalogue import Relation

_FILE: Final = "relations.json"


def write_relations(folder: Path, relations: Iterable[Relation]) -> None:
    """Write what the tables of the version in this folder are."""
    told = [{**asdict(r), "not_null": sorted(r.not_null), "built_at": _at(r)} for r in relations]
    (folder / _FILE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read_relations(folder: Path) -> list[Relation] | None:
    """What its tables are; None where it does not say so, since an older Tandem made it."""
    try:
        told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return [_relation(entry) for entry in told]


def _relation(told: dict[str, Any]) -> Relation:
    at = told["built_at"]
    return Relation(
        **{
            **told,
            "key": tuple(told["key"]),
            "unique": tuple(tuple(columns) for columns in told["unique"]),
            "not_null": frozenset(told["not_null"]),
            "built_at": datetime.fromisoformat(at) if at else None,
        }
    )


def _at(relation: Relation) -> str | None:
    return relation.built_at.isoformat() if relation.built_at else None
