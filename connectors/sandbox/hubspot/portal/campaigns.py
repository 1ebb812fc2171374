"""What marketing keeps in the portal: campaigns, forms, events and mails, with the responses."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, Final
from zlib import crc32
from zoneinfo import ZoneInfo

from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.marketing import (
    EmailEvent,
    Form,
    Marketing,
    MarketingCampaign,
    MarketingEmail,
    MarketingEvent,
    MoneyItem,
    Participation,
    Submission,
    guid,
)
from connectors.sandbox.hubspot.portal.exported import Exported, Row, at, drawn, event_id
from connectors.sandbox.hubspot.portal.writing import Wanted, write
from connectors.sandbox.hubspot.records import Past
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import milliseconds_of

_DAY: Final = 86_400_000
_PORTAL_ZONE: Final = ZoneInfo("Europe/Berlin")
_ATTENDED: Final = "%d.%m.%Y %H:%M"
# The currency of a channel's campaigns, and what one costs: from so much, to so much more.
_COSTS: Final = {"Event": ("EUR", 6000, 6000), "Webinar": ("USD", 1500, 1500)}
_SIGN_UP: Final = "https://www.sandbox.example/sign-up"
# What the links of a channel say. Nobody tags a result of a search engine, or another site's link.
_TAGS: Final = {
    "Paid Search": "utm_source=google&utm_medium=cpc",
    "Paid Social": "utm_source=linkedin&utm_medium=paid_social",
    "Webinar": "utm_source=invitation&utm_medium=webinar",
    "Event": "utm_source=badge&utm_medium=event",
}
_ADS: Final = ("Paid Search", "Paid Social")
_ADS_A_CAMPAIGN: Final = 3
# One in so many clicks on a search ad has the platform's own id alone.
_TAGGED_BY_PLATFORM: Final = 5
_INSTALMENTS: Final = ((10, "First instalment", 0.4), (60, "Second instalment", 0.6))
_REPLY_BASE: Final = 90_000_000_000
_TYPES: Final = {"SENT": "SENT", "OPEN": "OPEN", "CLICK": "CLICK", "BOT_CLICK": "CLICK"}
# The export's clock that went wrong was ahead by so much; the portal's own did not.
_AHEAD: Final = 36 * 365 * _DAY


def marketing_of(exported: Exported) -> Marketing:
    """All of it, as far as it is known by the portal's time."""
    found = Marketing()
    for row in exported.campaigns.values():
        campaign = _campaign(row, exported.now)
        if campaign.created <= exported.now:
            found.campaigns[campaign.id] = campaign
    _forms(found, exported)
    _events(found, exported)
    _mails(found, exported)
    return found


def fill_replies(store: Store, exported: Exported) -> None:
    """Write the mails that came in as replies, with who wrote them."""
    for told in exported.mail():
        if told["type"] != "REPLY":
            continue
        number, created = _REPLY_BASE + int(told["id"]), int(told["created"])
        contact = exported.contacts[told["contact"]]
        wanted = Wanted(
            number,
            {
                "hs_email_direction": "INCOMING_EMAIL",
                "hs_email_status": "SENT",
                "hs_email_from_email": contact["Email"],
                "hs_email_subject": f"Re: {_name(exported, told['campaign'])}",
            },
            created,
        )
        wanted.become("hs_timestamp", Past(instant(created), created))
        write(store, "emails", wanted)
        store.associate("emails", str(number), "contacts", told["contact"])


def _campaign(row: Row, now: int) -> MarketingCampaign:
    id_, starts = row["Campaign ID"], at(row["Start Date"])
    has_ended = at(row["End Date"]) + _DAY <= now
    campaign = MarketingCampaign(
        guid("campaign", id_),
        {
            "hs_name": row["Name"],
            "hs_start_date": row["Start Date"],
            "hs_end_date": row["End Date"],
            "hs_campaign_status": "completed" if has_ended else "in_progress",
            "hs_utm": id_,
            "hs_audience": row["Channel"],
        },
        starts,
        starts,
    )
    if row["Channel"] not in _COSTS:
        return campaign
    campaign.currency, least, more = _COSTS[row["Channel"]]
    cost = least + drawn("cost", id_, more)
    campaign.budget = [_item(id_, "Budget", cost * 1.2, starts)]
    campaign.spend = [
        _item(id_, name, cost * share, starts + days * _DAY)
        for days, name, share in _INSTALMENTS
        if starts + days * _DAY <= now
    ]
    campaign.updated = max([starts, *(item.created for item in campaign.spend)])
    return campaign


def _item(campaign: str, name: str, amount: float, moment: int) -> MoneyItem:
    return MoneyItem(
        str(crc32(f"{campaign}/{name}".encode())), name, round(amount, 2), moment, moment
    )


def _name(exported: Exported, campaign: str | None) -> str:
    row = exported.campaigns.get(campaign or "")
    return row["Name"] if row else "Website"


