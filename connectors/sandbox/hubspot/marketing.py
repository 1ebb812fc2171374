"""What marketing keeps in a portal: campaigns, forms, events, mails and what came of them."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import NAMESPACE_URL, uuid5

ASSET_TYPES: Final = ("FORM", "MARKETING_EMAIL", "MARKETING_EVENT")
"""The kinds of assets that a campaign may have here."""


def guid(*parts: object) -> str:
    """An id such as campaigns, forms and submissions have: the same for the same parts."""
    return str(uuid5(NAMESPACE_URL, "/".join(str(part) for part in parts)))


@dataclass(frozen=True)
class MoneyItem:
    """A line of a campaign's budget or spend, in the campaign's currency; times in milliseconds."""

    id: str
    name: str
    amount: float
    created: int
    updated: int
    description: str = ""


@dataclass
class MarketingCampaign:
    """A campaign. `values` are its properties, such as `hs_name`, `hs_start_date`."""

    id: str
    values: dict[str, str]
    created: int
    updated: int
    currency: str = "USD"
    budget: list[MoneyItem] = field(default_factory=list)
    spend: list[MoneyItem] = field(default_factory=list)
    assets: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By asset type, the assets' ids and names."""


@dataclass(frozen=True)
class Form:
    """A form."""

    id: str
    name: str
    created: int
    updated: int
    is_archived: bool = False


@dataclass(frozen=True)
class Submission:
    """A form that was sent in, at that millisecond."""

    id: str
    at: int
    values: tuple[tuple[str, str], ...]
    page: str = ""


@dataclass(frozen=True)
class MarketingEvent:
    """A webinar or an event in person; times are milliseconds."""

    id: str
    name: str
    type: str
    starts: int
    ends: int
    created: int
    updated: int
    external_id: str = ""
    organizer: str = ""
    is_cancelled: bool = False
    is_completed: bool = True


@dataclass(frozen=True)
class Participation:
    """Someone's state at a marketing event: REGISTERED, CANCELLED, ATTENDED or NO_SHOW."""

    id: str
    contact_id: str
    state: str
    at: int
    email: str = ""
    seconds: int | None = None
    percentage: str | None = None


@dataclass(frozen=True)
class MarketingEmail:
    """A marketing email; `email_campaign_ids` are the sends that email events name."""

    id: str
    name: str
    subject: str
    created: int
    updated: int
    campaign: str | None = None
    campaign_name: str | None = None
    email_campaign_ids: tuple[int, ...] = ()
    state: str = "PUBLISHED"


@dataclass(frozen=True, order=True)
class EmailEvent:
    """What became of a mail: SENT, DELIVERED, OPEN, CLICK, BOUNCE; `is_filtered`: by a machine."""

    at: int
    id: str
    type: str
    recipient: str
    email_campaign_id: int
    is_filtered: bool = False
    url: str | None = None


@dataclass
class Marketing:
    """All of it, by id. Callers hold the store's lock."""

    campaigns: dict[str, MarketingCampaign] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    submissions: dict[str, list[Submission]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, MarketingEvent] = field(default_factory=dict)
    participations: dict[str, list[Participation]] = field(
        default_factory=lambda: defaultdict(list)
    )
    emails: dict[str, MarketingEmail] = field(default_factory=dict)
    email_events: list[EmailEvent] = field(default_factory=list)

    def submit(self, form: str, submission: Submission) -> None:
        """Take in a form that was filled in."""
        insort(self.submissions[form], submission, key=lambda s: (s.at, s.id))

    def add_email_events(self, events: Iterable[EmailEvent]) -> None:
        """Take in what became of mails."""
        self.email_events.extend(events)
        self.email_events.sort()

    def participate(self, event: str, participation: Participation) -> None:
        """Note someone's state at a marketing event; each state is kept."""
        self.participations[event].append(participation)
