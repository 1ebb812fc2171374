"""The simulated company's portal: a store filled from its exports."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from connectors.sandbox.hubspot.access import Access, Limits, OAuthApp
from connectors.sandbox.hubspot.api import HubSpot, make_hubspot
from connectors.sandbox.hubspot.portal.campaigns import fill_replies, marketing_of
from connectors.sandbox.hubspot.portal.deals import fill_deals, is_mirrored
from connectors.sandbox.hubspot.portal.exported import Exported, company_id, deal_id, event_id
from connectors.sandbox.hubspot.portal.people import fill_companies, fill_contacts, owners
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Clock

__all__ = [
    "SANDBOX_OAUTH",
    "SANDBOX_TOKEN",
    "company_id",
    "deal_id",
    "event_id",
    "fill_portal",
    "is_mirrored",
    "sandbox_portal",
]

SANDBOX_TOKEN: Final = "pat-sandbox-of-a-company-that-does-not-exist"  # noqa: S105
"""The private app's token that the sandbox's portal lets in; it opens nothing else."""

SANDBOX_OAUTH: Final = OAuthApp("sandbox-app", "sandbox-app-secret", "sandbox-refresh-token")
"""The app that the sandbox's portal gives access tokens to."""


def fill_portal(store: Store, exports: Path) -> None:
    """Fill a store from `exports/`, or catch up: what it holds already and did not change stays.

    The store's clock has to stand at or after the end of what the exports tell. Merges and whatever
    else the exports do not date happen at the clock's time.
    """
    exported = Exported(exports, store.clock.milliseconds())
    with store.lock:
        store.owners = owners(exported)
        fill_companies(store, exported)
        fill_contacts(store, exported)
        fill_deals(store, exported)
        fill_replies(store, exported)
        store.marketing = marketing_of(exported)


def sandbox_portal(
    exports: Path, clock: Clock, *, limits: Limits | None = None, lag: timedelta = timedelta(0)
) -> HubSpot:
    """The simulated company's portal, filled and ready to be served."""
    store = Store(clock, lag)
    fill_portal(store, exports)
    return make_hubspot(store, Access(clock, SANDBOX_TOKEN, SANDBOX_OAUTH), limits)
