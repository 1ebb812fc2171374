"""Who works for the company, on which team and when, and whose the prospects were."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.dbt_project.oracle.records import OwnerChange, identifier


@dataclass(frozen=True)
class Post:
    """A user's time on a team; None: since ever, to this day."""

    source: str
    user: str
    team: str | None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def user_key(self) -> str:
        return identifier(self.source, self.user)


MOVE = datetime(2024, 1, 12, 6)
STAFF = (
    Post("crm", "rep", "sales"),
    Post("crm", "marketer", "marketing"),
    Post("crm", "clerk", None),
    Post("crm", "joiner", "marketing", until=MOVE),
    Post("crm", "joiner", "sales", since=MOVE),
    Post("crm", "leaver", "sales", until=MOVE),
    Post("web", "rep", "sales"),
)
OWNERS = ("rep", "rep", "marketer", "clerk", "joiner", "leaver", "stranger", None)


def staff() -> list[dict[str, Any]]:
    """The rows of input_users."""
    return [
        {
            "user_validity_key": f"post {number}",
            "source": post.source,
            "user_key": post.user_key,
            "team": post.team,
            "valid_from": post.since,
            "valid_to": post.until,
            "is_deleted": False,
        }
        for number, post in enumerate(STAFF)
    ]


def team_of(user_key: str, at: datetime) -> str | None:
    """A user's team at an instant; None for an unknown user too."""
    for post in STAFF:
        has_begun = post.since is None or post.since <= at
        if post.user_key == user_key and has_begun and (post.until is None or at < post.until):
            return post.team
    return None


class Owned:
    """Whose a prospect's records were, by the changes that were told of them."""

    def __init__(self, changes: Iterable[OwnerChange]) -> None:
        self.changes = sorted(changes, key=lambda change: (change.at, change.key))

    def first_taker(
        self, since: datetime, before: datetime, not_after: datetime
    ) -> tuple[datetime | None, str | None]:
        """When somebody of sales had the prospect first; and who, or else who had it first."""
        instants = {since, MOVE, *(change.at for change in self.changes)}
        others: list[str] = []
        for at in sorted(instants):
            if since <= at < before and at <= not_after:
                owners = self._at(at)
                sales = [owner for owner in owners if team_of(owner, at) == "sales"]
                if sales:
                    return at, sales[0]
                others += owners
        return None, others[0] if others else None

    def last(self) -> str | None:
        """Who owned it in the end."""
        owner = self.changes[-1].owner if self.changes else None
        return identifier(self.changes[-1].source, owner) if owner else None

    def _at(self, at: datetime) -> list[str]:
        """The owners of the records at an instant, those who had been it longest first."""
        newest: dict[tuple[str, str], OwnerChange] = {}
        for change in self.changes:
            if change.at <= at:
                newest[(change.source, change.subject)] = change
        return [
            identifier(change.source, change.owner)
            for change in sorted(newest.values(), key=lambda change: (change.at, change.key))
            if change.owner
        ]
