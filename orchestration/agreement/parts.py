"""The parts of the agreement: promises, targets, teams, segments, windows and weights."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import isclose
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from connectors.faults import Faults, Part, Place, fault, matching
from connectors.source_parts import parse_share
from orchestration.agreement.channels import as_looked_up
from orchestration.agreement.hours import BusinessDays, BusinessDuration, BusinessSpan
from orchestration.agreement.ladder import Means, Stage, Team, Word
from orchestration.agreement.phone_regions import is_phone_region

SegmentField = Literal[
    "account.employees",
    "account.industry",
    "account.country",
    "person.country",
    "person.lead_source",
]
Metric = Literal[
    "acceptance_rate",
    "sla_attainment",
    "commitment_attainment",
    "recycle_rate",
    "definition_agreement",
    "joint_nurture_coverage",
    "segment_alignment",
    "now_vs_road_ahead",
    "role_separation",
]
METRICS: Final[tuple[str, ...]] = get_args(Metric)
"""The metrics that a team can commit to a level of, and that can weigh in the score."""
LESS_IS_BETTER: Final[frozenset[str]] = frozenset({"recycle_rate"})
"""Those of which less is better: a promise of them is a ceiling, and zero earns everything."""

AMOUNTS: Final = ("pipeline_amount", "won_amount")
"""Volumes of money that a team can commit to, of deals that are opened or won."""


class SignedBy(Part):
    """Who signed for each team."""

    marketing: str
    sales: str


class Attempts(Part):
    """How often sales tries to reach a prospect, and within how many business days."""

    at_least: int = Field(default=3, ge=1)
    within: BusinessDays = 5


class Handoff(Part):
    """What sales promises for each prospect that marketing hands over."""

    answer_within: BusinessSpan = BusinessDuration(minutes=240)
    attempts: Attempts = Attempts()
    decide_within: BusinessDays = 10


Level = Annotated[float, BeforeValidator(parse_share), Field(ge=0)]
"""The level of a metric: a share, but of now_vs_road_ahead, a coverage that may be above one."""


class Commitment(Part):
    """A volume a month or a level that one team promised, from a day on.

    A volume is of entries to a stage, or of money in the reporting currency.
    """

    team: Team
    metric: str
    segment: str | None = None
    per_month: float | None = Field(default=None, gt=0)
    at_least: Level | None = None
    at_most: Level | None = None
    from_day: date = Field(alias="from")
    to_day: date | None = Field(default=None, alias="to")


class Target(Part):
    """The amount to be won in a span of days, both ends included, in the reporting currency."""

    won_amount: float = Field(gt=0)
    segment: str | None = None
    from_day: date = Field(alias="from")
    to_day: date = Field(alias="to")


class Teams(Part):
    """Which words of which system say that a user is of a team."""

    marketing: Means = Field(default_factory=dict)
    sales: Means = Field(default_factory=dict)


class LeadSources(Part):
    """Which recorded lead sources say that a team brought the deal.

    The name of one of the agreement's channels stands for the channel's words too.
    """

    marketing: tuple[Word, ...] = ()
    sales: tuple[Word, ...] = ()

    def by_team(self) -> tuple[tuple[Team, tuple[str, ...]], ...]:
        """Each team with its words as they are written."""
        return ("marketing", self.marketing), ("sales", self.sales)

    def words(self, channels: Mapping[str, Sequence[str]]) -> dict[str, Team]:
        """The team of each word as it is looked up: in lower case, without blanks around it."""
        teams = {as_looked_up(word): team for team, words in self.by_team() for word in words}
        meant = dict(teams)
        for channel, words in channels.items():
            team = teams.get(as_looked_up(channel))
            if team is not None:
                for word in words:
                    meant.setdefault(as_looked_up(word), team)
        return meant


class Segments(Part):
    """What prospects are cut by: a field's own words, or cuts of a number of employees."""

    by: SegmentField
    cuts: dict[str, tuple[int, int | None]] = Field(default_factory=dict)


class Nurture(Part):
    """How recent a touch of both teams must be to count as working together.

    Whether that pays is asked of the trailing days: of work that lies at least `lag_days` back, so
    that signing does not explain itself, with other lags beside it; and of the deals still open
    at each landmark, as days after they became opportunities, followed up to the horizon.
    """

    window_days: int = Field(default=30, ge=1)
    lag_days: int = Field(default=7, ge=0)
    other_lags: tuple[Annotated[int, Field(ge=0)], ...] = (0, 14, 21)
    landmarks: tuple[Annotated[int, Field(ge=0)], ...] = (14, 30, 60)
    horizon_days: int = Field(default=180, ge=1)
    trailing_days: int = Field(default=365, ge=1)


