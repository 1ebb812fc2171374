"""One careful session for one API, on `requests`; what of it connectors use is named here."""

from connectors.http.api import Api
from connectors.http.auth import Auth, FixedToken, NoAuth, RenewedToken, Token
from connectors.http.calls import Answer, Call, Download, Explained, delete, get, post
from connectors.http.failures import Failing, Refused
from connectors.http.limits import Limit, Quota, QuotaReached, Usage
from connectors.http.retries import Retries
from connectors.http.timing import Timing
from connectors.http.wire import Timeouts

__all__ = [
    "Answer",
    "Api",
    "Auth",
    "Call",
    "Download",
    "Explained",
    "Failing",
    "FixedToken",
    "Limit",
    "NoAuth",
    "Quota",
    "QuotaReached",
    "Refused",
    "RenewedToken",
    "Retries",
    "Timeouts",
    "Timing",
    "Token",
    "Usage",
    "delete",
    "get",
    "post",
]
