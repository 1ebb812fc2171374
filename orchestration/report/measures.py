"""What each measure of the scorecard is called, and what it means, in the definitions' words."""

from dataclasses import dataclass
from typing import Final

from orchestration.report import words

REASONS: Final = "rejection_mix"
"""The measure whose sub-figures are the reasons for which handoffs come back."""


@dataclass(frozen=True)
class Meaning:
    """A measure in words. `unit` is share, hours, days, points or plain."""

    label: str
    definition: str
    unit: str = "share"
    team: str | None = None


MEANINGS: Final = {
    "acceptance_rate": Meaning(
        "Handoffs that sales accepted",
        "Accepted ÷ (accepted + rejected + ignored). Ignored: undecided past the decision window. "
        "Handoffs, not leads; those still pending are not in it.",
        team="sales",
    ),
    "acceptance_rate.pending": Meaning(
        "Handoffs still pending",
        "Handoffs of the month that are not decided and may still move the acceptance, ÷ all.",
        team="sales",
    ),
    "sla_attainment": Meaning(
        "Handoffs answered as promised",
        "Of handoffs whose answer and attempt windows are both over: first attempt in time, and "
        "enough attempts, a two-way contact or a reasoned rejection within the window.",
        team="sales",
    ),
    "response_time": Meaning(
        "Hours to sales’ first attempt",
        "Median business hours from the handoff to the first attempt, those who still wait counted "
        "as waiting, those decided without an attempt as never answered.",
        unit="hours",
        team="sales",
    ),
    "recycle_rate": Meaning(
        "Handoffs sent back to marketing",
        "Recycled ÷ handoffs of the month.",
        team="marketing",
    ),
    "definition_agreement": Meaning(
        "Both teams called it qualified",
        "Journeys that both teams called qualified ÷ those that either did and sales decided on.",
    ),
    "definition_agreement.marketing_only": Meaning(
        "Marketing alone called it qualified",
        "Journeys that marketing called qualified and sales did not ÷ those that either did.",
        team="marketing",
    ),
    "definition_agreement.sales_only": Meaning(
        "Sales alone called it qualified",
        "Journeys that sales called qualified and marketing never had ÷ those that either did.",
        team="sales",
    ),
    "definition_agreement.precision": Meaning(
        "Of marketing’s qualified, sales’ too",
        "Sales-qualified among the MQLs that sales has decided on.",
        team="marketing",
    ),
    "definition_agreement.recall": Meaning(
        "Of sales’ qualified, marketing’s before",
        "Those with an observed mql before, among the sales-qualified.",
        team="sales",
    ),
    "joint_nurture_coverage": Meaning(
        "Weeks of open deals touched by both",
        "Over open-deal weeks that end at least the nurture window after the opportunity: those "
        "with a touch of marketing and one of sales in the trailing window.",
    ),
    "joint_nurture_coverage.longest_silence_marketing": Meaning(
        "Marketing’s longest silence on a deal",
        "Median over deals of the most days for which marketing touched the open deal not at all.",
        unit="days",
        team="marketing",
    ),
    "joint_nurture_coverage.longest_silence_sales": Meaning(
        "Sales’ longest silence on a deal",
        "Median over deals of the most days for which sales touched the open deal not at all.",
        unit="days",
        team="sales",
    ),
    "role_separation": Meaning(
        "Journeys with each team’s work by its own people",
        "Journeys whose marketing and sales work was done by different people ÷ those on which "
        "known people of both worked, by each user’s team on that day.",
    ),
    "segment_alignment": Meaning(
        "Wins spread over segments as MQLs are",
        "1 − Jensen-Shannon divergence (base 2), less what chance alone makes: 1 is alike.",
        unit="plain",
    ),
    "sourced.recorded": Meaning(
        "Brought by marketing: recorded lead source",
        "Deals whose recorded lead source is marketing’s ÷ deals of which it tells.",
        team="marketing",
    ),
    "sourced.first_touch": Meaning(
        "Brought by marketing: first touch",
        "Deals whose first touch was marketing’s ÷ deals of which it tells.",
        team="marketing",
    ),
    "sourced.before_sales": Meaning(
        "Brought by marketing: a touch before sales’ first activity",
        "Deals with a marketing touch before sales’ first activity ÷ deals of which it tells.",
        team="marketing",
    ),
    "sourced.disagreement": Meaning(
        "Deals on which the three disagree",
        "Deals on which the definitions differ ÷ deals of which at least two tell.",
    ),
    "influenced": Meaning(
        "Influenced by marketing",
        "Deals with a marketing touch within the window before they became opportunities ÷ all.",
        team="marketing",
    ),
    "alignment_score": Meaning(
        "Alignment score",
        "0 to 100: the agreed weights over the components with data. Only months of the same "
        "components compare.",
        unit="points",
    ),
}


def meaning(metric: str) -> Meaning:
    """What a measure means; one that is not known here goes by its own name."""
    if metric in MEANINGS:
        return MEANINGS[metric]
    parent, _, rest = metric.partition(".")
    if parent == REASONS:
        return Meaning(words.spoken(rest), "Share of this reason among what came back.")
    if parent in MEANINGS:
        whole = MEANINGS[parent]
        return Meaning(f"{whole.label}: {words.spoken(rest)}", whole.definition, whole.unit)
    return Meaning(words.spoken(metric), "", unit="plain")


def told(value: float | None, unit: str) -> str:
    """A measure's value in its unit."""
    if value is None:
        return words.NO_DATA
    match unit:
        case "share":
            return words.share(value)
        case "hours":
            return f"{words.number(value)}\N{NO-BREAK SPACE}h"
        case "days":
            return words.days(value, 1)
        case "points":
            return words.number(value, 0)
        case _:
            return words.number(value, 2)
