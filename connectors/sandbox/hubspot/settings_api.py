"""Owners, pipelines, properties, and what the portal says of itself."""

from typing import Any, Final

from connectors.sandbox.hubspot.access import Limits
from connectors.sandbox.hubspot.objects_api import (
    answer,
    is_true,
    next_page,
    the_kind,
    whole_number,
)
from connectors.sandbox.hubspot.refusals import invalid, not_found
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Request, Response, Router

_MOST_OWNERS: Final = 500
PORTAL: Final = 1
"""The portal's id."""


class SettingsApi:
    """Answers from a store."""

    def __init__(self, store: Store, limits: Limits, currency: str = "USD") -> None:
        self._store = store
        self._limits = limits
        self._currency = currency

    def add_to(self, router: Router) -> None:
        """Add the paths."""
        router.add("GET", "/crm/v3/owners", self.owners)
        router.add("GET", "/crm/v3/owners/{id}", self.owner)
        router.add("GET", "/crm/v3/pipelines/{kind}", self.pipelines)
        router.add("GET", "/crm/v3/properties/{kind}", self.properties)
        router.add("GET", "/crm/v3/properties/{kind}/{name}", self.property)
        router.add("GET", "/account-info/v3/details", self.details)
        router.add("GET", "/account-info/v3/api-usage/daily/private-apps", self.usage)
        router.add("GET", "/account-info/v3/api-usage/daily", self.usage)

    def owners(self, request: Request) -> Response:
        """A page of those who are active, or of those who are archived."""
        limit = whole_number(request, "limit", 100, _MOST_OWNERS)
        after, email = request.first("after", "0"), request.first("email")
        if not after.isdigit():
            raise invalid(f"after is no place of the owners: {after!r}")
        archived = is_true(request.first("archived"))
        with self._store.lock:
            owners = [
                owner
                for owner in sorted(self._store.owners.values(), key=lambda owner: int(owner.id))
                if owner.is_archived == archived and (not email or owner.email == email)
            ]
        left = [owner for owner in owners if int(owner.id) > int(after)]
        told: dict[str, Any] = {"results": [owner.as_json() for owner in left[:limit]]}
        if len(left) > limit:
            told["paging"] = next_page(request, left[limit - 1].id)
        return answer(told)

    def owner(self, request: Request) -> Response:
        """One owner."""
        found = self._store.owners.get(request.params["id"])
        if found is None or found.is_archived != is_true(request.first("archived")):
            raise not_found("resource not found")
        return answer(found.as_json())

    def pipelines(self, request: Request) -> Response:
        """All pipelines of an object type."""
        kind = the_kind(request.params["kind"])
        with self._store.lock:
            pipelines = list(self._store.pipelines[kind.name].values())
        return answer({"results": [one.as_json(place) for place, one in enumerate(pipelines)]})

    def properties(self, request: Request) -> Response:
        """The properties of an object type that are listed; none is archived here."""
        kind = the_kind(request.params["kind"])
        if is_true(request.first("archived")):
            return answer({"results": []})
        with self._store.lock:
            found = [p for p in self._store.properties[kind.name].values() if p.is_listed]
        return answer({"results": [one.as_json(self._store.created) for one in found]})

    def property(self, request: Request) -> Response:
        """One property, listed or not."""
        kind, name = the_kind(request.params["kind"]), request.params["name"]
        found = self._store.properties[kind.name].get(name)
        if found is None:
            raise not_found(f"Property {name} does not exist for {kind.singular}")
        return answer(found.as_json(self._store.created))

    def details(self, _: Request) -> Response:
        """The portal's currency and time zone."""
        return answer(
            {
                "portalId": PORTAL,
                "accountType": "STANDARD",
                "timeZone": "UTC",
                "companyCurrency": self._currency,
                "additionalCurrencies": [],
                "utcOffset": "+00:00",
                "utcOffsetMilliseconds": 0,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "eu1",
            }
        )

    def usage(self, _: Request) -> Response:
        """How much of the day's requests is used."""
        limit = self._limits.per_day or 0
        one = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": limit,
            "currentUsage": self._limits.today,
            "fetchStatus": "SUCCESS",
        }
        return answer({"results": [one]})
