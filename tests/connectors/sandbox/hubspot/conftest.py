"""A small portal that is served, and ways to ask it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.sandbox.hubspot import (
    Access,
    HubSpot,
    Limits,
    OAuthApp,
    Owner,
    Pipeline,
    Stage,
    Store,
    Team,
    make_hubspot,
)
from connectors.sandbox.serving import Clock, Running, milliseconds_of, serve

START = datetime(2026, 3, 2, 8, 0, 0, 123_000, tzinfo=UTC)
TOKEN = "pat-sandbox-1"

Ask = Callable[..., requests.Response]


def small_portal() -> HubSpot:
    """A portal without records, as often asked as one likes."""
    clock = Clock.frozen(START)
    store = Store(clock)
    at = milliseconds_of(START)
    store.add_pipeline(
        "deals",
        Pipeline(
            "default",
            "Sales",
            [
                Stage("qualified", "Qualified", "0.2"),
                Stage("won", "Closed won", "1.0", is_closed=True),
                Stage("lost", "Closed lost", "0.0", is_closed=True),
            ],
            at,
        ),
    )
    team = Team("7", "Marketing")
    store.owners = {
        "11": Owner("11", "a@x.example", "Ada", "Lovelace", 911, at, at, (team,)),
        "12": Owner("12", "b@x.example", "Bob", "Gone", 912, at, at, is_archived=True),
        "13": Owner("13", "c@x.example", "Cy", "Twombly", 913, at, at),
    }
    access = Access(clock, TOKEN, OAuthApp("app-1", "secret-1", "refresh-1"))
    return make_hubspot(store, access, Limits(None, None, None))


@pytest.fixture
def portal() -> HubSpot:
    return small_portal()


@pytest.fixture
def store(portal: HubSpot) -> Store:
    return portal.store


@pytest.fixture
def running(portal: HubSpot) -> Iterator[Running]:
    with serve(portal.app) as running:
        yield running


@pytest.fixture
def ask(running: Running) -> Iterator[Ask]:
    """Ask with the private token: `ask("GET", path, params=…)`, `ask("POST", path, json=…)`."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"

        def ask(method: str, path: str, **more: Any) -> requests.Response:
            return session.request(method, running.url + path, timeout=10, **more)

        yield ask
