"""How often the intervals of joint_nurture_effect hold the truth of simulated companies.

`python -m tests.measures.calibration` prints the table of docs/joint_nurture.md.
"""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter

from connectors.sandbox.deals import LARGE_FROM
from connectors.sandbox.parameters import Parameters
from orchestration.measures.figures import Settings
from orchestration.measures.joint_nurture_effect import joint_nurture_effect
from tests.dbt_project.compiled import CompiledProject, compile_project
from tests.measures.simulated_deals import lives_of_deals

LANDMARK: Final = 30
HORIZON: Final = 180
PROSPECTS: Final = 4_000
_POPULATION: Final = 300_000
_ADJUSTED: Final = ("hazard_ratio", "landmark_hazard_ratio", "landmark_share_difference",
                    "landmark_days_difference")  # fmt: skip
_NAIVE: Final = ("naive_hazard_ratio", "naive_share_ratio")

Truths = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Line:
    """One estimand over all companies."""

    effect: str
    ending: str
    estimand: str
    truth: float | None
    mean: float
    told: int
    covers: float | None
    finds: float | None
    """How often the interval leaves out no effect."""


def _company(on_won: float, on_lost: float, prospects: int, seed: int) -> Parameters:
    return Parameters(
        prospects=prospects, seed=seed, nurture_on_won=on_won, nurture_on_lost=on_lost
    )


def calibrate(
    project: CompiledProject, on_won: float, on_lost: float, seeds: range
) -> Iterator[Line]:
    """Every estimand at one landmark, over a company per seed, against the truth."""
    truths = {
        ("won", "hazard_ratio"): on_won,
        ("lost", "hazard_ratio"): on_lost,
        **_true_at_landmark(project, on_won, on_lost),
    }
    found = pd.concat(
        [_effects(project, _company(on_won, on_lost, PROSPECTS, seed)) for seed in seeds]
    )
    name = "none" if on_won == on_lost == 1 else f"won × {on_won}, lost × {on_lost}"
    for ending in ("won", "lost"):
        for estimand in (*_ADJUSTED, *_NAIVE):
            rows = found[(found.ending == ending) & (found.estimand == estimand)]
            yield _line(name, ending, estimand, truths.get((ending, estimand)), rows)


def _effects(project: CompiledProject, parameters: Parameters) -> pd.DataFrame:
    settings = Settings(0.95, 20, landmarks=(LANDMARK,), nurture_horizon_days=HORIZON)
    effects = joint_nurture_effect(*lives_of_deals(project, parameters), settings).to_pandas()
    return effects[(effects.segment == "all") & effects.value.notna()]


def _line(effect: str, ending: str, estimand: str, truth: float | None, rows: pd.DataFrame) -> Line:
    is_ratio = estimand.endswith("ratio")
    nothing = 1.0 if is_ratio else 0.0
    values = rows.value.to_numpy()
    mean = float(np.exp(np.log(values[values > 0]).mean())) if is_ratio else float(values.mean())
    bounded = rows[rows.low.notna()]

    def share_around(value: float) -> float:
        return float(((bounded.low <= value) & (value <= bounded.high)).mean())

    return Line(
        effect,
        ending,
        estimand,
        truth,
        mean,
        len(bounded),
        None if truth is None or bounded.empty else share_around(truth),
        None if bounded.empty else 1 - share_around(nothing),
    )


def _true_at_landmark(project: CompiledProject, on_won: float, on_lost: float) -> Truths:
    """Of a population far larger than any company, within what really confounds.

    The differences are those within each segment and size, weighted by how many deals it has.
    """
    deals, spells = (
        table.to_pandas()
        for table in lives_of_deals(project, _company(on_won, on_lost, _POPULATION, 1_000))
    )
    there = spells[(spells.from_day <= LANDMARK) & (spells.to_day >= LANDMARK)]
    cases = deals.merge(there[["deal_id", "is_joint"]], on="deal_id")
    cases = cases[cases.last_day > LANDMARK]
    cases["time"] = cases.last_day - LANDMARK
    cases["large"] = (cases.amount.astype(float) >= LARGE_FROM).astype(float)
    truths = {}
    for ending in ("won", "lost"):
        kinds = cases.ended_as.map({"open": 0, ending: 1}).fillna(2).astype(int)
        share, days = _standardised(cases.assign(kind=kinds))
        truths[ending, "landmark_share_difference"] = share
        truths[ending, "landmark_days_difference"] = days
        frame = cases[["time", "is_joint", "large"]].assign(
            event=kinds == 1,
            smb=cases.segment == "smb",
            enterprise=cases.segment == "enterprise",
        )
        fit = CoxPHFitter().fit(frame.astype(float), "time", "event")
        truths[ending, "landmark_hazard_ratio"] = math.exp(fit.params_["is_joint"])
    return truths


def _standardised(cases: pd.DataFrame) -> tuple[float, float]:
    share = days = 0.0
    for _, stratum in cases.groupby(["segment", "large"]):
        curves = [_incidence(stratum[stratum.is_joint == joint]) for joint in (True, False)]
        weight = len(stratum) / len(cases)
        share += weight * (curves[0][-1] - curves[1][-1])
        days += weight * float((curves[0][:-1] - curves[1][:-1]).sum())
    return share, days


def _incidence(cases: pd.DataFrame) -> np.ndarray:
    """The share that came to that end after each day up to the horizon, day 0 first."""
    times = cases.time.to_numpy()
    kinds = cases.kind.to_numpy()
    days = np.arange(HORIZON + 1)
    at_risk = (times[:, None] >= days).sum(axis=0)
    ended = np.bincount(times[kinds > 0], minlength=HORIZON + 1)[: HORIZON + 1]
    asked = np.bincount(times[kinds == 1], minlength=HORIZON + 1)[: HORIZON + 1]
    waiting = np.concatenate([[1.0], np.cumprod(1 - ended / at_risk)[:-1]])
    return np.cumsum(waiting * asked / at_risk)


def table(lines: list[Line]) -> list[str]:
    """The lines of a table in Markdown."""
    heads = ("true effect", "ending", "estimand", "truth", "mean", "told", "holds it", "finds one")
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for line in lines:
        cells = (
            line.effect,
            line.ending,
            f"`{line.estimand}`",
            _figure(line.truth),
            _figure(line.mean),
            str(line.told),
            _percent(line.covers),
            _percent(line.finds),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def main() -> None:
    """Print the table."""
    project = compile_project(Path(tempfile.mkdtemp()))
    truth = Parameters()
    lines = [
        *calibrate(project, truth.nurture_on_won, truth.nurture_on_lost, range(1, 101)),
        *calibrate(project, 1.0, 1.0, range(1, 101)),
    ]
    print(*table(lines), sep="\n")


if __name__ == "__main__":
    main()
