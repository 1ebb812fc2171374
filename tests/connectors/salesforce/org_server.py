"""A small org on the sandbox's server: it changes as a test tells it to, and so do its faults."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from connectors.sandbox.salesforce import ConnectedApp, Org, make_salesforce
from connectors.sandbox.salesforce.bulk import Job
from connectors.sandbox.salesforce.refusals import error
from connectors.sandbox.serving import Clock, Damage, Request, Response, Running, serve

_DATA = "/services/data/"
_PAGES = ("/queryAll", "/results")


class SmallOrg(Org):
    """The org: its clock stands still but for `pass_time`; `page` is the most records of a page.

    `fault` may answer a request in its place; `spoil` may alter an answer; `before_page` is called
    before a page leaves.
    """

    def __init__(self) -> None:
        super().__init__(Clock.frozen(datetime(2026, 3, 2, 8, tzinfo=UTC)))
        self.salesforce = make_salesforce(self, ConnectedApp("canary-id", "canary-secret"))
        self.fault: Callable[[Request], Response | None] = lambda _: None
        self.spoil: Callable[[Request, Response], Response] = lambda _, response: response
        self.before_page: Callable[[], None] = lambda: None
        self.asked: list[Request] = []
        self.server: Running
        self._respond = self.salesforce.app.respond
        self.salesforce.app.respond = self._answer

    def pass_time(self, **span: float) -> None:
        """Move the org's clock on."""
        self.clock.advance(timedelta(**span))

    def expire_token(self) -> None:
        """Let the token that was given out be refused."""
        self.salesforce.sessions.expire()

    @property
    def tokens(self) -> int:
        """How often somebody logged in."""
        return self.salesforce.sessions.logins

    @property
    def used(self) -> int:
        """How many requests of the last 24 hours count."""
        return self.salesforce.quota.used

    @property
    def allowed(self) -> int:
        """How many may be made in 24 hours."""
        return self.salesforce.quota.allowed

    @allowed.setter
    def allowed(self, most: int) -> None:
        self.salesforce.quota.allowed = most

    @property
    def page(self) -> int:
        """The most records of a page, by REST and by Bulk."""
        return self.salesforce.rest.page

    @page.setter
    def page(self, most: int) -> None:
        self.salesforce.rest.page = self.salesforce.bulk.page = most

    @property
    def jobs(self) -> dict[str, Job]:
        """The Bulk jobs that are held."""
        return self.salesforce.bulk.jobs

    @property
    def deleted_jobs(self) -> list[str]:
        """The Bulk jobs that were deleted."""
        return self.salesforce.bulk.deleted

    def _answer(self, request: Request) -> Response:
        if not request.path.startswith(_DATA):
            return self._respond(request)
        self.asked.append(request)
        found = self.fault(request)
        if found is not None:
            return found
        response = self.spoil(request, self._respond(request))
        if is_page(request):
            self.before_page()
        return response


def is_page(request: Request) -> bool:
    """Whether a page of records is asked for."""
    is_count = "COUNT()" in request.first("q")
    return not is_count and (request.path.endswith(_PAGES) or "/query/01g" in request.path)


def reset() -> Response:
    """No answer: the connection is reset."""
    return Response(damage=Damage(-1, is_reset=True))


@contextmanager
def small_org() -> Iterator[SmallOrg]:
    """An org that answers as long as the block lasts."""
    org = SmallOrg()
    with serve(org.salesforce.app) as server:
        org.server = server
        yield org


__all__ = ["SmallOrg", "error", "is_page", "reset", "small_org"]
