"""Which models a night makes of what changed, and in what order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.sql import identifier

_RECORDS: Final = "records"
_PIECES: Final = "pieces"
_CONTEXT: Final = "context"


@dataclass(frozen=True)
class Model:
    """A model: its id, its relation, its columns, and by which of them its rows are told apart."""

    unique_id: str
    name: str
    schema: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Its columns, as SQL."""
        return ", ".join(identifier(column) for column in self.columns)


@dataclass(frozen=True)
class Steps:
    """What a night makes, each after what it reads.

    `of_lake` leads from the lake to the tables by records. `context` leads to what is made of all
    records and read by all pieces; `shared` are the ids of what they read. `of_records` leads from
    both to the tables by pieces. What is made on the way and is neither by records nor
    by pieces is made in full later on.
    """

    of_lake: tuple[Model, ...]
    context: tuple[Model, ...]
    of_records: tuple[Model, ...]
    shared: frozenset[str]
    records: tuple[Model, ...]
    pieces: tuple[Model, ...]

    @property
    def kept(self) -> tuple[Model, ...]:
        """The tables whose rows are put in the place of what was there."""
        return (*self.records, *self.pieces)

    @property
    def made(self) -> frozenset[str]:
        """The ids of all models whose queries a night needs."""
        return frozenset(m.unique_id for m in (*self.of_lake, *self.context, *self.of_records))


def steps_of(project: DbtProject) -> Steps:
    """The steps that the models' own yml tells, as `meta: {night: records, pieces or context}`.

    A row of a model by records or by pieces is told apart by the yml's `key`, else by what its
    tests say is unique.
    """
    kinds = {i: _meta(node).get("night") for i, node in project.models.items()}
    records, pieces, context = (
        frozenset(i for i, kind in kinds.items() if kind == of)
        for of in (_RECORDS, _PIECES, _CONTEXT)
    )
    of_lake = _leading_to(project, records, frozenset())
    of_records = _leading_to(project, pieces, records | context)
    read = {other for i in of_records for other in _reads(project, i)}
    order = _in_order(project)

    def models(ids: frozenset[str]) -> tuple[Model, ...]:
        return tuple(_model(project, i) for i in order if i in ids)

    return Steps(
        of_lake=models(of_lake),
        context=models(_leading_to(project, context, records) - of_lake),
        of_records=models(of_records),
        shared=context & read,
        records=models(records),
        pieces=models(pieces),
    )


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node["config"].get("meta") or {}


def _in_order(project: DbtProject) -> list[str]:
    placed: dict[str, None] = {}

    def place(unique_id: str) -> None:
        if unique_id not in placed:
            for other in _reads(project, unique_id):
                place(other)
            placed[unique_id] = None

    for unique_id in project.models:
        place(unique_id)
    return list(placed)


def _leading_to(project: DbtProject, ends: frozenset[str], given: frozenset[str]) -> frozenset[str]:
    """These models and all that they are made of, down to what is given."""
    found: set[str] = set()

    def add(unique_id: str) -> None:
        if unique_id not in found and unique_id not in given:
            found.add(unique_id)
            for other in _reads(project, unique_id):
                add(other)

    for unique_id in ends:
        add(unique_id)
    return frozenset(found)


def _reads(project: DbtProject, unique_id: str) -> Sequence[str]:
    named = project.models[unique_id]["depends_on"]["nodes"]
    return [i for i in named if i in project.models]


def _model(project: DbtProject, unique_id: str) -> Model:
    node = project.models[unique_id]
    key = tuple(_meta(node).get("key", ())) or _unique_by(project, unique_id)
    return Model(unique_id, node["name"], node["schema"], tuple(node["columns"]), key)


def _unique_by(project: DbtProject, unique_id: str) -> tuple[str, ...]:
    for test in project.tests.values():
        metadata = test.get("test_metadata")
        if metadata is None or test.get("attached_node") != unique_id:
            continue
        if metadata["name"] == "unique":
            return (metadata["kwargs"]["column_name"],)
        if metadata["name"] == "unique_combination":
            return tuple(metadata["kwargs"]["columns"])
    return ()
