"""A token is there in time, is renewed once, and goes nowhere but where it belongs."""

from pathlib import Path
from threading import Barrier

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import PermanentError
from connectors.http import Api, FixedToken, Refused, RenewedToken, Retries, Token, get
from connectors.hubspot.auth import hubspot_auth
from connectors.hubspot.config import HubSpotSource
from connectors.hubspot.explain import explain as hubspot_explain
from connectors.salesforce.auth import salesforce_auth
from connectors.salesforce.config import SalesforceSource
from connectors.salesforce.explain import explain as salesforce_explain
from connectors.secret import Secret
from tests.connectors.http.clock import FakeClock
from tests.connectors.http.server import Asked, Reply, in_turn, pem_of, serving

GOOD = Reply(200, {})
HUBSPOT_ENVIRONMENT = {"ID": "the-id", "SECRET": "the-secret", "REFRESH": "the-refresh-token"}
SALESFORCE_ENVIRONMENT = {"ID": "consumer-key", "SECRET": "consumer-secret", "REFRESH": "5Aep861"}


class Door:
    """A server that lets in the newest of the tokens which it gave, `token-1`, `token-2`, …"""

    def __init__(self, **said: object) -> None:
        self.given = 0
        self.taken = 0
        self.said = said
        self.logins: list[Asked] = []

    def respond(self, asked: Asked) -> Reply:
        if asked.path.endswith("/token"):
            self.given += 1
            self.taken = self.given
            self.logins.append(asked)
            return Reply(200, {"access_token": f"token-{self.given}", **self.said})
        if asked.headers.get("Authorization") == f"Bearer token-{self.taken}":
            return GOOD
        return Reply(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])


def hubspot_source(url: str) -> HubSpotSource:
    oauth = {"client_id_env": "ID", "client_secret_env": "SECRET", "refresh_token_env": "REFRESH"}
    return HubSpotSource.model_validate(
        {"name": "hubspot", "kind": "hubspot", "url": url, "oauth": oauth}
    )


def salesforce_source(url: str, **flow: dict[str, str]) -> SalesforceSource:
    return SalesforceSource.model_validate(
        {"name": "salesforce", "kind": "salesforce", "login_url": url, **flow}
    )


CREDENTIALS = {"client_credentials": {"client_id_env": "ID", "client_secret_env": "SECRET"}}


def test_a_private_apps_token_is_shown_with_every_request() -> None:
    source = HubSpotSource.model_validate(
        {"name": "hubspot", "kind": "hubspot", "token_env": "HUBSPOT_TOKEN"}
    )
    auth = hubspot_auth(source, {"HUBSPOT_TOKEN": "pat-na1-0123"})
    with serving(in_turn(GOOD)) as server, Api(server.url, auth) as api:
        api.get("/things")
    assert server.asked[0].headers["Authorization"] == "Bearer pat-na1-0123"


def test_a_token_that_only_a_person_can_replace_is_refused_at_once() -> None:
    clock = FakeClock()
    no = Reply(
        401,
        {
            "status": "error",
            "message": "This oauth-token is expired!",
            "correlationId": "9f1c",
            "category": "EXPIRED_AUTHENTICATION",
        },
    )
    auth = FixedToken(Secret("pat-na1-0123"))
    with (
        serving(in_turn(no)) as server,
        Api(server.url, auth, explain=hubspot_explain, timing=clock.timing()) as api,
        pytest.raises(Refused) as caught,
    ):
        api.get("/things")
    assert caught.value.what == (
        "answered 401 Unauthorized (EXPIRED_AUTHENTICATION: This oauth-token is expired!), "
        "correlation id 9f1c"
    )
    assert "token or the app in the environment" in caught.value.fix
    assert len(server.asked) == 1


def test_hubspots_oauth_asks_for_a_token_with_a_form_and_never_in_the_address() -> None:
    door = Door(expires_in=1800)
    with serving(door.respond) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT)
        with Api(server.url, auth) as api:
            api.get("/things")
            api.get("/things")
    assert server.paths == ["/oauth/v3/token", "/things", "/things"]
    (login,) = door.logins
    assert login.query == {}
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in login.headers
    assert login.form() == {
        "grant_type": "refresh_token",
        "client_id": "the-id",
        "client_secret": "the-secret",
        "refresh_token": "the-refresh-token",
    }


