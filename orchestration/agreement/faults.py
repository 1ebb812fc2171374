"""Faults that concern several places of the agreement, each reported at its own line."""

import re
from collections.abc import Sequence

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Place = tuple[str | int, ...]


class Part(BaseModel):
    """A part of the agreement: it can't be changed once read, and knows every field it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def fault(message: str) -> PydanticCustomError:
    """An error to raise inside a validator of one field; `message` says what was expected."""
    return PydanticCustomError("agreement", "{message}", {"message": message})


def matching(pattern: str, expected: str) -> AfterValidator:
    """A validator of text that must match `pattern`; `expected` says so in words."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise fault(expected)
        return value

    return AfterValidator(check)


class Faults:
    """Collects faults with their places, relative to the model that is validated."""

    def __init__(self) -> None:
        self._found: list[InitErrorDetails] = []

    def add(self, place: Sequence[str | int], value: object, message: str) -> None:
        """Remember that `value` at `place` is wrong; `message` says what was expected."""
        self._found.append(InitErrorDetails(type=fault(message), loc=tuple(place), input=value))

    def raise_if_any(self) -> None:
        """Raise one ValidationError with every fault; nothing where there is none."""
        if self._found:
            raise ValidationError.from_exception_data("Agreement", self._found)
