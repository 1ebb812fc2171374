"""Send an alert to a channel of Slack or Teams, to any webhook, or by email."""

import smtplib
import ssl
import time
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Final

import requests

from connectors.errors import PermanentError
from connectors.secret import redact, secret, secret_word
from orchestration.alerts.alert import Alert
from orchestration.operations import Channel, Mail, Receiver

_SECONDS: Final = 15
_WAITS: Final = (1.0, 3.0)
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})


class _Refused(Exception):
    """A receiver answered that it does not take the alert."""


class AlertNotSent(Exception):
    """An alert reached not everybody; says whom not, why, and what to do."""


def send_alert(alert: Alert, receivers: tuple[Receiver, ...]) -> None:
    """Send an alert to all receivers.

    Raises AlertNotSent, once all were tried, where it could not be handed over to some of them.
    """
    failed = [f"  {_name(to)}: {problem}" for to in receivers if (problem := _problem(alert, to))]
    if failed:
        raise AlertNotSent(
            f"The alert '{alert.title}' did not reach everybody:\n"
            + "\n".join(failed)
            + "\nLook at `alerts` in operations.yml and at the variables that it names."
        )


def _problem(alert: Alert, to: Receiver) -> str | None:
    try:
        if isinstance(to, Mail):
            _mail(alert, to)
        else:
            _post(alert, to)
    except requests.RequestException as error:
        # What requests says of it bears the address, which is the channel's secret.
        return f"it could not be reached ({type(error).__name__})"
    except (smtplib.SMTPException, OSError, PermanentError, _Refused) as error:
        return redact(str(error))
    return None


def _name(to: Receiver) -> str:
    return f"email by {to.server}:{to.port}" if isinstance(to, Mail) else f"{to.kind}"


def _post(alert: Alert, to: Channel) -> None:
    url, body = secret_word(to.url_variable).reveal(), _BODIES[to.kind](alert)
    for wait in (*_WAITS, None):
        answer = requests.post(url, json=body, timeout=_SECONDS, allow_redirects=False)
        if answer.ok and not answer.is_redirect:
            return
        if wait is None or answer.status_code not in _RETRIED:
            raise _Refused(f"it answered {answer.status_code} {answer.reason}")
        time.sleep(wait)


def _mail(alert: Alert, to: Mail) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(alert.title.split())
    message["From"], message["To"] = to.sender, ", ".join(to.to)
    message.set_content(_text(alert))
    context = ssl.create_default_context()
    if to.encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            to.server, to.port, timeout=_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(to.server, to.port, timeout=_SECONDS)
    with server:
        if to.encryption == "starttls":
            server.starttls(context=context)
        if to.password_variable:
            server.login(to.user or to.sender, secret(to.password_variable).reveal())
        server.send_message(message)


def _text(alert: Alert) -> str:
    troubles = [f"{trouble.what}\n{_indented(trouble.reason)}" for trouble in alert.troubles]
    return "\n\n".join([alert.title, alert.standing, *troubles, *_more(alert), alert.link]) + "\n"


def _more(alert: Alert) -> list[str]:
    return [f"and {alert.left_out} more"] if alert.left_out else []


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _slack(alert: Alert) -> dict[str, Any]:
    """Slack's `mrkdwn`, in which three characters have to be escaped."""
    troubles = [
        f"*{_for_slack(trouble.what)}*\n{_for_slack(trouble.reason)}".replace("\n", "\n>")
        for trouble in alert.troubles
    ]
    head = f"*{_for_slack(alert.title)}*\n{_for_slack(alert.standing)}"
    link = f"<{_for_slack(alert.link)}|Open the run>"
    return {"text": "\n\n".join([head, *troubles, *_more(alert), link])}


def _for_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(alert: Alert) -> dict[str, Any]:
    """An adaptive card, as a workflow of Teams takes it. A rich text block shows text as it is."""
    blocks = [
        _card_text(alert.title, weight="Bolder", size="Medium"),
        _card_text(alert.standing),
    ]
    for trouble in alert.troubles:
        blocks += [_card_text(trouble.what, weight="Bolder"), _card_text(trouble.reason)]
    blocks += [_card_text(more) for more in _more(alert)]
    card = {
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": "Open the run", "url": alert.link}],
    }
    content_type = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": content_type, "content": card}]}


def _card_text(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _webhook(alert: Alert) -> dict[str, Any]:
    """The alert's parts, for whatever reads JSON."""
    return {
        "company": alert.company,
        "title": alert.title,
        "standing": alert.standing,
        "troubles": [{"what": t.what, "reason": t.reason} for t in alert.troubles],
        "left_out": alert.left_out,
        "link": alert.link,
        "at": f"{alert.at.isoformat()}Z",
    }


_BODIES: Final[Mapping[str, Any]] = {"slack": _slack, "teams": _teams, "webhook": _webhook}
