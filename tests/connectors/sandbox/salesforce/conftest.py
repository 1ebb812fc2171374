"""An org on loopback whose clock stands still, and Salesforce's real client for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce as Client

from connectors.sandbox.salesforce import ConnectedApp, Org, Salesforce, make_salesforce
from connectors.sandbox.serving import Clock, Running, serve

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Served:
    """An org's API that is served."""

    org: Org
    salesforce: Salesforce
    server: Running

    def client(self) -> Client:
        """The real client, logged in."""
        form = {
            "grant_type": "client_credentials",
            "client_id": "the id",
            "client_secret": "the secret",
        }
        told = requests.post(f"{self.server.url}/services/oauth2/token", data=form, timeout=10)
        session = requests.Session()
        session.mount("https://", _Plain())
        return Client(
            instance_url=self.server.url,
            session_id=told.json()["access_token"],
            session=session,
            version="62.0",
        )


class _Plain(HTTPAdapter):
    """The client knows TLS alone, and the sandbox none."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **more)


@pytest.fixture
def org() -> Org:
    return Org(Clock.frozen(NOON))


@pytest.fixture
def served(org: Org) -> Iterator[Served]:
    salesforce = make_salesforce(org, ConnectedApp("the id", "the secret"))
    with serve(salesforce.app) as server:
        yield Served(org, salesforce, server)


@pytest.fixture
def client(served: Served) -> Client:
    return served.client()
