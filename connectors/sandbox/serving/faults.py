"""What goes wrong on a sandbox server, as a test orders it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import Any, Final, Literal, get_args

from connectors.sandbox.serving.messages import Damage, Request, Response

Kind = Literal["status", "reset", "reset_in_body", "truncated", "slow", "late", "html"]

NO_ANSWER: Final = Damage(-1, is_reset=True)
"""The connection is reset before a byte is sent."""

_KINDS: Final = get_args(Kind)
_PAGE: Final = b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"


@dataclass(frozen=True)
class Fault:
    """One fault, and which requests it strikes.

    Kinds: `status`: an error answer (`status`, with `retry_after` seconds if set; 401 says that
    the token has expired); `reset`: the connection is reset before an answer; `reset_in_body`: and
    in the middle of it; `truncated`: the body ends half-way, shorter than announced; `slow`: it
    pauses half-way for `seconds`; `late`: nothing of the answer comes before `seconds` went by;
    `html`: a page in place of JSON, with `status`.

    `method` and `path` take `*`. It strikes `times` requests (None: all) from the `nth` that
    matches on; with `probability`, each of them by that chance, drawn from `seed`.
    """

    kind: Kind = "status"
    method: str = "*"
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    probability: float | None = None
    seed: int = 0
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0

    def matches(self, request: Request) -> bool:
        """Whether the request is of those that it may strike."""
        return self.method in ("*", request.method) and fnmatchcase(request.path, self.path)


@dataclass
class _Ordered:
    fault: Fault
    seen: int = 0
    struck: int = 0
    random: Random = field(default_factory=Random)


class Faults:
    """The faults that are ordered; a request is struck by the first one that applies."""

    def __init__(self) -> None:
        self._ordered: list[_Ordered] = []
        self._lock = Lock()

    def add(self, *faults: Fault) -> None:
        """Order faults, after those that are ordered already."""
        with self._lock:
            self._ordered += [
                _Ordered(fault, random=Random(fault.seed))  # noqa: S311 - not for secrets
                for fault in faults
            ]

    def clear(self) -> None:
        """Let nothing go wrong from now on."""
        with self._lock:
            self._ordered.clear()

    @property
    def struck(self) -> int:
        """How many requests were struck by those that are ordered."""
        with self._lock:
            return sum(ordered.struck for ordered in self._ordered)

    def as_json(self) -> list[dict[str, Any]]:
        """What is ordered, and how often each was asked for and struck."""
        with self._lock:
            return [
                {**vars(ordered.fault), "seen": ordered.seen, "struck": ordered.struck}
                for ordered in self._ordered
            ]

    def strike(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any."""
        if not self._ordered:
            return None
        with self._lock:
            for ordered in self._ordered:
                if ordered.fault.matches(request) and _strikes(ordered):
                    ordered.struck += 1
                    return ordered.fault
        return None


def _strikes(ordered: _Ordered) -> bool:
    fault = ordered.fault
    ordered.seen += 1
    if ordered.seen < fault.nth or (fault.times is not None and ordered.struck >= fault.times):
        return False
    return fault.probability is None or ordered.random.random() < fault.probability


def spoilt(
    fault: Fault, answer: Callable[[], Response], refusal: Callable[[int], Response]
) -> Response:
    """The answer that the fault leaves: `refusal` is the API's own error answer."""
    if fault.kind == "reset":
        return Response(damage=NO_ANSWER)
    if fault.kind == "html":
        return Response(fault.status, {"Content-Type": "text/html"}, _PAGE)
    if fault.kind == "status":
        refused = refusal(fault.status)
        if fault.retry_after is None:
            return refused
        return replace(
            refused, headers={**refused.headers, "Retry-After": f"{fault.retry_after:g}"}
        )
    damage = {
        "reset_in_body": Damage(0.5, is_reset=True),
        "truncated": Damage(0.5),
        "slow": Damage(0.5, seconds=fault.seconds),
        "late": Damage(-1, seconds=fault.seconds),
    }[fault.kind]
    return replace(answer(), damage=damage)


def faults_from_json(told: object) -> list[Fault]:
    """Faults from a JSON object or a list of them; ValueError says what is wrong."""
    many = told if isinstance(told, list) else [told]
    return [_fault_from_json(one) for one in many]


def _fault_from_json(told: object) -> Fault:
    names = {f.name for f in fields(Fault)}
    if not isinstance(told, dict):
        raise ValueError(f"a fault is an object, not {told!r}")
    _refuse("field", set(told) - names, names)
    _refuse("kind", {told.get("kind", "status")} - set(_KINDS), _KINDS)
    return Fault(**told)


def _refuse(what: str, strange: Iterable[str], known: Iterable[str]) -> None:
    if strange:
        raise ValueError(f"no such {what}: {sorted(strange)}; there are {sorted(known)}")
