"""The portal's API as one app: who is let in, how often, and which path answers what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.sandbox.hubspot.access import Access, Limits
from connectors.sandbox.hubspot.campaigns_api import CampaignsApi
from connectors.sandbox.hubspot.kinds import kind_of
from connectors.sandbox.hubspot.links_api import LinksApi
from connectors.sandbox.hubspot.objects_api import ObjectsApi
from connectors.sandbox.hubspot.refusals import Refused, refusal
from connectors.sandbox.hubspot.responses_api import ResponsesApi
from connectors.sandbox.hubspot.settings_api import SettingsApi
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import ADMIN, App, Request, Response, Router, json_response

_LONGEST_URI: Final = 8192
_TOKEN_PATHS: Final = ("/oauth/v1/token", "/oauth/v3/token")
# By the beginning of the path: any one of the scopes is enough.
_SCOPES: Final = (
    ("/crm/v3/owners", ("crm.objects.owners.read",)),
    ("/crm/v3/pipelines/deals", ("crm.objects.deals.read", "crm.schemas.deals.read")),
    ("/marketing/v3/campaigns", ("marketing.campaigns.read",)),
    ("/marketing/v3/forms", ("forms",)),
    ("/form-integrations/v1", ("forms",)),
    ("/marketing/v3/marketing-events", ("crm.objects.marketing_events.read",)),
    ("/marketing/v3/emails", ("content",)),
    ("/email/public/v1", ("content",)),
)


@dataclass
class HubSpot:
    """A portal's API: `serve(hubspot.app)` serves it.

    `longest_uri` is in bytes. Of associations, one answer tells `links.page` of a record.
    """

    store: Store
    access: Access
    limits: Limits
    app: App
    links: LinksApi
    longest_uri: int = _LONGEST_URI


def make_hubspot(store: Store, access: Access, limits: Limits | None = None) -> HubSpot:
    """The API over a store.

    Beside what every sandbox server is told over HTTP, there are `/_sandbox/scopes`
    (`{"scopes": […]}`), `/_sandbox/lag` (`{"seconds": 5}`), `/_sandbox/limits`
    (`{"per_ten_seconds": 190, "search_per_second": 5}`) and `/_sandbox/tokens` (DELETE: let those
    that were given out be refused).
    """
    limits = limits or Limits()
    router, links = Router(), LinksApi(store)
    parts = (
        ObjectsApi(store),
        links,
        SettingsApi(store, limits),
        CampaignsApi(store),
        ResponsesApi(store),
    )
    for part in parts:
        part.add_to(router)
    hubspot: HubSpot

    def respond(request: Request) -> Response:
        return _respond(hubspot, router, request)

    app = App(store.clock, respond, refusal)
    hubspot = HubSpot(store, access, limits, app, links)
    _add_admin(hubspot)
    return hubspot


def _respond(hubspot: HubSpot, router: Router, request: Request) -> Response:
    if len(request.target) > hubspot.longest_uri:
        return refusal(414)
    if request.path in _TOKEN_PATHS and request.method == "POST":
        return hubspot.access.give_token(request)
    # The official client ends some paths in a slash.
    request.path = request.path.rstrip("/")
    refused = hubspot.access.refuse(request, _scopes_of(request.path))
    if refused is not None:
        return refused
    is_search = request.path.endswith("/search")
    refused = hubspot.limits.refuse(is_search=is_search)
    response = refused or _answer(router, request)
    if is_search:
        return response
    headers = {**response.headers, **hubspot.limits.headers()}
    return Response(response.status, headers, response.body)


def _answer(router: Router, request: Request) -> Response:
    handler = router.find(request)
    if handler is None:
        return refusal(404, f"no {request.method} {request.path} in this sandbox")
    try:
        return handler(request)
    except Refused as error:
        return error.response


def _scopes_of(path: str) -> Iterable[str]:
    for beginning, scopes in _SCOPES:
        if path.startswith(beginning):
            return scopes
    steps = path.split("/")
    if steps[1:2] != ["crm"] or len(steps) < 5:  # noqa: PLR2004 - /crm/v3/objects/contacts
        return ()
    kind = kind_of(steps[4])
    if kind is None:
        return ()
    if steps[3] == "properties":
        return (kind.scope, kind.scope.replace("objects", "schemas"))
    return (kind.scope,)


def _add_admin(hubspot: HubSpot) -> None:
    def scopes(request: Request) -> Response:
        hubspot.access.scopes = set(request.json()["scopes"])
        return json_response({"scopes": sorted(hubspot.access.scopes)})

    def lag(request: Request) -> Response:
        hubspot.store.lag = timedelta(seconds=float(request.json()["seconds"]))
        return json_response({"seconds": hubspot.store.lag.total_seconds()})

    def limits(request: Request) -> Response:
        told, now = request.json(), hubspot.limits
        now.per_ten_seconds = told.get("per_ten_seconds", now.per_ten_seconds)
        now.search_per_second = told.get("search_per_second", now.search_per_second)
        return json_response(
            {"per_ten_seconds": now.per_ten_seconds, "search_per_second": now.search_per_second}
        )

    def tokens(_: Request) -> Response:
        hubspot.access.expire_tokens()
        return Response(204)

    for method, name, handler in (
        ("POST", "scopes", scopes),
        ("POST", "lag", lag),
        ("POST", "limits", limits),
        ("DELETE", "tokens", tokens),
    ):
        hubspot.app.admin.add(method, ADMIN + name, handler)
