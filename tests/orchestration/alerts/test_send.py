"""An alert reaches people as they read it, and says so where it doesn't."""

from datetime import datetime

import pytest

from orchestration.alerts import Alert, AlertNotSent, Trouble, send_alert
from orchestration.operations import Channel, Mail
from tests.orchestration.alerts.receivers import mail_server, webhook

ALERT = Alert(
    company="acme",
    title="acme: the run of build failed",
    standing="Readers have what was published 3 hours ago, at 2026-11-02 00:10 UTC.",
    troubles=(Trouble("publish", "the disk is full\nMake room and run again."),),
    left_out=2,
    link="https://tandem.acme.example/runs/17",
    at=datetime(2026, 11, 2, 3, 10),
)
HOSTILE = Alert(
    **{
        **vars(ALERT),
        "title": "acme: <!channel>\nBcc: everybody@acme.example",
        "troubles": (Trouble("<script>alert(1)</script>", "[click](javascript:x) & more"),),
    }
)


@pytest.fixture(autouse=True)
def _no_leftover(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK", raising=False)


def channel(kind: str) -> Channel:
    return Channel.model_validate({"kind": kind, "url_variable": "HOOK"})


def mail(port: int) -> Mail:
    return Mail(
        kind="email",
        server="127.0.0.1",
        port=port,
        encryption="none",
        sender="tandem@acme.example",
        to=("una@acme.example", "otto@acme.example"),
    )


def test_a_webhook_gets_the_parts_of_the_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(ALERT, (channel("webhook"),))
    assert hook.posted == [
        {
            "company": "acme",
            "title": ALERT.title,
            "standing": ALERT.standing,
            "troubles": [{"what": "publish", "reason": ALERT.troubles[0].reason}],
            "left_out": 2,
            "link": ALERT.link,
            "at": "2026-11-02T03:10:00Z",
        }
    ]


def test_slack_gets_one_text_with_the_reason_and_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(ALERT, (channel("slack"),))
    [posted] = hook.posted
    assert posted["text"].split("\n\n") == [
        f"*{ALERT.title}*\n{ALERT.standing}",
        "*publish*\n>the disk is full\n>Make room and run again.",
        "and 2 more",
        f"<{ALERT.link}|Open the run>",
    ]


def test_teams_gets_a_card_that_opens_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(ALERT, (channel("teams"),))
    [card] = [attachment["content"] for attachment in hook.posted[0]["attachments"]]
    texts = [block["inlines"][0]["text"] for block in card["body"]]
    told = [ALERT.title, ALERT.standing, "publish", ALERT.troubles[0].reason, "and 2 more"]
    assert texts == told
    assert card["actions"][0]["url"] == ALERT.link


def test_an_email_goes_to_all_that_are_named() -> None:
    with mail_server() as (port, messages):
        send_alert(ALERT, (mail(port),))
    [message] = messages
    assert message["Subject"] == ALERT.title
    assert message["To"] == "una@acme.example, otto@acme.example"
    text = message.get_content()
    for part in (ALERT.standing, "the disk is full", "and 2 more", ALERT.link):
        assert part in text


def test_a_hostile_name_mentions_nobody_in_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(HOSTILE, (channel("slack"),))
    text = hook.posted[0]["text"]
    assert "<!channel>" not in text
    assert "&lt;script&gt;" in text
    assert "&amp; more" in text


def test_a_hostile_name_is_plain_text_in_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(HOSTILE, (channel("teams"),))
    body = hook.posted[0]["attachments"][0]["content"]["body"]
    assert {block["type"] for block in body} == {"RichTextBlock"}


def test_a_hostile_name_adds_no_header_to_an_email() -> None:
    with mail_server() as (port, messages):
        send_alert(HOSTILE, (mail(port),))
    [message] = messages
    assert message["Bcc"] is None
    assert message["Subject"] == "acme: <!channel> Bcc: everybody@acme.example"


def test_a_receiver_that_is_busy_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook(503) as hook:
        monkeypatch.setenv("HOOK", hook.url)
        send_alert(ALERT, (channel("webhook"),))
    assert (hook.requests, len(hook.posted)) == (2, 1)


def test_the_others_are_told_where_one_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook(404) as hook, mail_server() as (port, messages):
        monkeypatch.setenv("HOOK", hook.url)
        with pytest.raises(AlertNotSent, match="slack: it answered 404") as told:
            send_alert(ALERT, (channel("slack"), mail(port)))
    assert len(messages) == 1
    assert "s3cret-path" not in str(told.value)


def test_an_address_that_cannot_be_reached_stays_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as gone:
        url = gone.url
    monkeypatch.setenv("HOOK", url)
    with pytest.raises(AlertNotSent) as told:
        send_alert(ALERT, (channel("webhook"),))
    assert "s3cret-path" not in str(told.value)


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(AlertNotSent, match="HOOK is not set"):
        send_alert(ALERT, (channel("slack"),))
