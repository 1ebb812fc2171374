"""What a model or test is made of, as one short text: its code and that of all it stands on."""

import json
from typing import Final

from orchestration.warehouse.dbt_project import PROJECT, DbtProject
from orchestration.warehouse.fingerprint import digest, digest_of_files

_SETTINGS: Final = ("dbt_project.yml", "profiles.yml")
_OWN_PARTS: Final = ("raw_code", "language")


def recipes(project: DbtProject) -> dict[str, str]:
    """A recipe for every model, test and statistic, by dbt's id.

    On one binding, two builds of a model by one recipe make the same table. A recipe changes with
    the node's own code and configuration, the macros that it calls, the models below it, and the
    project's settings.
    """
    maker = _Maker(project)
    made = (*project.models, *project.tests, *project.statistics)
    return {unique_id: maker.recipe(unique_id) for unique_id in made}


class _Maker:
    """Recipes of one project, each made once."""

    def __init__(self, project: DbtProject) -> None:
        manifest = project.manifest
        self._project = project
        self._macros = manifest["macros"]
        self._nodes = manifest["nodes"]
        self._settings = digest_of_files([PROJECT / name for name in _SETTINGS], PROJECT)
        self._made: dict[str, str] = {}

    def recipe(self, unique_id: str) -> str:
        if unique_id not in self._made:
            self._made[unique_id] = self._make(unique_id)
        return self._made[unique_id]

    def _make(self, unique_id: str) -> str:
        node = self._nodes.get(unique_id)
        if unique_id in self._project.statistics:
            # Its Python is in the fingerprint of what is bound.
            below = [self.recipe(model) for model in self._project.reads_of(unique_id)]
            return digest(json.dumps([unique_id, below]))
        if node is None:
            # A source: what it holds is the binding's matter.
            return unique_id
        config = {k: v for k, v in (node.get("config") or {}).items() if k not in {"meta", "docs"}}
        macros: set[str] = set()
        for macro in node["depends_on"].get("macros", []):
            self._add_macro(macro, macros)
        columns = {
            name: column.get("data_type") for name, column in node.get("columns", {}).items()
        }
        parts = {
            "own": {name: node.get(name) for name in _OWN_PARTS},
            "config": config,
            "columns": columns,
            "macros": {name: self._macros[name]["macro_sql"] for name in sorted(macros)},
            "below": [self.recipe(below) for below in sorted(node["depends_on"]["nodes"])],
            "settings": self._settings,
        }
        return digest(json.dumps(parts, sort_keys=True, default=str))

    def _add_macro(self, unique_id: str, found: set[str]) -> None:
        if unique_id in found or unique_id not in self._macros:
            return
        found.add(unique_id)
        for below in self._macros[unique_id]["depends_on"]["macros"]:
            self._add_macro(below, found)
