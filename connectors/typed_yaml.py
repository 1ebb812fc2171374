"""Read a configuration file into its typed model, with errors that name the line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Model = TypeVar("Model", bound=BaseModel)


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


def read_typed_yaml(path: Path, model: type[Model]) -> Model:
    """The `model` that the file at `path` holds.

    Raises ConfigurationError with every fault in the file at once: file, line, field, what was
    found and what was expected.
    """
    document = _read(path)
    try:
        return model.model_validate(_plain(document))
    except ValidationError as error:
        faults = [
            Fault(
                _line_of(document, fault["loc"]),
                ".".join(str(step) for step in fault["loc"]) or "(the whole file)",
                _message(dict(fault)),
            )
            for fault in error.errors()
        ]
        raise ConfigurationError(path, faults) from None


def _read(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = "there is no such file; write one, or name another folder"
        raise ConfigurationError(path, [Fault(1, "(the whole file)", message)]) from None
    except UnicodeDecodeError:
        message = "expected text in UTF-8"
        raise ConfigurationError(path, [Fault(1, "(the whole file)", message)]) from None
    try:
        document = YAML().load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark is not None else 1
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        fault = Fault(line, "(not YAML)", str(problem))
        raise ConfigurationError(path, [fault]) from None
    return CommentedMap() if document is None else document


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind in (bool, str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node


def _line_of(document: Any, place: tuple[int | str, ...]) -> int:
    line, node = 0, document
    for step in place:
        if isinstance(node, CommentedMap) and step in node:
            line, node = node.lc.key(step)[0], node[step]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line, node = node.lc.item(step)[0], node[step]
    return line + 1


def _message(fault: dict[str, Any]) -> str:
    if fault["type"] == "missing":
        return "is missing; it has no default"
    if fault["type"] == "extra_forbidden":
        return "is not a field that is known here"
    return f"found {fault['input']!r}, expected: {fault['msg']}"
