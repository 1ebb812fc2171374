"""How people responded to marketing: forms sent in, events attended, mails opened."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

from connectors.sandbox.hubspot.campaigns_api import paged
from connectors.sandbox.hubspot.kinds import instant
from connectors.sandbox.hubspot.marketing import (
    EmailEvent,
    Form,
    MarketingEmail,
    MarketingEvent,
    Participation,
)
from connectors.sandbox.hubspot.objects_api import answer, is_true, whole_number
from connectors.sandbox.hubspot.refusals import invalid, not_found
from connectors.sandbox.hubspot.settings_api import PORTAL
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Request, Response, Router

_LONGEST_PAGE: Final = 100
_MOST_SUBMISSIONS: Final = 50
_MOST_EMAIL_EVENTS: Final = 1000
_EVENTS: Final = "/marketing/v3/marketing-events"
_APP: Final = {"appId": 113, "appName": "Batch"}


class ResponsesApi:
    """Answers from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, router: Router) -> None:
        """Add the paths."""
        for path, handler in (
            ("/marketing/v3/forms", self.forms),
            ("/marketing/v3/forms/{id}", self.form),
            ("/form-integrations/v1/submissions/forms/{id}", self.submissions),
            (_EVENTS, self.events),
            (f"{_EVENTS}/{{id}}", self.event),
            (f"{_EVENTS}/participations/{{id}}", self.participation_counts),
            (f"{_EVENTS}/participations/{{id}}/breakdown", self.participations),
            ("/marketing/v3/emails", self.emails),
            ("/marketing/v3/emails/{id}", self.email),
            ("/email/public/v1/events", self.email_events),
        ):
            router.add("GET", path, handler)

    def forms(self, request: Request) -> Response:
        """A page of the forms, those in use or those archived."""
        archived = is_true(request.first("archived"))
        with self._store.lock:
            forms = sorted(self._store.marketing.forms.values(), key=lambda form: form.id)
        wanted = [form for form in forms if form.is_archived == archived]
        page, paging = paged(request, wanted, 20, _LONGEST_PAGE)
        return answer({"results": [_form(one) for one in page]} | paging)

    def form(self, request: Request) -> Response:
        """One form."""
        return answer(_form(self._form(request)))

    def submissions(self, request: Request) -> Response:
        """A page of what was sent in by a form, the newest first."""
        form = self._form(request)
        with self._store.lock:
            sent = self._store.marketing.submissions[form.id][::-1]
        page, paging = paged(request, sent, 20, _MOST_SUBMISSIONS)
        results = [
            {
                "conversionId": one.id,
                "submittedAt": one.at,
                "values": [
                    {"name": name, "value": value, "objectTypeId": "0-1"}
                    for name, value in one.values
                ],
                "pageUrl": one.page,
            }
            for one in page
        ]
        return answer({"results": results} | paging)

    def events(self, request: Request) -> Response:
        """A page of the marketing events."""
        with self._store.lock:
            events = sorted(self._store.marketing.events.values(), key=lambda event: int(event.id))
        page, paging = paged(request, events, 10, _LONGEST_PAGE)
        return answer({"results": [self._event(one) for one in page]} | paging)

    def event(self, request: Request) -> Response:
        """One marketing event."""
        return answer(self._event(self._the_event(request)))

    def participation_counts(self, request: Request) -> Response:
        """How many registered for an event, attended, cancelled, or stayed away."""
        return answer(_counts(self._participations(self._the_event(request))))

    def participations(self, request: Request) -> Response:
        """A page of who was in which state at an event."""
        event = self._the_event(request)
        state = request.first("state")
        found = [one for one in self._participations(event) if state in ("", one.state)]
        page, paging = paged(request, found, 10, _LONGEST_PAGE)
        results = [self._participation(event, one) for one in page]
        return answer({"total": len(found), "results": results} | paging)

    def emails(self, request: Request) -> Response:
        """A page of the marketing emails; none is archived here."""
        with self._store.lock:
            emails = sorted(self._store.marketing.emails.values(), key=lambda one: int(one.id))
        wanted = [] if is_true(request.first("archived")) else emails
        page, paging = paged(request, wanted, 10, _LONGEST_PAGE)
        return answer({"total": len(wanted), "results": [_email(one) for one in page]} | paging)

    def email(self, request: Request) -> Response:
        """One marketing email."""
        found = self._store.marketing.emails.get(request.params["id"])
        if found is None:
            raise not_found("resource not found")
        return answer(_email(found))

    def email_events(self, request: Request) -> Response:
        """A page of what became of mails, the newest first, `offset` telling where to go on."""
        limit = whole_number(request, "limit", 100, _MOST_EMAIL_EVENTS)
        low, high = (_milliseconds(request, n) for n in ("startTimestamp", "endTimestamp"))
        with self._store.lock:
            events = self._store.marketing.email_events
            start = 0 if low is None else bisect_left(events, low, key=lambda e: e.at)
            end = len(events) if high is None else bisect_left(events, high + 1, key=lambda e: e.at)
            some = events[start:end]
        offset = request.first("offset")
        if offset:
            some = [event for event in some if (event.at, event.id) < _place(offset)]
        wanted = [event for event in reversed(some) if _is_asked(request, event)]
        page, has_more = wanted[:limit], len(wanted) > limit
        told: dict[str, Any] = {"hasMore": has_more, "events": [_mail_event(one) for one in page]}
        if page:
            told["offset"] = f"{page[-1].at}:{page[-1].id}".encode().hex()
        return answer(told)

    def _form(self, request: Request) -> Form:
        found = self._store.marketing.forms.get(request.params["id"])
        if found is None:
            raise not_found("resource not found")
        return found

    def _the_event(self, request: Request) -> MarketingEvent:
        found = self._store.marketing.events.get(request.params["id"])
        if found is None:
            raise not_found("resource not found")
        return found

    def _participations(self, event: MarketingEvent) -> list[Participation]:
        with self._store.lock:
            return list(self._store.marketing.participations[event.id])

    def _event(self, one: MarketingEvent) -> dict[str, Any]:
        counts = _counts(self._participations(one))
        return {
            "objectId": one.id,
            "externalEventId": one.external_id or None,
            "eventName": one.name,
            "eventType": one.type,
            "eventDescription": None,
            "eventOrganizer": one.organizer,
            "eventUrl": None,
            "eventCancelled": one.is_cancelled,
            "eventCompleted": one.is_completed,
            "eventStatus": "CANCELLED"
            if one.is_cancelled
            else "PAST"
            if one.is_completed
            else "UPCOMING",
            "startDateTime": instant(one.starts),
            "endDateTime": instant(one.ends),
            "registrants": counts["registered"],
            "attendees": counts["attended"],
            "cancellations": counts["cancelled"],
            "noShows": counts["noShows"],
            "customProperties": [],
            "appInfo": None,
            "createdAt": instant(one.created),
            "updatedAt": instant(one.updated),
        }

    def _participation(self, event: MarketingEvent, one: Participation) -> dict[str, Any]:
        contact = self._store.records["contacts"].find(int(one.contact_id))
        values = contact.values if contact else {}
        return {
            "id": one.id,
            "createdAt": instant(one.at),
            "associations": {
                "contact": {
                    "contactId": str(contact.id) if contact else one.contact_id,
                    "email": one.email or values.get("email") or "",
                    "firstname": values.get("firstname"),
                    "lastname": values.get("lastname"),
                },
                "marketingEvent": {
                    "marketingEventId": event.id,
                    "name": event.name,
                    "externalAccountId": str(PORTAL),
                    "externalEventId": event.external_id or None,
                },
            },
            "properties": {
                "occurredAt": one.at,
                "attendanceState": one.state,
                "attendanceDurationSeconds": one.seconds,
                "attendancePercentage": one.percentage,
            },
        }


