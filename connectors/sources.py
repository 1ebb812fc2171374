"""What `sources.yml` says: which systems there are, what they hold, and what it fills."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from connectors.api_stream import ApiStream
from connectors.columns import Name
from connectors.faults import Faults, Part, fault
from connectors.file_source import FilesSource
from connectors.hubspot import streams as hubspot
from connectors.hubspot.config import HubSpotSource
from connectors.salesforce import streams as salesforce
from connectors.salesforce.config import SalesforceSource
from connectors.source_parts import at_least_one, check_unique
from connectors.typed_yaml import read_typed_yaml

Source = FilesSource | HubSpotSource | SalesforceSource
"""One system, of a kind that there is a connector for."""

KINDS: Final[dict[str, type[FilesSource] | type[HubSpotSource] | type[SalesforceSource]]] = {
    "files": FilesSource,
    "hubspot": HubSpotSource,
    "salesforce": SalesforceSource,
}
"""What a source of each kind says."""

API_STREAMS: Final[Mapping[str, Sequence[ApiStream]]] = {
    "hubspot": hubspot.STREAMS,
    "salesforce": salesforce.STREAMS,
}
"""The streams of each kind of source that is read through an API."""


def _of_its_kind(value: object, info: ValidationInfo) -> object:
    if isinstance(value, tuple(KINDS.values())):
        return value
    if not isinstance(value, dict):
        raise fault("a source: its name, its kind, and what its kind needs")
    kind = value.get("kind")
    if kind not in KINDS:
        faults = Faults()
        faults.add(("kind",), kind, f"one of {', '.join(KINDS)}")
        faults.raise_if_any()
    return KINDS[str(kind)].model_validate(value, context=info.context)


_OneSource = Annotated[Source, BeforeValidator(_of_its_kind)]


class Simulate(Part):
    """How large and how long the simulated company's history is."""

    prospects: int = Field(default=2000, ge=1)
    months: int = Field(default=18, ge=1)
    until: date
    seed: int = 7


class Sources(Part):
    """A company's systems."""

    company: Name
    simulate: Simulate | None = None
    sources: Annotated[tuple[_OneSource, ...], AfterValidator(at_least_one)]

    def vocabularies(self) -> frozenset[str]:
        """Every vocabulary whose words the agreement may give a meaning to."""
        return frozenset(
            words
            for source in self.sources
            for stream in source.streams
            for words, _, _ in stream.vocabularies(source.name)
        )

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Sources":
        faults = Faults()
        check_unique(self.sources, "sources", faults)
        faults.raise_if_any()
        return self

    @model_validator(mode="after")
    def _is_complete_until_the_simulation_ends(self) -> "Sources":
        if self.simulate is None:
            return self
        day = self.simulate.until + timedelta(days=1)
        ends = datetime(day.year, day.month, day.day, tzinfo=UTC)
        sources = tuple(
            source if source.complete_until else source.model_copy(update={"complete_until": ends})
            for source in self.sources
        )
        return self.model_copy(update={"sources": sources})


def load_sources(path: Path) -> Sources:
    """The sources written at `path`.

    Raises ConfigurationError, which names file, line, field and what was expected, for every fault
    in the file at once.
    """
    return read_typed_yaml(path, Sources)
