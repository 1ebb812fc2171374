"""The stages of the funnel, its exits, and which words of which system mean them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from connectors.faults import Faults, Part, Place, fault, matching

Team = Literal["marketing", "sales"]

CANONICAL_STAGES: Final = ("aware", "lead", "mql", "sal", "sql", "opportunity", "won")
ExitKey = Literal["lost", "disqualified", "recycled"]
EXITS: Final[tuple[ExitKey, ...]] = get_args(ExitKey)
_OWNERS: Final[Mapping[str, Team]] = {
    "aware": "marketing",
    "lead": "marketing",
    "mql": "marketing",
    "sal": "sales",
    "sql": "sales",
    "opportunity": "sales",
    "won": "sales",
}


def _check_word(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise fault("a word as the source writes it; put numbers, dates, true and false in quotes")
    return value


Word = Annotated[str, BeforeValidator(_check_word)]
"""A word as a source writes it, case and spaces included."""

Vocabulary = Annotated[
    str,
    matching(
        r"[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+",
        "whose words these are, as <source>.<stream>.<column> of sources.yml",
    ),
]
"""Whose words these are: `<source>.<stream>.<column>`."""

Means = dict[Vocabulary, tuple[Word, ...]]
"""The words of each vocabulary."""

StageKey = Annotated[
    str,
    matching(r"[a-z][a-z0-9_]*", "a key in lower case letters, digits and _, such as demo_held"),
]


class Stage(Part):
    """One stage of the ladder: who answers for it, and which words mean it."""

    key: StageKey
    label: str | None = None
    owner: Annotated[Team, Field(validate_default=True)] = None  # type: ignore[assignment]
    means: Means = Field(default_factory=dict)

    @field_validator("owner", mode="before")
    @classmethod
    def _who_answers(cls, owner: Any, info: ValidationInfo) -> Any:
        if owner is not None:
            return owner
        default = _OWNERS.get(info.data.get("key", ""))
        if default is None and "key" in info.data:
            raise fault("who answers for a stage of your own: marketing or sales")
        return default or "marketing"


class Exit(Part):
    """A way out of the funnel, or back to marketing, and which words mean it."""

    key: ExitKey
    label: str | None = None
    means: Means = Field(default_factory=dict)


DEFAULT_LADDER: Final = tuple(Stage(key=key) for key in CANONICAL_STAGES)


def check_ladder(stages: Sequence[Stage], faults: Faults) -> None:
    """Find keys that stand twice, stages out of order, and a ladder that does not end at `won`."""
    seen: set[str] = set()
    furthest = -1
    for position, stage in enumerate(stages):
        place: Place = ("stages", position, "key")
        if stage.key in seen:
            faults.add(place, stage.key, "a key that no other stage has")
        elif stage.key in EXITS:
            faults.add(place, stage.key, "a stage; lost, disqualified and recycled are `exits`")
        elif stage.key in CANONICAL_STAGES:
            rank = CANONICAL_STAGES.index(stage.key)
            if rank < furthest:
                order = " → ".join(CANONICAL_STAGES)
                faults.add(place, stage.key, f"the stages in the order {order}")
            furthest = max(furthest, rank)
        seen.add(stage.key)
    if not stages or stages[-1].key != "won":
        last = max(len(stages) - 1, 0)
        found = stages[-1].key if stages else None
        faults.add(("stages", last) if stages else ("stages",), found, "`won` as the last stage")


def check_exits(exits: Sequence[Exit], faults: Faults) -> None:
    """Find exits that stand twice."""
    seen: set[str] = set()
    for position, way_out in enumerate(exits):
        if way_out.key in seen:
            faults.add(("exits", position, "key"), way_out.key, "each exit once")
        seen.add(way_out.key)


def check_words(
    meanings: Iterator[tuple[Place, str, Mapping[str, Sequence[str]]]], faults: Faults
) -> None:
    """Find words of one vocabulary that mean two things.

    `meanings` yields the place, the meaning and its words by vocabulary.
    """
    taken: dict[tuple[str, str], str] = {}
    for place, meaning, means in meanings:
        for vocabulary, words in means.items():
            for position, word in enumerate(words):
                other = taken.get((vocabulary, word))
                if other is not None:
                    faults.add(
                        (*place, vocabulary, position),
                        word,
                        f"a word with one meaning in {vocabulary}: it already means {other}",
                    )
                taken.setdefault((vocabulary, word), meaning)


@dataclass(frozen=True)
class WordsInUse:
    """What sources.yml asks the agreement to know.

    `vocabularies`: every one whose words fill a field; `of_stages`: those that fill a stage;
    `stages`: the funnel's own stages that it fills as constants.
    """

    vocabularies: frozenset[str]
    of_stages: frozenset[str]
    stages: frozenset[str]


def check_use(
    words: WordsInUse,
    stages: Sequence[Stage],
    named: Iterable[tuple[Place, str]],
    faults: Faults,
) -> None:
    """Find vocabularies that sources.yml does not fill, and stage words without a meaning."""
    with_meaning = set()
    for place, name in named:
        with_meaning.add(name)
        if name not in words.vocabularies:
            known = ", ".join(sorted(words.vocabularies)) or "none"
            faults.add(place, name, f"words that sources.yml fills a stage or a role with: {known}")
    for name in sorted(words.of_stages - with_meaning):
        expected = f"`means` of {name}, since sources.yml fills a stage with its words"
        faults.add(("stages",), [stage.key for stage in stages], expected)
    ladder = {stage.key for stage in stages}
    for key in sorted(words.stages - ladder - set(EXITS)):
        expected = f"the stage {key} too, since sources.yml fills it"
        faults.add(("stages",), [stage.key for stage in stages], expected)
