"""One careful session for one API: tokens, limits, retries, several requests in flight."""

import logging
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event
from typing import Any, BinaryIO, Final, TypeVar, cast

from connectors.errors import PermanentError
from connectors.http.auth import Auth, Token
from connectors.http.calls import (
    Answer,
    Call,
    Download,
    Explained,
    Param,
    delete,
    explain_nothing,
    get,
    post,
)
from connectors.http.failures import Explain, asked, given_up, judged, understood
from connectors.http.limits import Limit, Quota, admitted
from connectors.http.retries import Patience, Retries, asked_wait
from connectors.http.timing import Timing
from connectors.http.wire import Broken, Timeouts, Wire, same_origin

_log = logging.getLogger(__name__)

_IN_MEMORY: Final = 1 << 23
_NEVER: Final = Event()

Page = TypeVar("Page", Answer, Download)
"""What a chain of pages consists of."""


class Api:
    """Requests to one API, whose answers are whole, decoded and good; safe between threads.

    Every request waits for the limits, shows a token, is repeated where an error may pass, and
    raises Refused (a PermanentError), Failing (a TransientError) or QuotaReached where it fails for
    good. `explain` reads the errors of this API. Close it, or use `with`.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        limits: Sequence[Limit] = (),
        quota: Quota | None = None,
        explain: Explain = explain_nothing,
        retries: Retries | None = None,
        timeouts: Timeouts | None = None,
        in_flight: int = 4,
        timing: Timing | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        self._limits = limits
        self._quota = quota
        self._explain = explain
        self._retries = retries or Retries()
        self._timing = timing or Timing()
        self._wire = Wire(in_flight, timeouts or Timeouts(), self._timing)
        self._in_flight = in_flight
        self._workers = ThreadPoolExecutor(in_flight, thread_name_prefix="tandem-request")

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections, and requests that nobody waits for."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._wire.close()

    def get(self, path: str, params: Mapping[str, Param] | None = None, **options: Any) -> Answer:
        """The answer to a GET; `options` are other fields of Call."""
        return self.send(get(path, params, **options))

    def post(self, path: str, json: Any, **options: Any) -> Answer:
        """The answer to a POST of JSON; `options` are other fields of Call."""
        return self.send(post(path, json, **options))

    def delete(self, path: str, **options: Any) -> Answer:
        """The answer to a DELETE; `options` are other fields of Call."""
        return self.send(delete(path, **options))

    def send(self, call: Call) -> Answer:
        """The answer to one call."""
        return self._send(call, _NEVER, None)

    def download(self, call: Call) -> Download:
        """A long body, such as CSV: written to a temporary file, and given once it is whole.

        Memory does not grow with it. The caller closes it, by `with`.
        """
        return self._download(call, _NEVER)

    def _download(self, call: Call, cancel: Event) -> Download:
        file = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        try:
            answer = self._send(call, cancel, file)
            size = file.tell()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return Download(call, answer.status, answer.headers, file, size)

    def many(self, calls: Iterable[Call]) -> Generator[Answer, None, None]:
        """The answers to many calls, in their order, several requests in flight.

        Calls are taken only as answers are: memory is bounded by the requests in flight. After an
        error, or where the caller stops early (closes the iterator), nothing goes on behind: what
        is on its way is waited for, which the timeouts bound.
        """
        cancel = Event()
        waiting: deque[Future[Answer]] = deque()
        try:
            for call in calls:
                waiting.append(self._workers.submit(self._send, call, cancel, None))
                if len(waiting) > self._in_flight:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            _end(waiting, cancel)

    def pages(
        self, first: Call, following: Callable[[Answer], Call | None]
    ) -> Generator[Answer, None, None]:
        """The answers of a chain of pages; the next one is under way while one is looked at.

        `following` finds the call of the next page in an answer, None after the last one. Raises
        PermanentError where a page names itself as the next.
        """
        return self._chain(first, following, lambda call, cancel: self._send(call, cancel, None))

    def download_pages(
        self, first: Call, following: Callable[[Download], Call | None]
    ) -> Generator[Download, None, None]:
        """As `pages`, of long bodies, which the caller closes; no more than two exist at once."""
        return self._chain(first, following, self._download)

    def _chain(
        self,
        first: Call,
        following: Callable[[Page], Call | None],
        ask: Callable[[Call, Event], Page],
    ) -> Generator[Page, None, None]:
        cancel = Event()
        waiting: deque[Future[Page]] = deque()
        call: Call | None = first
        try:
            waiting.append(self._workers.submit(ask, first, cancel))
            while waiting:
                page = waiting.popleft().result()
                before, call = call, following(page)
                if call is not None:
                    self._check_moves_on(before, call)
                    waiting.append(self._workers.submit(ask, call, cancel))
                yield page
        finally:
            _end(waiting, cancel)

    def _check_moves_on(self, before: Call | None, call: Call) -> None:
        if call == before:
            raise PermanentError(
                "a page names itself as the one after it, so reading on would never end",
                where=asked(call, self._base_url),
                fix="Report it to the API's support. What landed before it stays",
            )

    def _send(self, call: Call, cancel: Event, into: BinaryIO | None) -> Answer:
        limits = self._limits if call.limits is None else call.limits
        errand = _Errand(call, limits, cancel, into, Patience(self._retries, self._timing))
        is_renewed = False
        while True:
            token = self._auth.token()
            outcome = self._attempt(errand, token)
            if isinstance(outcome, Answer) and _is_good(outcome):
                return outcome
            explained = understood(outcome, self._explain)
            if _is_expired(outcome, explained) and not is_renewed and self._auth.renew(token):
                is_renewed = True
                continue
            self._wait_or_raise(errand, asked(call, self._address(token)), outcome, explained)

    def _address(self, token: Token | None) -> str:
        return self._base_url if token is None else token.base_url or self._base_url

    def _attempt(self, errand: "_Errand", token: Token | None) -> Answer | Broken:
        base_url = self._address(token)
        shown = asked(errand.call, base_url)
        url = _full_address(errand.call, base_url, shown)
        if errand.into is not None:
            errand.into.seek(0)
            errand.into.truncate()
        with admitted(errand.limits, self._timing, errand.cancel, shown):
            # Asked only now: others may have used up the quota while this one waited.
            if self._quota is not None:
                self._quota.check(self._timing.clock(), shown)
            value = None if token is None else token.value
            outcome = self._wire.exchange(errand.call, url, value, errand.cancel, errand.into)
            if self._quota is not None and isinstance(outcome, Answer):
                self._quota.note(outcome.headers, self._timing.clock())
        return outcome

    def _wait_or_raise(
        self, errand: "_Errand", shown: str, outcome: Answer | Broken, explained: Explained
    ) -> None:
        """Wait until it is time to ask again; raises the error where it is not to be."""
        problem = judged(errand.call, shown, outcome, explained)
        if problem.final is not None:
            raise problem.final
        wanted = None
        if isinstance(outcome, Answer):
            wanted = asked_wait(outcome.headers, self._timing.now())
        wait = errand.patience.wait(wanted)
        if wait is None:
            raise given_up(shown, problem, errand.patience, wanted)
        if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
            # The others would be told the same.
            for limit in errand.limits:
                limit.hold(self._timing.clock() + wait)
        _log.warning("%s: %s; asking again in %.1f s", shown, problem.what, wait)
        self._timing.rest(wait, errand.cancel)


@dataclass(frozen=True)
class _Errand:
    """A call on its way: what bounds it, and where a long body goes."""

    call: Call
    limits: Sequence[Limit]
    cancel: Event
    into: BinaryIO | None
    patience: Patience


def _is_good(answer: Answer) -> bool:
    is_success = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    return is_success or answer.status in answer.call.accept


def _is_expired(outcome: Answer | Broken, explained: Explained) -> bool:
    return isinstance(outcome, Answer) and (
        explained.expired or outcome.status == HTTPStatus.UNAUTHORIZED
    )


def _full_address(call: Call, base_url: str, shown: str) -> str:
    if "://" not in call.path.split("?", maxsplit=1)[0]:
        return base_url + call.path
    if not same_origin(call.path, base_url):
        raise PermanentError(
            f"the server names this address, which is not below {base_url}; no token goes there",
            where=shown,
            fix="Look at the source's address in sources.yml: it must be the one that the API uses",
        )
    return call.path


def _end(waiting: Iterable[Future[Page]], cancel: Event) -> None:
    """Let no request go on that nobody waits for."""
    cancel.set()
    for future in waiting:
        # One that runs is waited for; an error of it is of no interest any more.
        if not future.cancel() and future.exception() is None:
            page = future.result()
            if isinstance(page, Download):
                page.file.close()
