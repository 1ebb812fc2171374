"""Parts of a configuration file, and faults that are told at the place where they stand."""

import re
from collections.abc import Sequence

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Place = tuple[str | int, ...]

SECRET_FAULT = "secret"  # noqa: S105 - the name of a kind of fault, not a secret
"""The kind of a fault whose value must not be shown, since it may be a secret."""


class Part(BaseModel):
    """A part of a configuration: fixed once read, with no field but those it knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def fault(message: str) -> PydanticCustomError:
    """An error to raise inside a validator of one field; `message` says what was expected."""
    return PydanticCustomError("fault", "{message}", {"message": message})


def secret_fault(message: str) -> PydanticCustomError:
    """As `fault`, for a value that may be a secret and so is never shown."""
    return PydanticCustomError(SECRET_FAULT, "{message}", {"message": message})


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
            raise ValidationError.from_exception_data("Configuration", self._found)
