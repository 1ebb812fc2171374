"""The object types of a portal: their names, their default properties, how times are written."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

ENGAGEMENTS: Final = ("calls", "emails", "meetings", "notes", "tasks")


@dataclass(frozen=True)
class Kind:
    """An object type. `modified` is the property that tells when a record last changed."""

    name: str
    singular: str
    type_id: str
    created: str
    modified: str
    default_properties: tuple[str, ...]
    scope: str


def _kind(name: str, singular: str, type_id: str, own: str = "", scope: str = "") -> Kind:
    is_contact, is_engagement = name == "contacts", name in ENGAGEMENTS
    created = "hs_createdate" if is_engagement else "createdate"
    modified = "lastmodifieddate" if is_contact else "hs_lastmodifieddate"
    defaults = (created, "hs_object_id", modified, *own.split())
    return Kind(
        name, singular, type_id, created, modified, defaults, scope or f"crm.objects.{name}.read"
    )


_CONTACTS: Final = "crm.objects.contacts.read"

KINDS: Final = {
    kind.name: kind
    for kind in (
        _kind("contacts", "contact", "0-1", "email firstname lastname"),
        _kind("companies", "company", "0-2", "domain name"),
        _kind("deals", "deal", "0-3", "amount closedate dealname dealstage pipeline"),
        _kind("notes", "note", "0-46", scope=_CONTACTS),
        _kind("meetings", "meeting", "0-47", scope=_CONTACTS),
        _kind("calls", "call", "0-48", scope=_CONTACTS),
        _kind("emails", "email", "0-49", scope="sales-email-read"),
        _kind("tasks", "task", "0-27", scope=_CONTACTS),
    )
}
"""Every object type by its name."""

_BY_ANY_NAME: Final = {
    name: kind for kind in KINDS.values() for name in (kind.name, kind.singular, kind.type_id)
}


def kind_of(name: str) -> Kind | None:
    """The object type of a plural, a singular or a type id (`0-1`)."""
    return _BY_ANY_NAME.get(name.lower())


def instant(milliseconds: int) -> str:
    """A time as HubSpot writes it: no fraction where it is a whole second."""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(tzinfo=None).isoformat()
    fraction = milliseconds % 1000
    return f"{at}.{fraction:03d}Z" if fraction else f"{at}Z"


def milliseconds_in(text: str) -> int:
    """Milliseconds since 1970 of a time or a day, told as such or in ISO; ValueError if neither."""
    if text.lstrip("-").isdigit():
        return int(text)
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)
