"""What `sources.yml` says of a HubSpot portal."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.api_stream import ApiStream, checked_names, wanted_streams, with_chosen
from connectors.faults import Faults, Part, matching
from connectors.hubspot.streams import STREAMS
from connectors.source_parts import SourcePart, Url, Variable, address_in

_Property = Annotated[
    str, matching(r"[a-z][a-z0-9_]{0,99}", "a property's internal name, as unqualified_reason")
]
_LeftOut = Annotated[tuple[str, ...], AfterValidator(checked_names(STREAMS))]


class HubSpotOAuth(Part):
    """An app that was granted access: the variables of its id, its secret and its refresh token."""

    client_id_env: Variable
    client_secret_env: Variable
    refresh_token_env: Variable


class HubSpotSource(SourcePart):
    """A HubSpot portal, read with a private app's token or through OAuth.

    `url_env` names a variable that holds the address in place of `url`.
    `requests_per_10_seconds` is what the portal's plan allows an app, less what others need of it.
    `leave_out` names streams that are not read, such as those that the plan does not have.
    `disqualification_reason` names the contacts' property that says why sales did not want one.
    """

    kind: Literal["hubspot"]
    url: Url = "https://api.hubapi.com"
    url_env: Variable | None = None
    token_env: Variable | None = None
    oauth: HubSpotOAuth | None = None
    requests_per_10_seconds: int = Field(default=100, ge=1)
    searches_per_second: int = Field(default=4, ge=1)
    leave_out: _LeftOut = ()
    disqualification_reason: _Property = "disqualification_reason"

    @property
    def place(self) -> str:
        """The address of the API."""
        return self.url

    def located(self, environment: Mapping[str, str]) -> "HubSpotSource":
        """The source with the address that `url_env` holds, where it names one.

        Raises PermanentError where that variable is not set.
        """
        if self.url_env is None:
            return self
        return self.model_copy(update={"url": address_in(self.url_env, environment, self.name)})

    @property
    def streams(self) -> tuple[ApiStream, ...]:
        """The streams that are read."""
        reason = {"disqualification_reason": self.disqualification_reason}
        chosen = {"contacts": reason, "contact_history": reason}
        return with_chosen(wanted_streams(STREAMS, self.leave_out), chosen)

    @model_validator(mode="after")
    def _has_one_way_in(self) -> "HubSpotSource":
        faults = Faults()
        if (self.token_env is None) == (self.oauth is None):
            expected = "either `token_env`, the variable of a private app's token, or `oauth`"
            faults.add(("token_env",), self.token_env, expected)
        faults.raise_if_any()
        return self
