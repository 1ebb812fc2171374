"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: people are told of what is wrong, and see what is worth a look."""

    GOOD = "good"
    WORTH_A_LOOK = "worth a look"
    WRONG = "wrong"


@dataclass(frozen=True)
class Verdict:
    """What a check found, in words, with the figures that it goes by."""

    level: Level
    told: str
    figures: Mapping[str, int | float | str] = field(default_factory=dict)
