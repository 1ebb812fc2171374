"""The sandbox's HubSpot or Salesforce over a simulated company, in a process of its own.

`python -m benchmarks.crm_server hubspot FOLDER PROSPECTS TOKEN` draws the company into FOLDER
unless it is there, prints the server's address and serves on loopback until standard input ends.
An answer that was given once is kept and given again: time stands still there and nothing
is written, and a client should wait for its own work, not for the server's.
"""

import argparse
import sys
from collections.abc import Hashable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from connectors.sandbox import Parameters, simulate
from connectors.sandbox.hubspot import Access, Limits, Store, make_hubspot
from connectors.sandbox.hubspot.portal import fill_portal
from connectors.sandbox.salesforce import filled_org, salesforce_app
from connectors.sandbox.serving import App, Clock, Request, Response, serve
from connectors.sandbox.serving.messages import Handler


def remembering(respond: Handler) -> Handler:
    """The same answers, of which none is made twice."""
    given: dict[Hashable, Response] = {}

    def answer(request: Request) -> Response:
        told = [request.headers.get(name) for name in ("authorization", "sforce-query-options")]
        asked = (request.method, request.target, request.body, *told)
        if asked not in given:
            given[asked] = respond(request)
        return given[asked]

    return answer


def app_of(system: str, exports: Path, clock: Clock, token: str) -> App:
    """The API of one of the two systems over a company's exports, its answers kept."""
    if system == "salesforce":
        app = salesforce_app(filled_org(exports, clock), client_id=token, client_secret=token)
    else:
        store = Store(clock)
        fill_portal(store, exports)
        app = make_hubspot(store, Access(clock, token), Limits(None, None, None)).app
    app.respond = remembering(app.respond)
    return app


def end_of(company: Parameters) -> Clock:
    """A clock that stands after all that a company's exports tell of."""
    return Clock.frozen(datetime.combine(company.until + timedelta(days=1), time(), UTC))


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=("hubspot", "salesforce"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("prospects", type=int)
    parser.add_argument("token")
    asked = parser.parse_args()
    company = Parameters(prospects=asked.prospects)
    simulate(company, asked.folder)
    app = app_of(asked.system, asked.folder / "exports", end_of(company), asked.token)
    with serve(app) as running:
        print(running.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
