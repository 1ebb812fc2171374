"""Do both teams mean the same by qualified, beyond the agreement that chance makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.measures.figures import Figure, Settings, table_of
from orchestration.measures.slices import Cell, cells, numbered
from orchestration.statistics.arrays import Bools, Floats, Ints, distinct
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
        """Some of them."""
        return _Cases(*(column[places] for column in vars(self).values()))

    def alike(self) -> tuple["_Cases", Ints]:
        """One of each kind, whosever it is, and the kind of each."""
        first, kind = distinct(self.qualified, self.picked, self.drawn, self.judged, self.by_sales)
        return self.of(first), kind

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
    return table_of(_figures(cases, settings))


def _figures(table: pa.Table, settings: Settings) -> Iterator[Figure]:
    words = ("qualified", "picked", "drawn")
    qualified, picked, drawn = (pc.equal(table["is_what"], word).to_numpy() for word in words)
    said = table["is_qualified_by_sales"]
    everyone = _Cases(
        qualified=qualified,
        picked=picked,
        drawn=drawn,
        judged=pc.is_valid(said).to_numpy(),
        by_sales=pc.fill_null(said, False).to_numpy(),
        clusters=numbered(table["cluster_id"]),
    )
    for cell in cells(table):
        yield _of_cell(cell, everyone.of(cell.places), settings)


def _of_cell(cell: Cell, cases: _Cases, settings: Settings) -> Figure:
    n = cases.n_drawn
    of_kinds, kind = cases.alike()
    value = of_kinds.kappa(np.bincount(kind).astype(np.float64)) if n else None
    found = None
    if value is not None and n >= settings.too_few:
        found = cluster_bootstrap(
            cases.clusters,
            kind,
            of_kinds.kappa,
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
