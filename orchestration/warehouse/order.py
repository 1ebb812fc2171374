"""In which order models, statistics and tests are made: the same in nights and in rebuilds."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.warehouse.dbt_project import DbtProject


@dataclass(frozen=True)
class Order:
    """By dbt's id: after how many waves each model, statistic and test comes, and where tests are.

    A wave is a run of dbt, and the statistics that are made of what it left. `last_models` is for
    each test the model that is built last of those that it reads: until then it can't be run.
    """

    waves: Mapping[str, int]
    last_models: Mapping[str, str]


def order_of(project: DbtProject) -> Order:
    """The order of all that the project makes."""
    waves: dict[str, int] = {}
    below: dict[str, frozenset[str]] = {}

    def wave_after(read: list[str]) -> int:
        return max((waves[i] + (i in project.statistics) for i in read), default=0)

    def place(unique_id: str) -> None:
        if unique_id in waves:
            return
        read = _read(project, unique_id)
        for other in read:
            place(other)
        waves[unique_id] = wave_after(read)
        below[unique_id] = frozenset(read).union(*(below[other] for other in read))

    for unique_id in (*project.models, *project.statistics):
        place(unique_id)
    last: dict[str, str] = {}
    for unique_id in project.tests:
        read = _read(project, unique_id)
        models = [i for i in read if i in project.models]
        if models:
            last[unique_id] = max(models, key=lambda i: (waves[i], len(below[i]), i))
        waves[unique_id] = wave_after(read)
    return Order(waves, last)


def _read(project: DbtProject, unique_id: str) -> list[str]:
    """The models and statistics that a model, statistic or test is made of."""
    if unique_id in project.statistics:
        return project.reads_of(unique_id)
    node = project.node(unique_id)
    named = node["depends_on"]["nodes"] if node else []
    return [i for i in named if i in project.models or i in project.statistics]
