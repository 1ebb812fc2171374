"""Read a configuration file into its typed model, with errors that name the line."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from connectors.faults import SECRET_FAULT

Model = TypeVar("Model", bound=BaseModel)

_WHOLE_FILE = "(the whole file)"
_NOT_YAML = "(not YAML)"
_LONGEST_VALUE_SHOWN = 100


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where (`line` from 1, `field` as a dotted path) and what."""

    line: int
    field: str
    message: str


class ConfigurationError(Exception):
    """What is wrong in a configuration file, every fault with its line."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.path = path
        self.faults = faults
        lines = (f"{path}:{fault.line}: {fault.field}: {fault.message}" for fault in faults)
        super().__init__("\n".join(lines))


def read_typed_yaml(path: Path, model: type[Model], context: object = None) -> Model:
    """The `model` that the file at `path` holds; its validators find `context` in their info.

    Raises ConfigurationError with every fault in the file at once: file, line, field, what was
    found and what was expected.
    """
    root, values = _read(path)
    faults = list(_repeated_keys(root, ()))
    try:
        read = model.model_validate(values, context=context)
    except ValidationError as error:
        faults += [
            Fault(_line_of(root, found["loc"]), _field(found["loc"]), _message(dict(found), model))
            for found in error.errors()
        ]
    else:
        if not faults:
            return read
    raise ConfigurationError(path, sorted(faults, key=lambda fault: fault.line)) from None


def _read(path: Path) -> tuple[Node | None, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = "there is no such file; write one, or name another folder"
        raise ConfigurationError(path, [Fault(1, _WHOLE_FILE, message)]) from None
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise ConfigurationError(path, [Fault(1, _WHOLE_FILE, message)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = Fault(line, _WHOLE_FILE, "expected text in UTF-8")
        raise ConfigurationError(path, [fault]) from None
    reader = YAML(typ="safe", pure=True)
    # Found by `_repeated_keys`, which tells all of them, with their fields.
    reader.allow_duplicate_keys = True
    root: Node | None = None
    try:
        root = reader.compose(text)
        values = None if _holds_itself(root, ()) else reader.load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark is not None else 1
        problem = error.problem if isinstance(error, MarkedYAMLError) else None
        fault = Fault(line, _NOT_YAML, str(problem or error))
        raise ConfigurationError(path, [fault]) from None
    except ValueError as error:
        raise ConfigurationError(path, [_impossible_date(root, error)]) from None
    if values is None and root is not None and not isinstance(root, ScalarNode):
        fault = Fault(1, _NOT_YAML, "an alias stands inside of what it is an alias of")
        raise ConfigurationError(path, [fault])
    return root, {} if values is None else values


def _impossible_date(root: Node | None, error: ValueError) -> Fault:
    for node, place in _scalars(root, ()):
        if str(node.tag).endswith(":timestamp"):
            try:
                YAML(typ="safe", pure=True).load(node.value)
            except ValueError:
                message = f"found {node.value!r}, expected: a day that exists ({error})"
                return Fault(node.start_mark.line + 1, _field(place), message)
    return Fault(1, _NOT_YAML, str(error))


def _scalars(
    node: Node | None, place: tuple[str | int, ...]
) -> Iterator[tuple[ScalarNode, tuple[str | int, ...]]]:
    if isinstance(node, ScalarNode):
        yield node, place
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*place, str(key.value)))
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            yield from _scalars(value, (*place, position))


def _holds_itself(node: Node | None, around: tuple[int, ...]) -> bool:
    if id(node) in around:
        return True
    inner = (*around, id(node))
    if isinstance(node, MappingNode):
        return any(_holds_itself(part, inner) for pair in node.value for part in pair)
    return isinstance(node, SequenceNode) and any(_holds_itself(part, inner) for part in node.value)


def _repeated_keys(node: Node | None, place: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(node, MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in first:
                message = f"stands twice; it is already at line {first[name]}"
                yield Fault(line, _field((*place, name)), message)
            first.setdefault(name, line)
            yield from _repeated_keys(value, (*place, name))
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            yield from _repeated_keys(value, (*place, position))


def _field(place: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in place) or _WHOLE_FILE


def _line_of(root: Node | None, place: Sequence[str | int]) -> int:
    line, node = 0, root
    for step in place:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, node = key.start_mark.line, value
                    break
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
    return line + 1


def _message(found: Mapping[str, Any], model: type[BaseModel]) -> str:
    if found["type"] == "missing":
        return "is missing; it has no default"
    if found["type"] == "extra_forbidden":
        return "is not a field that is known here" + _suggestion(found["loc"], model)
    if found["type"] == SECRET_FAULT:
        return f"expected: {found['msg']}"
    shown = repr(found["input"])
    if len(shown) > _LONGEST_VALUE_SHOWN:
        shown = shown[:_LONGEST_VALUE_SHOWN] + "…"
    return f"found {shown}, expected: {found['msg']}"


def _suggestion(place: Sequence[str | int], model: type[BaseModel]) -> str:
    known = [name for part in _models_at(place[:-1], model) for name in _fields(part)]
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(sorted(set(known)))}" if known else ""


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_at(place: Sequence[str | int], model: type[BaseModel]) -> list[type[BaseModel]]:
    models = [model]
    for step in place:
        held = [_fields(part)[str(step)] for part in models if str(step) in _fields(part)]
        # A step that is no field is a place in a list, a key of a mapping or the tag of a union.
        inner = [found for field in held for found in _models_in(field.annotation)]
        if held:
            models = inner
        elif any(part.__name__ == step for part in models):
            models = [part for part in models if part.__name__ == step]
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
