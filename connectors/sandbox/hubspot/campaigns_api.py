"""The paths of `/marketing/v3/campaigns`: campaigns, their money and their assets."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.marketing import ASSET_TYPES, MarketingCampaign, MoneyItem
from connectors.sandbox.hubspot.objects_api import answer, next_page, whole_number
from connectors.sandbox.hubspot.refusals import invalid, not_found
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Request, Response, Router

_T = TypeVar("_T")

_PAGE: Final = 50
_LONGEST_PAGE: Final = 100
_PATH: Final = "/marketing/v3/campaigns"


class CampaignsApi:
    """Answers from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, router: Router) -> None:
        """Add the paths."""
        router.add("GET", _PATH, self.list_campaigns)
        router.add("GET", f"{_PATH}/{{id}}", self.campaign)
        router.add("GET", f"{_PATH}/{{id}}/budget/totals", self.money)
        router.add("GET", f"{_PATH}/{{id}}/spend/{{item}}", self.spend_item)
        router.add("GET", f"{_PATH}/{{id}}/assets/{{type}}", self.assets)

    def list_campaigns(self, request: Request) -> Response:
        """A page of the campaigns, with those properties alone that were asked for."""
        with self._store.lock:
            campaigns = sorted(self._store.marketing.campaigns.values(), key=lambda c: c.id)
        page, paging = paged(request, campaigns, _PAGE, _LONGEST_PAGE)
        results = [_as_json(one, request) for one in page]
        return answer({"total": len(campaigns), "results": results} | paging)

    def campaign(self, request: Request) -> Response:
        """One campaign, with the first of its assets."""
        one = self._campaign(request)
        assets = {type_: {"results": _assets(one, type_)[:10]} for type_ in one.assets}
        return answer(_as_json(one, request) | {"assets": assets})

    def money(self, request: Request) -> Response:
        """A campaign's budget and spend, item by item, in its own currency."""
        one = self._campaign(request)
        budget, spend = (sum(item.amount for item in items) for items in (one.budget, one.spend))
        return answer(
            {
                "currencyCode": one.currency,
                "budgetItems": _items(one.budget),
                "spendItems": _items(one.spend),
                "budgetTotal": round(budget, 2),
                "spendTotal": round(spend, 2),
                "remainingBudget": round(budget - spend, 2),
            }
        )

    def spend_item(self, request: Request) -> Response:
        """One item of what a campaign cost."""
        for item in _items(self._campaign(request).spend):
            if item["id"] == request.params["item"]:
                return answer(item)
        raise not_found("resource not found")

    def assets(self, request: Request) -> Response:
        """A page of a campaign's assets of a type."""
        one, type_ = self._campaign(request), request.params["type"]
        if type_ not in ASSET_TYPES:
            raise invalid(f"Unknown asset type {type_}; the sandbox has {', '.join(ASSET_TYPES)}")
        page, paging = paged(request, _assets(one, type_), 10, _LONGEST_PAGE)
        return answer({"results": page} | paging)

    def _campaign(self, request: Request) -> MarketingCampaign:
        found = self._store.marketing.campaigns.get(request.params["id"])
        if found is None:
            raise not_found("resource not found")
        return found


def paged(
    request: Request, all_: Sequence[_T], default: int, most: int
) -> tuple[Sequence[_T], dict[str, Any]]:
    """A page of a whole list, and where the next one is; `after` is a place in it."""
    limit, after = whole_number(request, "limit", default, most), request.first("after", "0")
    if not after.isdigit():
        raise invalid(f"after is no place of this list: {after!r}")
    end = int(after) + limit
    following = {"paging": next_page(request, str(end))} if end < len(all_) else {}
    return all_[int(after) : end], following


def _as_json(one: MarketingCampaign, request: Request) -> dict[str, Any]:
    values = one.values | {
        "hs_currency_code": one.currency,
        "hs_object_id": one.id,
        "hs_budget_items_sum_amount": _amount(one.budget),
        "hs_spend_items_sum_amount": _amount(one.spend),
    }
    return {
        "id": one.id,
        "properties": {
            name: values[name] for name in request.words("properties") if name in values
        },
        "createdAt": instant(one.created),
        "updatedAt": instant(one.updated),
        "businessUnits": [],
    }


def _amount(items: Sequence[MoneyItem]) -> str:
    return f"{sum(item.amount for item in items):.2f}"


def _items(items: Sequence[MoneyItem]) -> list[dict[str, Any]]:
    return [
        {
            "id": item.id,
            "name": item.name,
            "amount": item.amount,
            "order": order,
            "description": item.description,
            "createdAt": item.created,
            "updatedAt": item.updated,
        }
        for order, item in enumerate(sorted(items, key=lambda item: (item.created, item.id)))
    ]


def _assets(one: MarketingCampaign, type_: str) -> list[dict[str, Any]]:
    return [{"id": id_, "name": name} for id_, name in one.assets.get(type_, [])]
