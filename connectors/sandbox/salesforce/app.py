"""The org's API as one app: who is let in, how often, and which path answers what."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.sandbox.salesforce.access import ConnectedApp, Quota, Sessions
from connectors.sandbox.salesforce.bulk import Bulk
from connectors.sandbox.salesforce.refusals import Refused, error, refusal
from connectors.sandbox.salesforce.rest import DATA, Rest
from connectors.sandbox.salesforce.store import Org
from connectors.sandbox.serving import ADMIN, App, Request, Response, Router, json_response

_TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105 - where one asks for a token
_LONGEST_URI: Final = 16_384
_VERSIONS: Final = tuple(f"{number}.0" for number in range(50, 66))
_BELOW_A_VERSION: Final = re.compile(rf"{DATA}/v([\d.]+)(/.*)?")


@dataclass
class Salesforce:
    """An org's API: `serve(salesforce.app)` serves it. `longest_uri` is in bytes."""

    org: Org
    sessions: Sessions
    quota: Quota
    rest: Rest
    bulk: Bulk
    app: App
    longest_uri: int = _LONGEST_URI


def salesforce_app(org: Org, *, client_id: str, client_secret: str) -> App:
    """The API over an org, for clients that show this id and secret."""
    return make_salesforce(org, ConnectedApp(client_id, client_secret)).app


def make_salesforce(org: Org, client: ConnectedApp) -> Salesforce:
    """The API over an org, with all that can be set of it.

    Beside what every sandbox server is told over HTTP, there are `/_sandbox/lag` (`{"seconds":
    30}`: how long after a change it is seen), `/_sandbox/limits` (`{"allowed": 1000}`: requests of
    24 hours), `/_sandbox/pages` (`{"rest": 200, "bulk": 1000}`: records a page) and
    `/_sandbox/tokens` (DELETE: let those that were given out be refused).
    """
    sessions, quota = Sessions(client, org.clock), Quota(org.clock)
    rest, bulk = Rest(org), Bulk(org)
    router = Router()
    rest.add_routes(router)
    bulk.add_routes(router)
    router.add("GET", f"{DATA}/{{version}}/limits", quota.tell)
    router.add("GET", f"{DATA}/{{version}}/limits/", quota.tell)

    def respond(request: Request) -> Response:
        with org.lock:
            org.catch_up()
            return _answer(salesforce, router, request)

    app = App(org.clock, respond, refusal)
    salesforce = Salesforce(org, sessions, quota, rest, bulk, app)
    _add_orders(salesforce, app.admin)
    return salesforce


def _answer(salesforce: Salesforce, router: Router, request: Request) -> Response:
    if request.path == _TOKEN_PATH and request.method == "POST":
        return salesforce.sessions.log_in(request)
    if request.path.rstrip("/") == DATA:
        told = [{"label": v, "url": f"{DATA}/v{v}", "version": v} for v in _VERSIONS]
        return json_response(told)
    if len(request.target) > salesforce.longest_uri:
        return refusal(414)
    try:
        salesforce.sessions.check(request)
        salesforce.quota.count()
        response = _routed(router, request)
    except Refused as refused:
        response = error(refused.status, refused.code, str(refused))
    headers = {**response.headers, **salesforce.quota.header}
    return Response(response.status, headers, response.body, response.damage)


def _routed(router: Router, request: Request) -> Response:
    found = _BELOW_A_VERSION.fullmatch(request.path)
    handler = router.find(request) if found and found[1] in _VERSIONS else None
    if handler is None:
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
    return handler(request)


def _add_orders(salesforce: Salesforce, admin: Router) -> None:
    def lag(request: Request) -> Response:
        salesforce.org.lag = timedelta(seconds=float(request.json()["seconds"]))
        return Response(204)

    def limits(request: Request) -> Response:
        salesforce.quota.allowed = int(request.json()["allowed"])
        return Response(204)

    def pages(request: Request) -> Response:
        told = request.json()
        salesforce.rest.page = int(told.get("rest", salesforce.rest.page))
        salesforce.bulk.page = int(told.get("bulk", salesforce.bulk.page))
        return Response(204)

    def tokens(_: Request) -> Response:
        salesforce.sessions.expire()
        return Response(204)

    admin.add("POST", ADMIN + "lag", lag)
    admin.add("POST", ADMIN + "limits", limits)
    admin.add("POST", ADMIN + "pages", pages)
    admin.add("DELETE", ADMIN + "tokens", tokens)
