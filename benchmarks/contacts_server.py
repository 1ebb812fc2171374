"""HubSpot's API for contacts alone, as many as asked for: made up as they are asked for, fast.

`python -m benchmarks.contacts_server 1000000 a-token` prints its address and serves on loopback
until its standard input ends. It answers what a first sync asks: the list of contacts with
properties or with their history, a search's total and its newest records, the properties' metadata.
The sandbox's own server stores its records and checks every request; here the server must not be
what a client waits for, so the page after the one just told is made while the client looks at that.
Contacts are the same whoever asks: all clients get the same pages.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson

from connectors.sandbox.hubspot.definitions import LEAD_STATUS, LIFECYCLE, standard_properties
from connectors.sandbox.hubspot.kinds import instant

_BEGINNING: Final = 1_700_000_000_000
_APART: Final = 977
_HOUR: Final = 3_600_000
_FIRST_ID: Final = 100_000_001
_STAGES: Final = LIFECYCLE[:6]
_COUNTRIES: Final = ("Germany", "Austria", "Switzerland", "Netherlands", "Denmark")
_CHANNELS: Final = ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "REFERRALS", "OFFLINE")
_DEFINED: Final = standard_properties("contacts", "createdate", "lastmodifieddate")


class Asked(NamedTuple):
    """A page of the list: from which contact on, numbered from 0, how many, what of each."""

    first: int
    limit: int
    properties: tuple[str, ...]
    with_history: tuple[str, ...]


def values_of(number: int) -> dict[str, str | None]:
    """The properties of a contact; two thirds of those that are defined have a value."""
    at = _BEGINNING + number * _APART
    created, modified, firm = instant(at), instant(at + 24 * _HOUR), number % 9973
    values: dict[str, str | None] = {
        "hs_object_id": str(_FIRST_ID + number),
        "createdate": created,
        "hs_createdate": created,
        "lastmodifieddate": modified,
        "notes_last_updated": modified,
        "email": f"anna.beispiel.{number}@firm-{firm}.example",
        "firstname": f"Anna {number % 811}",
        "lastname": f"Beispiel-{number % 7919}",
        "phone": f"+49 30 {number:09}",
        "company": f"Firm {firm} GmbH",
        "jobtitle": "Head of Operations",
        "website": f"https://firm-{firm}.example",
        "city": "Berlin",
        "zip": str(10_000 + number % 89_999),
        "country": _COUNTRIES[number % len(_COUNTRIES)],
        "hs_analytics_source": _CHANNELS[number % len(_CHANNELS)],
        "hs_analytics_source_data_1": f"campaign-{number % 53}",
        "hs_latest_source": _CHANNELS[number % 3],
        "associatedcompanyid": str(_FIRST_ID + firm),
        "hubspot_owner_id": str(7_000 + number % 40),
        "lifecyclestage": _STAGES[number % len(_STAGES)],
        "hs_lead_status": LEAD_STATUS[number % len(LEAD_STATUS)],
        "hs_email_open": str(number % 17),
        "num_associated_deals": str(number % 3),
        "hubspotscore": str(number % 101),
    }
    for place, stage in enumerate(_STAGES[: number % len(_STAGES) + 1]):
        values[f"hs_date_entered_{stage}"] = instant(at + place * _HOUR)
    return values


def history_of(number: int, name: str, values: dict[str, str | None]) -> list[dict[str, Any]]:
    """What a property was, the newest value first: each stage that was entered, else one value."""
    is_stage = name == "lifecyclestage"
    past = _STAGES[: number % len(_STAGES) + 1] if is_stage else (values.get(name),)
    at = _BEGINNING + number * _APART
    return [
        {
            "value": value,
            "timestamp": instant(at + place * _HOUR),
            "sourceType": "CRM_UI",
            "sourceId": "userId:7001",
            "updatedByUserId": 7001,
        }
        for place, value in reversed(tuple(enumerate(past)))
    ]


def record_of(number: int, names: Sequence[str], with_history: Sequence[str]) -> dict[str, Any]:
    """A contact as the API tells it."""
    values = values_of(number)
    record: dict[str, Any] = {
        "id": values["hs_object_id"],
        "properties": {name: values.get(name) for name in names},
        "createdAt": values["createdate"],
        "updatedAt": values["lastmodifieddate"],
        "archived": False,
    }
    if with_history:
        histories = {name: history_of(number, name, values) for name in with_history}
        record["propertiesWithHistory"] = histories
    return record


class Contacts:
    """So many contacts, and the answers that tell of them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._ahead: dict[Asked, bytes] = {}
        self._next: Asked | None = None

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """The status and the body that a request gets."""
        address = urlsplit(target)
        match method, address.path:
            case "GET", "/crm/v3/properties/contacts":
                defined = [found.as_json(_BEGINNING) for found in _DEFINED.values()]
                return 200, orjson.dumps({"results": defined})
            case "GET", "/crm/v3/objects/contacts":
                return 200, self._listed(_asked(dict(parse_qsl(address.query))))
            case "POST", "/crm/v3/objects/contacts/search":
                return 200, self._newest(orjson.loads(body))
        return 404, orjson.dumps({"message": f"nothing is at {address.path}"})

    def make_ahead(self) -> None:
        """Make the page that will be asked for next."""
        if self._next is not None:
            self._ahead = {self._next: self._page(self._next)}
            self._next = None

    def _listed(self, asked: Asked) -> bytes:
        page = self._ahead.pop(asked, None) or self._page(asked)
        following = asked.first + asked.limit
        self._next = asked._replace(first=following) if following < self.count else None
        return page

    def _page(self, asked: Asked) -> bytes:
        end = min(asked.first + asked.limit, self.count)
        numbers = range(asked.first, end)
        names, with_history = asked.properties, asked.with_history
        page: dict[str, Any] = {"results": [record_of(n, names, with_history) for n in numbers]}
        if end < self.count:
            page["paging"] = {"next": {"after": str(_FIRST_ID + end)}}
        return orjson.dumps(page)

    def _newest(self, asked: dict[str, Any]) -> bytes:
        """Of a search without filters, the contacts that were modified last."""
        numbers = range(self.count - 1, max(-1, self.count - 1 - asked["limit"]), -1)
        records = [record_of(number, asked["properties"], ()) for number in numbers]
        return orjson.dumps({"total": self.count, "results": records})