def test_a_token_is_renewed_before_it_expires() -> None:
    clock, door = FakeClock(), Door(expires_in=1800)
    with serving(door.respond) as server:
        timing = clock.timing()
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT, timing=timing)
        with Api(server.url, auth, timing=timing) as api:
            api.get("/first")
            clock.seconds += 1800 - 121
            api.get("/still-good")
            clock.seconds += 1
            api.get("/renewed")
    assert server.paths == [
        "/oauth/v3/token",
        "/first",
        "/still-good",
        "/oauth/v3/token",
        "/renewed",
    ]


def test_a_token_of_a_very_short_life_is_not_asked_for_with_every_request() -> None:
    clock = FakeClock()
    given = []

    def fetch() -> Token:
        given.append(clock.seconds)
        return Token(Secret(f"token-{len(given)}"), lasts=60)

    auth = RenewedToken(fetch, clock.timing())
    for _ in range(10):
        auth.token()
    assert len(given) == 1


def test_a_token_that_is_refused_in_mid_sync_is_renewed_and_the_request_sent_again() -> None:
    door = Door()
    with serving(door.respond) as server:
        source = hubspot_source(server.url)
        with Api(server.url, hubspot_auth(source, HUBSPOT_ENVIRONMENT)) as api:
            api.get("/first")
            door.taken = -1
            api.post("/jobs", {"query": "all"}, repeatable=False)
    assert server.paths == ["/oauth/v3/token", "/first", "/jobs", "/oauth/v3/token", "/jobs"]


def test_after_one_renewal_a_refusal_is_final() -> None:
    door = Door()
    with serving(door.respond) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT)

        def respond(asked: Asked) -> Reply:
            return door.respond(asked) if asked.path.endswith("/token") else Reply(401)

        server.respond = respond
        with Api(server.url, auth) as api, pytest.raises(Refused, match="401"):
            api.get("/things")
    assert server.paths == ["/oauth/v3/token", "/things", "/oauth/v3/token", "/things"]


def test_threads_that_meet_an_expired_token_at_once_share_one_renewal() -> None:
    door, all_refused = Door(), Barrier(4)

    def respond(asked: Asked) -> Reply:
        reply = door.respond(asked)
        if reply.status == 401:
            all_refused.wait(5)
        return reply

    with serving(respond) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT)
        with Api(server.url, auth, in_flight=4) as api:
            api.get("/first")
            door.taken = -1
            assert len(list(api.many(get(f"/{n}") for n in range(12)))) == 12
    assert door.given == 2


def test_a_refused_renewal_says_which_variables_to_look_at() -> None:
    no = Reply(400, {"error": "invalid_grant", "error_description": "expired authorization code"})
    with serving(in_turn(no)) as server:
        auth = salesforce_auth(salesforce_source(server.url, **CREDENTIALS), SALESFORCE_ENVIRONMENT)
        with Api(server.url, auth) as api, pytest.raises(Refused) as caught:
            api.get("/things")
    assert str(caught.value) == (
        f"POST {server.url}/services/oauth2/token: answered 400 Bad Request (invalid_grant: "
        "expired authorization code). Look whether the variables that the source names hold what "
        "the connected app shows, whether the app allows this flow and its user, and whether "
        "`login_url` is the org's"
    )


def test_a_login_server_that_is_busy_is_asked_again() -> None:
    clock, door = FakeClock(), Door()
    left = [Reply(503), Reply(reset=True)]
    with serving(lambda asked: left.pop() if left else door.respond(asked)) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT, timing=clock.timing())
        assert auth.token() is not None
    assert server.paths == ["/oauth/v3/token"] * 3


def test_client_credentials_ask_with_the_apps_key_and_secret() -> None:
    with serving(in_turn(GOOD)) as server:
        door = Door(instance_url=server.url)
        server.respond = door.respond
        auth = salesforce_auth(salesforce_source(server.url, **CREDENTIALS), SALESFORCE_ENVIRONMENT)
        auth.token()
    assert door.logins[0].form() == {
        "grant_type": "client_credentials",
        "client_id": "consumer-key",
        "client_secret": "consumer-secret",
    }


