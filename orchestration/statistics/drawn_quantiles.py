"""Quantiles of waits over clusters that are drawn anew, from as few cells as they take.

The quantile of a draw lies near that of all cases. Those that ended far from it need not be told
apart, for between two censorings it is all one to Aalen and Johansen in which order cases ended.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from orchestration.statistics.arrays import Floats, Ints, distinct
from orchestration.statistics.bootstrap import of_draws
from orchestration.statistics.incidence import CENSORED, incidence, quantiles_of_draws

_STANDARD_ERRORS: Final = 5.0
# So few cases are drawn faster than it is found out which of them need not be told apart.
_FEW: Final = 100


@dataclass(frozen=True)
class Waits:
    """Cases, a row each: how long each waited, and what kind of end that had, CENSORED for none.

    `clusters` numbers each case's cluster from 0.
    """

    durations: Floats
    kinds: Ints
    clusters: Ints

    def at(self, places: Ints) -> "Waits":
        """Those at these places."""
        return Waits(self.durations[places], self.kinds[places], self.clusters[places])


@dataclass(frozen=True)
class Cells:
    """The duration and kind of each cell, the cell of each case, and which quantiles are exact.

    A cell of which many durations are has the last of them.
    """

    durations: Floats
    kinds: Ints
    of_case: Ints
    exact: Floats


def drawn_quantiles(
    waits: Waits, kind: int, shares: Floats, *, draws: int, seed: int
) -> Floats | None:
    """The quantiles of one kind at each of `shares`, a row a draw of clusters with replacement.

    Infinite where a draw does not reach a share. None where there is but one cluster.
    """

    def drawn(cells: Cells) -> Floats | None:
        return of_draws(
            waits.clusters,
            cells.of_case,
            lambda counts: quantiles_of_draws(cells.durations, cells.kinds, counts, kind, shares),
            draws=draws,
            seed=seed,
        )

    if len(waits.durations) > _FEW:
        cells = cells_near(waits, kind, shares, _STANDARD_ERRORS)
        found = drawn(cells)
        if found is None or np.isin(found, cells.exact).all():
            return found
    first, of_case = distinct(waits.durations, waits.kinds)
    durations = waits.durations[first]
    return drawn(Cells(durations, waits.kinds[first], of_case, durations))


def cells_near(waits: Waits, kind: int, shares: Floats, standard_errors: float) -> Cells:
    """Cells that tell cases apart where the share that has ended so is near one of the shares.

    Near is within so many standard errors of it. Elsewhere a cell has all that ended, or were
    censored, one after the other; whatever is drawn of them, quantiles among `exact` come out as if
    each case were a cell.
    """
    order = np.lexsort((waits.kinds == CENSORED, waits.durations))
    durations, kinds = waits.durations[order], waits.kinds[order]
    everyone = np.ones(len(order))
    found = incidence(durations, kinds, everyone, max(kind, int(kinds.max())))
    reached = np.concatenate([[0.0], found.of_kind[kind - 1]])
    before = reached[np.searchsorted(found.times, durations, side="left")]
    after = reached[np.searchsorted(found.times, durations, side="right")]
    # A cluster that ends as one errs as one case does: no variance between them is greater.
    of_cluster = np.unique(waits.clusters, return_counts=True)[1]
    reach = standard_errors * np.sqrt(shares * (1 - shares) * (of_cluster**2).sum()) / len(order)
    lowest, highest = shares - reach, shares + reach
    is_near = ((after[:, None] >= lowest) & (before[:, None] <= highest)).any(axis=1)
    # Whoever waited longer than any of the quantiles only has to be counted.
    is_past = before > highest.max()
    kinds = np.where(is_past, CENSORED, kinds)
    is_censored = kinds == CENSORED
    begins = is_censored[1:] != is_censored[:-1]
    begins |= (is_near[1:] | is_near[:-1]) & (durations[1:] != durations[:-1])
    run = np.concatenate([[0], np.cumsum(begins)])
    first, of_sorted = distinct(run, kinds)
    of_case = np.empty(len(order), dtype=np.int64)
    of_case[order] = of_sorted
    last = durations[np.append(np.nonzero(begins)[0], len(order) - 1)]
    exact = np.unique(durations[is_near])
    if not is_past.any():
        exact = np.append(exact, np.inf)
    return Cells(last[run[first]], kinds[first], of_case, exact)