class Touches(Part):
    """How near in time two systems' records of a touch must be to be of one touch."""

    same_within_minutes: int = Field(default=5, ge=0)


WeightOf = Annotated[float, BeforeValidator(parse_share), Field(ge=0, le=1)]
FirstWeight = Annotated[float, BeforeValidator(parse_share), Field(gt=0, le=1)]


class PositionWeights(Part):
    """What each place on a path earns, as shares of one conversion; a path always has a first."""

    @model_validator(mode="after")
    def _whole(self) -> "PositionWeights":
        total = sum(weight for _, weight in self.by_role())
        if not isclose(total, 1):
            raise fault("weights that add up to 100 %")
        return self

    def by_role(self) -> Sequence[tuple[str, float]]:
        """Each role of a touch with its weight."""
        return [(role, weight) for role, weight in self if weight > 0]


class UWeights(PositionWeights):
    """The first touch, the last, and what all between them share."""

    first: FirstWeight = 0.4
    last: WeightOf = 0.4
    middle: WeightOf = 0.2


class WWeights(PositionWeights):
    """The first touch, those that led to a lead and to an opportunity, and all the others."""

    first: FirstWeight = 0.3
    lead: WeightOf = 0.3
    opportunity: WeightOf = 0.3
    middle: WeightOf = 0.1


class FullPathWeights(PositionWeights):
    """As the W, and the last touch before the deal was won."""

    first: FirstWeight = 0.225
    lead: WeightOf = 0.225
    opportunity: WeightOf = 0.225
    last: WeightOf = 0.225
    middle: WeightOf = 0.1


class Attribution(Part):
    """How far back a touch may earn, how fast older ones fade, and what each place earns.

    `direct_channels` are those that nobody brought: `last_non_direct` passes them over. Marketing's
    touches alone earn, or both teams' where `both_teams` says so.
    """

    window_days: int = Field(default=180, ge=1)
    both_teams: bool = False
    half_life_days: float = Field(default=30, gt=0)
    direct_channels: tuple[str, ...] = ("direct", "direct_traffic")
    position_u: UWeights = UWeights()
    position_w: WWeights = WWeights()
    full_path: FullPathWeights = FullPathWeights()


class Suggest(Part):
    """How probable it must be that two prospects are one person, so that a person looks at them."""

    at_least: Annotated[float, BeforeValidator(parse_share), Field(gt=0, lt=1)] = 0.9


def _is_known(region: str) -> str:
    if not is_phone_region(region):
        raise fault("a country with telephone numbers, in two letters, such as DE")
    return region


PhoneCountry = Annotated[str, StringConstraints(to_upper=True), AfterValidator(_is_known)]
"""The country in which numbers without a country code are dialled."""


class Identity(Part):
    """When two records are one person. `suggest` only lists who may be: it joins nobody."""

    max_group_size: int = Field(default=25, ge=2)
    phone: bool = False
    phone_country: PhoneCountry | None = None
    suggest: Suggest | None = None
    free_mail_domains: tuple[
        Annotated[
            str,
            StringConstraints(to_lower=True),
            matching(r"[^\s@]+\.[^\s@]+", "the part after the @, such as example.org"),
        ],
        ...,
    ] = ()


class Scale(Part):
    """Which value of a metric earns nothing in the score, and which earns everything."""

    floor: Annotated[float, BeforeValidator(parse_share)] = 0
    target: Annotated[float, BeforeValidator(parse_share)] = 1


class Score(Part):
    """How much each metric weighs in the alignment score."""

    weights: dict[Metric, Annotated[float, Field(ge=0)]] = Field(
        default={
            "acceptance_rate": 2,
            "sla_attainment": 2,
            "joint_nurture_coverage": 3,
            "segment_alignment": 1,
        }
    )
    scales: dict[Metric, Scale] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_reckoned(self) -> "Score":
        faults = Faults()
        if not any(self.weights.values()):
            faults.add(("weights",), self.weights, "at least one weight above zero")
        for metric, scale in self.scales.items():
            if metric in LESS_IS_BETTER and not scale.target < scale.floor:
                expected = "a target below the floor, since less of it is better"
                faults.add(("scales", metric), scale.target, expected)
            if metric not in LESS_IS_BETTER and not scale.target > scale.floor:
                expected = "a target above the floor, since more of it is better"
                faults.add(("scales", metric), scale.target, expected)
        faults.raise_if_any()
        return self

    def scale_of(self, metric: Metric) -> Scale:
        """The agreed scale of a metric; without one, all of it against nothing of it."""
        whole = Scale(floor=1, target=0) if metric in LESS_IS_BETTER else Scale()
        return self.scales.get(metric, whole)


