"""The simulated company's servers, in one process of their own.

`python -m connectors.sandbox.servers COMPANY DATA` writes the company's history below DATA unless
it is there, fills a HubSpot portal and a Salesforce org from it, serves both on loopback, and says
on one line, as JSON, in which variables of the environment their addresses belong. It ends when its
standard input does, so never later than whoever started it.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

from connectors.errors import PermanentError
from connectors.sandbox.hubspot import Access, Limits, Store, make_hubspot
from connectors.sandbox.hubspot.portal import fill_portal
from connectors.sandbox.parameters import parameters_of
from connectors.sandbox.salesforce import filled_org, salesforce_app
from connectors.sandbox.serving import Clock, serve
from connectors.sandbox.simulate import simulate
from connectors.sources import load_sources

HUBSPOT_URL: Final = "SANDBOX_HUBSPOT_URL"
HUBSPOT_TOKEN: Final = "SANDBOX_HUBSPOT_TOKEN"  # noqa: S105 - the name of a variable
SALESFORCE_URL: Final = "SANDBOX_SALESFORCE_URL"
SALESFORCE_CLIENT_ID: Final = "SANDBOX_SALESFORCE_CLIENT_ID"
SALESFORCE_CLIENT_SECRET: Final = "SANDBOX_SALESFORCE_CLIENT_SECRET"  # noqa: S105 - likewise

_NO_LIMITS: Final = Limits(None, None, None)
"""A demonstration need not wait for HubSpot's rates; the connector keeps to its own."""


@contextmanager
def served(exports: Path, clock: Clock, keys: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The portal and the org of a company whose exports lie there, served while the context lasts.

    `keys` are what lets a client in, by the variables' names; the result says where the servers
    are. The clock has to stand at or after the end of what the exports tell.
    """
    store = Store(clock)
    fill_portal(store, exports)
    hubspot = make_hubspot(store, Access(clock, keys[HUBSPOT_TOKEN]), _NO_LIMITS).app
    salesforce = salesforce_app(
        filled_org(exports, clock),
        client_id=keys[SALESFORCE_CLIENT_ID],
        client_secret=keys[SALESFORCE_CLIENT_SECRET],
    )
    with serve(hubspot) as portal, serve(salesforce) as org:
        yield {HUBSPOT_URL: portal.url, SALESFORCE_URL: org.url}


def main() -> None:
    """Serve until standard input ends."""
    company, data = Path(sys.argv[1]), Path(sys.argv[2])
    wanted = load_sources(company / "sources.yml").simulate
    if wanted is None:
        sys.exit(f"{company / 'sources.yml'}: it does not say `simulate`, so nothing is served")
    with ExitStack() as stack:
        try:
            simulate(parameters_of(wanted), data)
            # By then everything has happened. It stands: two runs find the same company.
            clock = Clock.frozen(datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
            addresses = stack.enter_context(served(data / "exports", clock, os.environ))
        except PermanentError as error:
            sys.exit(str(error))
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