def _counts(participations: Sequence[Participation]) -> dict[str, int]:
    names = {
        "attended": "ATTENDED",
        "registered": "REGISTERED",
        "cancelled": "CANCELLED",
        "noShows": "NO_SHOW",
    }
    return {name: sum(p.state == state for p in participations) for name, state in names.items()}


def _milliseconds(request: Request, name: str) -> int | None:
    text = request.first(name)
    if text and not text.isdigit():
        raise invalid(f"{name} has to be in milliseconds, not {text!r}")
    return int(text) if text else None


def _place(offset: str) -> tuple[int, str]:
    try:
        at, _, id_ = bytes.fromhex(offset).decode().partition(":")
        return int(at), id_
    except ValueError:
        raise invalid(f"offset is no place of these events: {offset!r}") from None


def _is_asked(request: Request, event: EmailEvent) -> bool:
    campaign = request.first("campaignId")
    return (
        request.first("eventType") in ("", event.type)
        and request.first("recipient") in ("", event.recipient)
        and campaign in ("", str(event.email_campaign_id))
        and not (event.is_filtered and is_true(request.first("excludeFilteredEvents")))
    )


def _mail_event(one: EmailEvent) -> dict[str, Any]:
    told: dict[str, Any] = {
        **_APP,
        "portalId": PORTAL,
        "id": one.id,
        "created": one.at,
        "type": one.type,
        "recipient": one.recipient,
        "emailCampaignId": one.email_campaign_id,
        "filteredEvent": one.is_filtered,
    }
    return told if one.url is None else told | {"url": one.url}


def _email(one: MarketingEmail) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "subject": one.subject,
        "state": one.state,
        "campaign": one.campaign,
        "campaignName": one.campaign_name,
        "allEmailCampaignIds": [str(id_) for id_ in one.email_campaign_ids],
        "primaryEmailCampaignId": str(one.email_campaign_ids[0])
        if one.email_campaign_ids
        else None,
        "type": "BATCH_EMAIL",
        "subcategory": "batch",
        "isPublished": one.state == "PUBLISHED",
        "sendOnPublish": True,
        "archived": False,
        "content": {},
        "from": {},
        "to": {},
        "createdAt": instant(one.created),
        "updatedAt": instant(one.updated),
    }


def _form(one: Form) -> dict[str, Any]:
    field = {
        "objectTypeId": "0-1",
        "name": "email",
        "label": "Email",
        "required": True,
        "hidden": False,
        "fieldType": "email",
        "validation": {"blockedEmailDomains": [], "useDefaultBlockList": False},
        "dependentFields": [],
    }
    return {
        "id": one.id,
        "name": one.name,
        "formType": "hubspot",
        "createdAt": instant(one.created),
        "updatedAt": instant(one.updated),
        "archived": one.is_archived,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": [field]}],
        "configuration": {"language": "en", "archivable": True, "editable": True},
        "displayOptions": {"theme": "default_style", "submitButtonText": "Submit"},
        "legalConsentOptions": {"type": "none"},
    }
