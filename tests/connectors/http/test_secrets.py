"""A secret comes from the environment and is seen nowhere: not in errors, logs, or texts."""

import copy
import logging
import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, PermanentError
from connectors.http import Api, Retries, Timeouts
from connectors.hubspot.auth import hubspot_auth
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.explain import explain as hubspot_explain
from connectors.salesforce.auth import salesforce_auth
from connectors.salesforce.config import SalesforceSource
from connectors.salesforce.explain import explain as salesforce_explain
from connectors.secret import Secret, redact, secret, secret_word
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Asked, Reply, in_turn, serving

CANARIES = {
    "ID": "canary-id-Zm9v",
    "SECRET": "canary/secret+with=signs",
    "REFRESH": "canary refresh&token",
    "TOKEN": "canary-token-1234",
}
GIVEN = "canary-access!token"
CANARY_WORDS = (GIVEN, *CANARIES.values(), "canary%2Fsecret", "canary+refresh")


def test_a_secret_shows_itself_as_stars_only() -> None:
    hidden = Secret("the very secret")
    shown = f"{hidden} {hidden!r} {hidden:>20} {[hidden]} {hidden!s}"
    assert "very" not in shown
    assert hidden.reveal() == "the very secret"


def test_a_secret_can_not_be_written_anywhere() -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(Secret("the very secret"))
    with pytest.raises(TypeError, match="not written anywhere"):
        copy.deepcopy(Secret("the very secret"))


def test_a_secret_is_what_its_variable_holds_without_the_space_around_it() -> None:
    assert secret("A", {"A": " abc\n"}).reveal() == "abc"


def test_a_secret_may_be_in_a_file_that_a_variable_names(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    environment = {"A_FILE": str(tmp_path / "secret")}
    assert secret("A", environment).reveal() == "from a file"


@pytest.mark.parametrize("environment", [{}, {"A": ""}, {"A": " "}, {"A_FILE": ""}])
def test_a_missing_secret_is_told_by_its_variable_and_how_to_set_it(
    environment: Mapping[str, str],
) -> None:
    with pytest.raises(PermanentError) as caught:
        secret("A", environment)
    assert str(caught.value) == (
        "the environment: the variable A is not set, nor is A_FILE. "
        "Set A to the secret, or A_FILE to the path of a file that holds it"
    )


def test_two_secrets_for_one_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="both A and A_FILE are set"):
        secret("A", {"A": "one", "A_FILE": str(tmp_path)})


def test_a_file_that_can_not_be_read_is_told_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="the file that A_FILE names can't be read: No such"):
        secret("A", {"A_FILE": str(tmp_path / "absent")})
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(PermanentError, match="the file that A_FILE names is empty"):
        secret("A", {"A_FILE": str(tmp_path / "empty")})
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PermanentError, match="can't be read: it is not text"):
        secret("A", {"A_FILE": str(tmp_path / "bytes")})


@pytest.mark.parametrize("value", ["two words", "with\nline", "schlüssel"])
def test_a_token_that_no_header_can_bear_is_told_without_it(value: str) -> None:
    with pytest.raises(PermanentError, match="is not a token") as caught:
        secret_word("A", {"A": value})
    assert value not in str(caught.value)


def test_a_text_loses_every_secret_in_it_as_it_is_and_as_in_an_address() -> None:
    Secret("s/3+c=r&t")
    assert redact("a s/3+c=r&t b s%2F3%2Bc%3Dr%26t") == "a *** b ***"
    assert redact("by http://user:word@proxy.example.com:3128/") == (
        "by http://***@proxy.example.com:3128/"
    )


def everything_said(error: BaseException) -> str:
    """All that a log, a web page or a person could see of an error, and of those behind it."""
    said = ["".join(traceback.format_exception(error))]
    found: BaseException | None = error
    while found is not None:
        said += [str(found), repr(found), repr(found.args), repr(vars(found))]
        said += ["".join(traceback.format_exception(found))]
        for frame, _ in traceback.walk_tb(found.__traceback__):
            if "tests/" not in frame.f_code.co_filename:
                said += [repr(frame.f_locals)]
        found = found.__cause__ or found.__context__
    return "\n".join(said)


def echoing(asked: Asked) -> Reply:
    """A server that says back all that it was told, as some do."""
    if asked.path.endswith("/token") and "deny" not in asked.path:
        return Reply(
            200, {"access_token": GIVEN, "instance_url": f"http://{asked.headers['Host']}"}
        )
    told = f"{asked.headers.get('Authorization')} {asked.body.decode()}"
    said = [{"errorCode": "MALFORMED", "message": told}]
    return Reply(400, said, {"X-Echo": told})


def denying(asked: Asked) -> Reply:
    told = f"{asked.body.decode()} {CANARIES}"
    return Reply(400, {"error": "invalid_grant", "error_description": told})


def salesforce(url: str) -> SalesforceSource:
    flow = {"client_id_env": "ID", "client_secret_env": "SECRET", "refresh_token_env": "REFRESH"}
    return SalesforceSource.model_validate(
        {"name": "s", "kind": "salesforce", "login_url": url, "refresh_token": flow}
    )


@pytest.mark.parametrize(
    "respond",
    [
        pytest.param(echoing, id="errors that echo"),
        pytest.param(denying, id="logins that echo"),
        pytest.param(in_turn(Reply(503, b"canary-token-1234")), id="a login that fails"),
        pytest.param(in_turn(Reply(reset=True)), id="resets"),
        pytest.param(in_turn(Reply(200, b"{")), id="broken JSON"),
        pytest.param(
            in_turn(Reply(302, headers={"Location": "http://canary-token-1234@localhost:1/x"})),
            id="redirects",
        ),
    ],
)
def test_no_canary_is_seen_in_any_error_or_log_whatever_goes_wrong(
    respond: object, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = FakeClock()
    retries, timeouts = Retries(attempts=2), Timeouts(connect=1, read=1)
    hubspot = HubSpotSource.model_validate({"name": "h", "kind": "hubspot", "token_env": "TOKEN"})
    said = []
    with caplog.at_level(logging.DEBUG), serving(respond) as server:  # type: ignore[arg-type]
        timing = clock.timing()
        auths = (
            (
                salesforce_auth(salesforce(server.url), CANARIES, retries=retries, timing=timing),
                salesforce_explain,
            ),
            (hubspot_auth(hubspot, CANARIES), hubspot_explain),
        )
        for auth, explain in auths:
            with Api(
                server.url,
                auth,
                explain=explain,
                retries=retries,
                timeouts=timeouts,
                timing=timing,
            ) as api:
                for ask in (
                    lambda api=api: api.get("/things"),
                    lambda api=api: api.post("/search", {"value": "x"}),
                ):
                    with pytest.raises(ConnectorError) as caught:
                        ask()
                    said.append(everything_said(caught.value))
    assert len(said) == 4
    logged = [record.getMessage() for record in caplog.records]
    assert any("urllib3" in record.name for record in caplog.records)
    captured = capfd.readouterr()
    text = "\n".join([*said, *logged, captured.out, captured.err])
    assert [word for word in CANARY_WORDS if word in text] == []


@pytest.mark.parametrize("name", ["ID", "SECRET", "REFRESH"])
def test_a_source_without_one_of_its_secrets_says_which(name: str) -> None:
    environment = {key: value for key, value in CANARIES.items() if key != name}
    with pytest.raises(PermanentError, match=f"the variable {name} is not set"):
        salesforce_auth(salesforce("https://login.salesforce.com"), environment)