def check_lead_sources(lead_sources: LeadSources, faults: Faults) -> None:
    """Find lead sources that stand twice, for one team or for both."""
    taken: dict[str, Team] = {}
    for team, words in lead_sources.by_team():
        for position, word in enumerate(words):
            other = taken.get(as_looked_up(word))
            if other is not None:
                place = ("lead_sources", team, position)
                faults.add(place, word, f"each lead source once: it is already {other}'s")
            taken[as_looked_up(word)] = team


def check_segments(segments: Segments | None, faults: Faults) -> None:
    """Find cuts that are missing, overlap, leave a gap or run backwards."""
    if segments is None:
        return
    is_number = segments.by == "account.employees"
    if is_number != bool(segments.cuts):
        expected = "cuts such as {small: [0, 200], large: [200, null]}"
        message = expected if is_number else f"no cuts: {segments.by} is cut by its own words"
        faults.add(("segments", "cuts"), segments.cuts, message)
        return
    edge: int | None = None
    for position, (name, (low, high)) in enumerate(segments.cuts.items()):
        place = ("segments", "cuts", name)
        if position and low != edge:
            expected = "nothing after a cut without an end" if edge is None else str(edge)
            faults.add((*place, 0), low, f"a cut that starts where the one before ends: {expected}")
        if high is not None and high <= low:
            faults.add((*place, 1), high, f"an end above {low}, or null for no end")
        edge = high


def _check_segment(
    name: str | None, segments: Segments | None, place: Place, faults: Faults
) -> None:
    if name is None:
        return
    if segments is None:
        faults.add(place, name, "no segment: the agreement has no `segments`")
    elif segments.cuts and name not in segments.cuts:
        faults.add(place, name, f"one of the segments {', '.join(segments.cuts)}")


def _check_level(commitment: Commitment, place: Place, faults: Faults) -> None:
    """Find a level of what is no metric, or one that reads the wrong way round."""
    said = "at_most" if commitment.at_least is None else "at_least"
    fits = "at_most" if commitment.metric in LESS_IS_BETTER else "at_least"
    if commitment.metric not in METRICS:
        expected = f"a metric, since it is `{said}`: {', '.join(METRICS)}"
        faults.add((*place, "metric"), commitment.metric, expected)
    elif (commitment.at_least or 0) > 1 and commitment.metric != "now_vs_road_ahead":
        faults.add((*place, said), commitment.at_least, "a share: 1 or less, or 100 % or less")
    elif said != fits:
        better = "less" if fits == "at_most" else "more"
        faults.add((*place, said), commitment.metric, f"`{fits}`, since {better} of it is better")


def check_commitments(
    commitments: Sequence[Commitment],
    stages: Sequence[Stage],
    segments: Segments | None,
    faults: Faults,
) -> None:
    """Find commitments on unknown metrics or segments, without a level, or ending too soon."""
    volumes = [*(stage.key for stage in stages), *AMOUNTS]
    for position, commitment in enumerate(commitments):
        place = ("commitments", position)
        said = (commitment.per_month, commitment.at_least, commitment.at_most)
        if sum(one is not None for one in said) != 1:
            faults.add(place, commitment.metric, "one of `per_month`, `at_least` and `at_most`")
        elif commitment.per_month is None:
            _check_level(commitment, place, faults)
        elif commitment.metric not in volumes:
            expected = f"a volume, since it is `per_month`: {', '.join(volumes)}"
            faults.add((*place, "metric"), commitment.metric, expected)
        if commitment.to_day is not None and commitment.to_day < commitment.from_day:
            faults.add((*place, "to"), commitment.to_day, "a day not before `from`")
        _check_segment(commitment.segment, segments, (*place, "segment"), faults)


def check_targets(targets: Sequence[Target], segments: Segments | None, faults: Faults) -> None:
    """Find targets on unknown segments, or that end before they start."""
    for position, target in enumerate(targets):
        place = ("targets", position)
        if target.to_day < target.from_day:
            faults.add((*place, "to"), target.to_day, "a day not before `from`")
        _check_segment(target.segment, segments, (*place, "segment"), faults)
