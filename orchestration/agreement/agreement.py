"""What marketing and sales agreed on, as `agreement.yml` says it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from connectors.faults import Faults, Part, Place, fault, matching
from connectors.source_parts import Share, parse_share
from connectors.typed_yaml import read_typed_yaml
from orchestration.agreement.channels import (
    CampaignWords,
    ChannelRule,
    ChannelWords,
    check_campaigns,
    check_channels,
)
from orchestration.agreement.hours import MONTHS, BusinessHours
from orchestration.agreement.ladder import (
    DEFAULT_LADDER,
    EXITS,
    Exit,
    Means,
    Stage,
    WordsInUse,
    check_exits,
    check_ladder,
    check_use,
    check_words,
)
from orchestration.agreement.parts import (
    Attribution,
    Commitment,
    Handoff,
    Identity,
    LeadSources,
    Nurture,
    Score,
    Segments,
    SignedBy,
    Target,
    Teams,
    Touches,
    check_commitments,
    check_lead_sources,
    check_segments,
    check_targets,
)
from orchestration.agreement.samples import DefinitionSample


def _parse_version(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise fault('a name in words, such as 2026-Q4; put numbers and dates in quotes: "2026.1"')
    return value


class Agreement(Part):
    """Everything both teams signed. Two numbers that differ under one agreement are a fault."""

    version: Annotated[str, BeforeValidator(_parse_version)]
    signed_by: SignedBy | None = None
    time_zone: str
    fiscal_year_starts: str = "january"
    reporting_currency: Annotated[str, matching(r"[A-Z]{3}", "a currency such as USD or EUR")]
    business_hours: BusinessHours = BusinessHours()
    stages: tuple[Stage, ...] = DEFAULT_LADDER
    exits: tuple[Exit, ...] = ()
    handoff: Handoff = Handoff()
    commitments: tuple[Commitment, ...] = ()
    targets: tuple[Target, ...] = ()
    teams: Teams = Teams()
    segments: Segments | None = None
    channels: ChannelWords
    channel_rules: tuple[ChannelRule, ...] = ()
    campaigns: CampaignWords
    lead_sources: LeadSources = LeadSources()
    definition_sample: DefinitionSample = DefinitionSample()
    nurture: Nurture = Nurture()
    touches: Touches = Touches()
    attribution: Attribution = Attribution()
    identity: Identity = Identity()
    score: Score = Score()
    excluded_share_limit: Share = 0.01
    horizon_days: int = Field(default=365, ge=1)
    minimum_at_risk: int = Field(default=20, ge=1)
    too_few: int = Field(default=20, ge=1)
    confidence_level: Annotated[float, BeforeValidator(parse_share), Field(gt=0, lt=1)] = 0.95

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that days, weeks and months are cut in."""
        return ZoneInfo(self.time_zone)

    @property
    def fiscal_year_starts_month(self) -> int:
        """The number of the month that the fiscal year starts in, 1 to 12."""
        return MONTHS.index(self.fiscal_year_starts) + 1

    @property
    def all_exits(self) -> tuple[Exit, ...]:
        """Every exit in its canonical order, also those that no word means."""
        written = {way_out.key: way_out for way_out in self.exits}
        return tuple(written.get(key, Exit(key=key)) for key in EXITS)

    @property
    def answer_within_minutes(self) -> int:
        """The time that sales has for its first attempt, in business minutes."""
        return self.handoff.answer_within.minutes_of_days_of(self.business_hours.minutes_per_day)

    def as_text(self) -> str:
        """All of it as JSON, with what was left out in the file; `agreement_of_text` reads it."""
        return self.model_dump_json(by_alias=True, indent=1)

    def vocabularies(self) -> Iterator[tuple[Place, str]]:
        """Every vocabulary that the agreement names, with its place."""
        for place, _, means in (*self._stage_meanings(), *self._team_meanings()):
            for vocabulary in means:
                yield (*place, vocabulary), vocabulary

    def _stage_meanings(self) -> Iterator[tuple[Place, str, Means]]:
        for position, stage in enumerate(self.stages):
            yield ("stages", position, "means"), stage.key, stage.means
        for position, way_out in enumerate(self.exits):
            yield ("exits", position, "means"), way_out.key, way_out.means

    def _team_meanings(self) -> Iterator[tuple[Place, str, Means]]:
        yield ("teams", "marketing"), "marketing", self.teams.marketing
        yield ("teams", "sales"), "sales", self.teams.sales

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise fault("the name of a time zone, such as America/New_York, Europe/Berlin or UTC")
        return name

    @field_validator("fiscal_year_starts", mode="before")
    @classmethod
    def _is_a_month(cls, name: Any) -> Any:
        if not isinstance(name, str) or name.lower() not in MONTHS:
            raise fault("the name of a month, such as february")
        return name.lower()

    @model_validator(mode="after")
    def _parts_fit_each_other(self, info: ValidationInfo) -> "Agreement":
        faults = Faults()
        check_ladder(self.stages, faults)
        check_exits(self.exits, faults)
        check_words(self._stage_meanings(), faults)
        check_words(self._team_meanings(), faults)
        check_channels(self.channels, faults)
        check_campaigns(self.campaigns, faults)
        check_lead_sources(self.lead_sources, faults)
        check_segments(self.segments, faults)
        check_commitments(self.commitments, self.stages, self.segments, faults)
        check_targets(self.targets, self.segments, faults)
        if isinstance(info.context, WordsInUse):
            check_use(info.context, self.stages, self.vocabularies(), faults)
        faults.raise_if_any()
        return self


def agreement_of_text(text: str) -> Agreement:
    """The agreement that `as_text` wrote.

    Raises ValueError where it says what an agreement no longer may.
    """
    return Agreement.model_validate_json(text)


def load_agreement(path: Path, in_use: WordsInUse | None = None) -> Agreement:
    """The agreement written at `path`; held against `in_use`, what sources.yml asks it to know.

    Raises ConfigurationError, which names file, line, field and what was expected, for every fault
    in the file at once.
    """
    return read_typed_yaml(path, Agreement, in_use)
