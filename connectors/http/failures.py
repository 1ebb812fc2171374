"""Errors of an API in words: what was asked, what was answered, and what to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from connectors.errors import ConnectorError, PermanentError, TransientError
from connectors.http.calls import Answer, Call, Explained
from connectors.http.retries import Patience, may_pass
from connectors.http.wire import Broken
from connectors.secret import redact

Explain = Callable[[Answer], Explained]
"""Reads the error that an answer's body holds, as this API writes them."""

_LONGEST_MESSAGE: Final = 600
_EMAIL: Final = re.compile(r"[\w.+%'-]+(@|%40)[\w-]+(\.[\w-]+)+")

_FIXES: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "The request is not one that this API takes: look at its message, and "
    "whether the source's settings in sources.yml are right",
    HTTPStatus.UNAUTHORIZED: "Look whether the token or the app in the environment is still valid, "
    "and of this account",
    HTTPStatus.FORBIDDEN: "Grant the app or its user what the message names: a scope, an object, a "
    "field",
    HTTPStatus.NOT_FOUND: "Look whether the address is right, and whether this account has what "
    "was asked for; a stream that it lacks can be left out with `leave_out`",
}
_OTHER_FIX: Final = "Look at the message; if it doesn't help, ask the API's support"
_BROKEN_FIX: Final = "Look at the source's address in sources.yml, and at the proxy's settings"
_LATER: Final = "Run the load again later; it goes on from what has landed"


class Refused(PermanentError):
    """The server says no, and will again: `status`, and the API's own `code`, tell why."""

    def __init__(self, what: str, *, where: str, fix: str, status: int, code: str) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status = status
        self.code = code


class Failing(TransientError):
    """The server or the way to it failed, each time that it was asked.

    `status` is None where there was no answer at all.
    """

    def __init__(
        self, what: str, *, where: str, fix: str, status: int | None = None, code: str = ""
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status = status
        self.code = code


def asked(call: Call, base_url: str) -> str:
    """What was asked, without parameters, which may hold what is nobody's business."""
    path = call.path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    address = path if "://" in path else base_url + path
    parts = urlsplit(address)
    shown_address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return f"{call.method} {_EMAIL.sub('<email>', redact(shown_address))}"


def understood(outcome: Answer | Broken, explain: Explain) -> Explained:
    """What the error in an answer says, fit to be shown; nothing where there is no answer."""
    if isinstance(outcome, Broken):
        return Explained()
    said = explain(outcome)
    texts = (shown(text) for text in (said.code, said.message, said.correlation_id))
    code, message, correlation_id = texts
    return replace(said, code=code, message=message, correlation_id=correlation_id)


def answered(answer: Answer, explained: Explained) -> str:
    """What the server answered: its status, and code and message of the API's own."""
    try:
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        status = str(answer.status)
    said = ": ".join(text for text in (explained.code, explained.message) if text)
    parts = [f"answered {status}"]
    if answer.redirected_to:
        parts = [f"led to {answer.redirected_to}, which got no token and answered {status}"]
    if said:
        parts.append(f" ({said})")
    if explained.correlation_id:
        parts.append(f", correlation id {explained.correlation_id}")
    return redact("".join(parts))


def shown(text: str) -> str:
    """A text of the server's, fit to be shown: in one line, not long, no secrets, no addresses."""
    plain = _EMAIL.sub("<email>", redact(" ".join(text.split())))
    return plain if len(plain) <= _LONGEST_MESSAGE else plain[:_LONGEST_MESSAGE] + "…"


@dataclass(frozen=True)
class Problem:
    """What went wrong with one attempt; `final`: the error to raise, None where it may pass."""

    what: str
    final: ConnectorError | None = None
    status: int | None = None
    code: str = ""


def judged(call: Call, shown: str, outcome: Answer | Broken, explained: Explained) -> Problem:
    """What an attempt without a good answer means. `shown` is what was asked, in words."""
    if isinstance(outcome, Broken):
        what, status, passes, is_sent = outcome.what, None, outcome.passes, outcome.sent
    else:
        what, status = answered(outcome, explained), outcome.status
        passes = may_pass(status) if explained.passes is None else explained.passes
        # Too many requests: those beyond the limit are not carried out.
        is_sent = status != HTTPStatus.TOO_MANY_REQUESTS
    final: ConnectorError | None = None
    if not passes and isinstance(outcome, Broken):
        final = PermanentError(what, where=shown, fix=_BROKEN_FIX)
    elif not passes and isinstance(outcome, Answer):
        final = _refused(shown, what, outcome, explained)
    elif is_sent and not call.repeatable:
        what += "; it is not sent again, since the server may have done what was asked"
        final = Failing(what, where=shown, fix=_LATER, status=status, code=explained.code)
    return Problem(what, final, status, explained.code)


def _refused(shown: str, what: str, answer: Answer, explained: Explained) -> Refused:
    fix = explained.fix or _FIXES.get(answer.status, _OTHER_FIX)
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        host = urlsplit(answer.headers.get("Location", "")).netloc.rpartition("@")[2]
        fix = f"Put the address that it leads to ({host or 'not told'}) into sources.yml"
    return Refused(what, where=shown, fix=fix, status=answer.status, code=explained.code)


def given_up(shown: str, problem: Problem, patience: Patience, wanted: float | None) -> Failing:
    """The error of a request whose retries are used up. `wanted`: what `Retry-After` asked."""
    tries = ""
    if patience.attempts > 1:
        tries = f"; tried {patience.attempts} times in {patience.seconds:.0f} s"
    later = f"The server asks to wait {wanted:.0f} s. {_LATER}" if wanted else _LATER
    return Failing(
        problem.what + tries, where=shown, fix=later, status=problem.status, code=problem.code
    )