def _asked(params: dict[str, str]) -> Asked:
    def named(key: str) -> tuple[str, ...]:
        return tuple(name for name in params.get(key, "").split(",") if name)

    first = int(params["after"]) - _FIRST_ID if "after" in params else 0
    limit = int(params.get("limit", "10"))
    return Asked(first, limit, named("properties"), named("propertiesWithHistory"))


class _Connection(asyncio.Protocol):
    """One client's requests, one after the other."""

    def __init__(self, contacts: Contacts, token: str) -> None:
        self._contacts = contacts
        self._authorization = f"authorization: bearer {token}".lower().encode()
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
        length = int(lengths[0].partition(b":")[2]) if lengths else 0
        if not end or len(rest) < length:
            return
        self._received = rest[length:]
        method, target, _ = lines[0].decode().split(" ")
        status, body = 401, b'{"message": "the token is not taken"}'
        if any(line.lower() == self._authorization for line in lines):
            status, body = self._contacts.answer(method, target, rest[:length])
        self._transport.write(
            b"HTTP/1.1 %d Told\r\nContent-Type: application/json;charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % (status, len(body)) + body
        )
        asyncio.get_running_loop().call_soon(self._contacts.make_ahead)


async def _serve(contacts: Contacts, token: str) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(contacts, token), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contacts", type=int)
    parser.add_argument("token")
    asked = parser.parse_args()
    asyncio.run(_serve(Contacts(asked.contacts), asked.token))


if __name__ == "__main__":
    main()
