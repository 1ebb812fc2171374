"""Do both teams mean the same by qualified, beyond the agreement that chance makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.arrays import Bools, Floats, Ints
from orchestration.statistics.bootstrap import cluster_bootstrap
from orchestration.statistics.kappa import cells as counted_cells
from orchestration.statistics.kappa import kappa

METRIC: Final = "definition_agreement.kappa"
_DRAWS: Final = 200


@dataclass(frozen=True)
class _Cases:
    """Journeys, a row each: what marketing did with each, and what sales said if it judged it.

    `picked` are those that sales qualified without marketing; what neither team has qualified is in
    the sample (`drawn`) or stands for nothing yet (neither of the three).
    """

    qualified: Bools
    picked: Bools
    drawn: Bools
    judged: Bools
    by_sales: Bools
    clusters: Ints

    def of(self, places: Ints) -> "_Cases":
        """Some of them, their accounts numbered anew."""
        clusters = np.unique(self.clusters[places], return_inverse=True)[1].astype(np.int64)
        return _Cases(
            self.qualified[places],
            self.picked[places],
            self.drawn[places],
            self.judged[places],
            self.by_sales[places],
            clusters,
        )

    @property
    def n_drawn(self) -> int:
        """How many of the sample were judged."""
        return int((self.drawn & self.judged).sum())

    def kappa(self, weights: Floats) -> float | None:
        """Kappa where each case counts so often; each that was judged stands for its like.

        Those that marketing qualified and sales judged stand for all that marketing qualified,
        those of the sample that sales judged for all that neither team had picked: each weighs one
        over the share that was judged (Horvitz and Thompson 1952, by the observed share).
        """
        unpicked = ~self.qualified & ~self.picked
        standing = np.where(self.picked, weights, 0.0)
        for like in (self.qualified, unpicked):
            judged = like & self.judged
            of_judged = weights[judged].sum()
            if of_judged > 0:
                standing[judged] = weights[judged] * weights[like].sum() / of_judged
            elif weights[like].sum() > 0:
                return None
        told = self.picked | self.judged
        return kappa(counted_cells(self.qualified[told], self.by_sales[told], standing[told]))


def definition_kappa(cases: pa.Table, settings: Settings) -> pa.Table:
    """Kappa of `int_definition_case` in each cell, of the journeys that became leads in its month.

    `n` is the number of sampled journeys that sales judged; without any the status is 'not
    identifiable', and 'not estimable' where the teams say one and the same of all. The interval is
    over accounts drawn anew; there is none below `too_few`.
    """
    return table_of(_figures(cases.sort_by("journey_id"), settings))


def _figures(table: pa.Table, settings: Settings) -> Iterator[Figure]:
    is_what = np.array(table["is_what"].to_pylist(), dtype=object)
    said = np.array(table["is_qualified_by_sales"].to_pylist(), dtype=object)
    everyone = _Cases(
        qualified=is_what == "qualified",
        picked=is_what == "picked",
        drawn=is_what == "drawn",
        judged=np.array([one is not None for one in said], dtype=bool),
        by_sales=np.array([one is True for one in said], dtype=bool),
        clusters=numbered(table["cluster_id"]),
    )
    for cell in cells(table):
        yield _of_cell(cell, everyone.of(cell.places), settings)


def _of_cell(cell: Cell, cases: _Cases, settings: Settings) -> Figure:
    n = cases.n_drawn
    value = cases.kappa(np.ones(len(cases.judged))) if n else None
    found = None
    if value is not None and n >= settings.too_few:
        found = cluster_bootstrap(
            cases.clusters,
            cases.kappa,
            draws=_DRAWS,
            confidence=settings.confidence_level,
            seed=cell.seed(METRIC),
        )
    reason = None if value is not None else ("not estimable" if n else "not identifiable")
    return Figure(
        metric=METRIC,
        cell=cell,
        n=n,
        value=value,
        low=found.interval.low if found else None,
        high=found.interval.high if found else None,
        status=reason,
    )