@pytest.mark.parametrize("with_secret", [True, False])
def test_a_refresh_token_asks_with_the_apps_secret_where_it_has_one(with_secret: bool) -> None:
    flow = {"client_id_env": "ID", "refresh_token_env": "REFRESH"}
    if with_secret:
        flow["client_secret_env"] = "SECRET"
    with serving(in_turn(GOOD)) as server:
        door = Door(instance_url=server.url)
        server.respond = door.respond
        source = salesforce_source(server.url, refresh_token=flow)
        salesforce_auth(source, SALESFORCE_ENVIRONMENT).token()
    assert door.logins[0].form() == {
        "grant_type": "refresh_token",
        "client_id": "consumer-key",
        "refresh_token": "5Aep861",
        **({"client_secret": "consumer-secret"} if with_secret else {}),
    }


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWT_BEARER = {"client_id_env": "ID", "private_key_env": "KEY", "username": "etl@example.com"}


@pytest.mark.parametrize("form", ["lines", "one line", "file"])
def test_a_jwt_bearer_signs_for_its_user_with_the_private_key(form: str, tmp_path: Path) -> None:
    pem = pem_of(KEY)
    (tmp_path / "key.pem").write_text(pem)
    held = {
        "lines": {"KEY": pem},
        "one line": {"KEY": pem.replace("\n", "\\n")},
        "file": {"KEY_FILE": str(tmp_path / "key.pem")},
    }[form]
    clock = FakeClock()
    with serving(in_turn(GOOD)) as server:
        door = Door(instance_url=server.url)
        server.respond = door.respond
        source = salesforce_source(server.url, jwt_bearer=JWT_BEARER)
        environment = {**SALESFORCE_ENVIRONMENT, **held}
        salesforce_auth(source, environment, timing=clock.timing()).token()
    said = door.logins[0].form()
    assert said["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    options = {"verify_exp": False}
    claims = jwt.decode(
        said["assertion"], KEY.public_key(), ["RS256"], audience=server.url, options=options
    )
    assert claims == {
        "iss": "consumer-key",
        "sub": "etl@example.com",
        "aud": server.url,
        "exp": int(clock.now().timestamp()) + 180,
    }


def test_a_new_assertion_is_signed_for_each_login() -> None:
    clock = FakeClock()
    with serving(in_turn(GOOD)) as server:
        door = Door(instance_url=server.url)
        server.respond = door.respond
        source = salesforce_source(server.url, jwt_bearer=JWT_BEARER)
        environment = {**SALESFORCE_ENVIRONMENT, "KEY": pem_of(KEY)}
        auth = salesforce_auth(source, environment, timing=clock.timing())
        first = auth.token()
        clock.seconds += 3600
        auth.renew(first)
    one, other = (login.form()["assertion"] for login in door.logins)
    assert one != other


@pytest.mark.parametrize("key", ["not a key", "-----BEGIN PRIVATE KEY-----\nMIIE"])
def test_a_private_key_that_is_none_is_told_by_its_variable(key: str) -> None:
    source = salesforce_source("https://login.salesforce.com", jwt_bearer=JWT_BEARER)
    with pytest.raises(PermanentError, match="what KEY holds is not a private RSA key in PEM"):
        salesforce_auth(source, {**SALESFORCE_ENVIRONMENT, "KEY": key})


def test_after_the_login_requests_go_to_the_orgs_own_address() -> None:
    with serving(in_turn(GOOD)) as instance, serving(in_turn(GOOD)) as login:
        door = Door(instance_url=instance.url)
        login.respond = door.respond
        auth = salesforce_auth(salesforce_source(login.url, **CREDENTIALS), SALESFORCE_ENVIRONMENT)
        with Api(login.url, auth) as api:
            api.get("/services/data/v62.0/query", {"q": "select Id from Lead"})
    assert login.paths == ["/services/oauth2/token"]
    assert instance.paths == ["/services/data/v62.0/query"]
    assert instance.asked[0].headers["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize("said", [{}, {"instance_url": ""}, {"instance_url": "ftp://elsewhere"}])
def test_a_login_without_an_address_that_one_may_call_is_an_error(said: dict[str, str]) -> None:
    door = Door(**said)
    with serving(door.respond) as server:
        auth = salesforce_auth(salesforce_source(server.url, **CREDENTIALS), SALESFORCE_ENVIRONMENT)
        with pytest.raises(PermanentError, match="address to call"):
            auth.token()


@pytest.mark.parametrize("body", [{}, [], "token", {"access_token": 7}, {"access_token": "a\nb"}])
def test_a_login_whose_answer_holds_no_token_is_an_error(body: object) -> None:
    with serving(in_turn(Reply(200, body))) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT)
        with pytest.raises(PermanentError, match="holds no token"):
            auth.token()


def test_a_session_that_salesforce_calls_invalid_with_another_status_is_renewed_too() -> None:
    with serving(in_turn(GOOD)) as server:
        door = Door(instance_url=server.url)

        def respond(asked: Asked) -> Reply:
            reply = door.respond(asked)
            return Reply(403, reply.body) if reply.status == 401 else reply

        server.respond = respond
        auth = salesforce_auth(salesforce_source(server.url, **CREDENTIALS), SALESFORCE_ENVIRONMENT)
        with Api(server.url, auth, explain=salesforce_explain) as api:
            api.get("/first")
            door.taken = -1
            assert api.get("/second").status == 200


def test_a_redirect_to_another_server_takes_no_token_along() -> None:
    clock = FakeClock()
    with serving(in_turn(Reply(401, {}))) as elsewhere:
        moved = Reply(302, headers={"Location": f"{elsewhere.url}/things"})
        with (
            serving(in_turn(moved)) as server,
            Api(server.url, FixedToken(Secret("the-token")), timing=clock.timing()) as api,
            pytest.raises(Refused, match=f"led to {elsewhere.url[7:]}, which got no token"),
        ):
            api.get("/things")
    assert server.asked[0].headers["Authorization"] == "Bearer the-token"
    assert "Authorization" not in elsewhere.asked[0].headers


def test_a_redirect_within_the_server_takes_the_token_along() -> None:
    def respond(asked: Asked) -> Reply:
        return GOOD if asked.path == "/new" else Reply(301, headers={"Location": "/new"})

    with serving(respond) as server, Api(server.url, FixedToken(Secret("the-token"))) as api:
        assert api.get("/old").status == 200
    assert server.asked[1].headers["Authorization"] == "Bearer the-token"


def test_a_page_that_lies_on_another_server_is_never_asked_for() -> None:
    with (
        serving(in_turn(GOOD)) as elsewhere,
        serving(in_turn(GOOD)) as server,
        Api(server.url, FixedToken(Secret("the-token"))) as api,
    ):
        with pytest.raises(PermanentError, match="no token goes there"):
            api.get(f"{elsewhere.url}/things?after=7")
        assert api.get(f"{server.url}/things?after=7").status == 200
    assert elsewhere.asked == []
    assert server.asked[0].query == {"after": ["7"]}


def test_a_login_in_netrc_takes_no_tokens_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    door = Door()
    with serving(door.respond) as server:
        auth = hubspot_auth(hubspot_source(server.url), HUBSPOT_ENVIRONMENT)
        with Api(server.url, auth) as api:
            api.get("/things")
    assert "Authorization" not in door.logins[0].headers
    assert server.asked[1].headers["Authorization"] == "Bearer token-1"


def test_cookies_of_one_answer_are_not_sent_with_the_next_request() -> None:
    marked = Reply(200, {}, {"Set-Cookie": "session=abc; Path=/"})
    with serving(in_turn(marked)) as server, Api(server.url, FixedToken(Secret("abcdef"))) as api:
        api.get("/one")
        api.get("/two")
    assert "Cookie" not in server.asked[1].headers


def test_requests_go_through_the_environments_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(in_turn(GOOD)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        retries = Retries(attempts=1)
        with Api("http://api.example.com", FixedToken(Secret("abcdef")), retries=retries) as api:
            assert api.get("/things").status == 200
    assert proxy.asked[0].headers["Host"] == "api.example.com"