def _add_asset(found: Marketing, campaign: str | None, type_: str, id_: str, name: str) -> None:
    kept = found.campaigns.get(guid("campaign", campaign))
    if kept is not None:
        assets = kept.assets.setdefault(type_, [])
        if (id_, name) not in assets:
            assets.append((id_, name))


def _forms(found: Marketing, exported: Exported) -> None:
    for row in exported.forms_sent():
        campaign = row["Campaign ID"] or None
        id_, name = guid("form", campaign), f"{_name(exported, campaign)}: sign up"
        moment = at(row["Occurred At"])
        moment = moment - _AHEAD if moment > exported.now else moment
        if id_ not in found.forms:
            starts = at(exported.campaigns[campaign]["Start Date"]) if campaign else moment
            found.forms[id_] = Form(id_, name, starts, starts)
            _add_asset(found, campaign, "FORM", id_, name)
        number = row["Activity ID"]
        conversion = event_id(int(number)) if number else guid("form sent", *row.values())
        email = exported.contacts[row["Contact ID"]]["Email"]
        page = f"{_SIGN_UP}{_link(row['Source'], campaign, conversion)}"
        found.submissions[id_].append(Submission(conversion, moment, (("email", email),), page))
    for sent in found.submissions.values():
        sent.sort(key=lambda one: (one.at, one.id))


def _link(channel: str, campaign: str | None, submission: str) -> str:
    """What follows the page's address where somebody came by a link of a campaign."""
    tags = _TAGS.get(channel)
    if tags is None or campaign is None:
        return ""
    if channel == "Paid Search" and not drawn("tagged", submission, _TAGGED_BY_PLATFORM):
        return f"?msclkid={drawn('click', submission, 10**9):09d}"
    ad = 1 + drawn("ad", submission, _ADS_A_CAMPAIGN)
    content = f"&utm_content=ad-{ad}" if channel in _ADS else ""
    return f"?{tags}&utm_campaign={campaign}{content}"


def _events(found: Marketing, exported: Exported) -> None:
    """A marketing event is what a campaign held in a month."""
    for row in exported.rows("marketing/attendance.csv", ";"):
        campaign = exported.campaigns[row["Campaign ID"]]
        try:
            local = datetime.strptime(row["Attended"], _ATTENDED).replace(tzinfo=_PORTAL_ZONE)
            moment, state = milliseconds_of(local), "ATTENDED"
        except ValueError:
            # Nobody confirmed that they came.
            moment, state = at(campaign["Start Date"]), "REGISTERED"
        event = _event(campaign, row["Format"], moment)
        if event.id not in found.events:
            found.events[event.id] = event
            _add_asset(found, row["Campaign ID"], "MARKETING_EVENT", event.id, event.name)
        participation = Participation(
            row["Registration"],
            row["Contact ID"],
            state,
            moment,
            exported.contacts[row["Contact ID"]]["Email"],
            seconds=2700 if state == "ATTENDED" else None,
            percentage="75.00" if state == "ATTENDED" else None,
        )
        found.participate(event.id, participation)


def _event(campaign: Row, format_: str, moment: int) -> MarketingEvent:
    month = datetime.fromtimestamp(moment // 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    starts, ends = milliseconds_of(month), milliseconds_of(following) - 1000
    id_ = f"{campaign['Campaign ID'][1:]}{month:%Y%m}"
    name = f"{campaign['Name']}, {month:%B %Y}"
    return MarketingEvent(id_, name, format_.upper(), starts, ends, starts, starts, id_, "Sandbox")


def _mails(found: Marketing, exported: Exported) -> None:
    first: dict[str, int] = {}
    issues: dict[str, list[EmailEvent]] = defaultdict(list)
    for told in exported.mail():
        campaign, moment = told["campaign"], int(told["created"])
        first[campaign] = min(first.get(campaign, moment), moment)
        if told["type"] in _TYPES:
            issues[campaign].append(_email_event(told, exported))
    for campaign, events in sorted(issues.items()):
        name = _name(exported, campaign)
        number = _email_campaign(campaign)
        email = MarketingEmail(
            str(200_000_000 + number),
            f"{name}: newsletter",
            f"What is new, {name}",
            first[campaign],
            first[campaign],
            guid("campaign", campaign),
            name,
            (number,),
        )
        found.emails[email.id] = email
        _add_asset(found, campaign, "MARKETING_EMAIL", email.id, email.name)
        found.email_events.extend(events)
    found.email_events.sort()


def _email_event(told: dict[str, Any], exported: Exported) -> EmailEvent:
    is_click = told["type"] in ("CLICK", "BOT_CLICK")
    return EmailEvent(
        int(told["created"]),
        event_id(int(told["id"])),
        _TYPES[told["type"]],
        exported.contacts[told["contact"]]["Email"],
        _email_campaign(told["campaign"]),
        is_filtered=told["type"] == "BOT_CLICK",
        url="https://www.sandbox.example/news" if is_click else None,
    )


def _email_campaign(campaign: str) -> int:
    return int(campaign[1:])
