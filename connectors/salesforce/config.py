"""What `sources.yml` says of a Salesforce org."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from connectors.api_stream import ApiStream, checked_names, wanted_streams, with_chosen
from connectors.faults import Faults, Part, matching
from connectors.salesforce.streams import STREAMS
from connectors.source_parts import Share, SourcePart, Url, Variable, address_in

_LeftOut = Annotated[tuple[str, ...], AfterValidator(checked_names(STREAMS))]
_Field = Annotated[
    str, matching(r"[A-Za-z]\w{0,79}", "a field's API name, as Unqualified_Reason__c")
]
_ApiVersion = Annotated[str, matching(r"[5-9]\d\.0", 'a version of the API in quotes, as "62.0"')]


class ClientCredentials(Part):
    """A connected app that acts as a user of its own."""

    client_id_env: Variable
    client_secret_env: Variable


class JwtBearer(Part):
    """A connected app that signs for a user with a private key (PEM), which a variable holds."""

    client_id_env: Variable
    private_key_env: Variable
    username: str


class RefreshToken(Part):
    """A connected app that a user granted access to."""

    client_id_env: Variable
    client_secret_env: Variable | None = None
    refresh_token_env: Variable


class SalesforceSource(SourcePart):
    """A Salesforce org, read through one of three flows of OAuth.

    `login_url_env` names a variable that holds the address in place of `login_url`.
    `quota_share`: past this share of the org's requests of a day, whoever made them, none is made.
    `bulk_from`: from so many records on, an object is read through the Bulk API.
    `leave_out` names streams that are not read, such as those of features that the org lacks.
    `disqualification_reason` names the leads' field that says why sales did not want one,
    `close_reason` the opportunities' field that says why one was won or lost.
    """

    kind: Literal["salesforce"]
    login_url: Url = "https://login.salesforce.com"
    login_url_env: Variable | None = None
    client_credentials: ClientCredentials | None = None
    jwt_bearer: JwtBearer | None = None
    refresh_token: RefreshToken | None = None
    api_version: _ApiVersion = "62.0"
    quota_share: Share = 0.5
    bulk_from: int = 20_000
    leave_out: _LeftOut = ()
    disqualification_reason: _Field = "Reason__c"
    close_reason: _Field = "Loss_Reason__c"

    @property
    def place(self) -> str:
        """Where one logs in."""
        return self.login_url

    def located(self, environment: Mapping[str, str]) -> "SalesforceSource":
        """The source with the address that `login_url_env` holds, where it names one.

        Raises PermanentError where that variable is not set.
        """
        if self.login_url_env is None:
            return self
        found = address_in(self.login_url_env, environment, self.name)
        return self.model_copy(update={"login_url": found})

    @property
    def streams(self) -> tuple[ApiStream, ...]:
        """The streams that are read."""
        reason = {"disqualification_reason": self.disqualification_reason}
        chosen = {
            "leads": reason,
            "lead_history": reason,
            "opportunities": {"close_reason": self.close_reason},
        }
        return with_chosen(wanted_streams(STREAMS, self.leave_out), chosen)

    @model_validator(mode="after")
    def _has_one_way_in(self) -> "SalesforceSource":
        faults = Faults()
        ways = (self.client_credentials, self.jwt_bearer, self.refresh_token)
        if sum(way is not None for way in ways) != 1:
            expected = "one of `client_credentials`, `jwt_bearer` and `refresh_token`"
            faults.add((), None, expected)
        faults.raise_if_any()
        return self
