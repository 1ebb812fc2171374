"""What a portal has beside its records: owners with teams, and pipelines with stages."""

from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.hubspot.kinds import instant


@dataclass(frozen=True)
class Team:
    """A team that an owner is in; `is_primary` where it is the main one."""

    id: str
    name: str
    is_primary: bool = True


@dataclass
class Owner:
    """A user who can own records. One who left is archived, and in no team any more."""

    id: str
    email: str
    first_name: str
    last_name: str
    user_id: int
    created: int
    updated: int
    teams: tuple[Team, ...] = ()
    is_archived: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        told = {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userIdIncludingInactive": self.user_id,
            "createdAt": instant(self.created),
            "updatedAt": instant(self.updated),
            "archived": self.is_archived,
        }
        if self.is_archived:
            return told
        teams = [{"id": t.id, "name": t.name, "primary": t.is_primary} for t in self.teams]
        return {**told, "userId": self.user_id, **({"teams": teams} if teams else {})}


@dataclass(frozen=True)
class Stage:
    """A stage of a pipeline: the deals' chance in it, from 0 to 1, and whether they are closed."""

    id: str
    label: str
    probability: str = "0.5"
    is_closed: bool = False

    @property
    def is_won(self) -> bool:
        """Whether deals in it are won."""
        return self.is_closed and float(self.probability) == 1


@dataclass
class Pipeline:
    """A pipeline of an object type, its stages in order."""

    id: str
    label: str
    stages: list[Stage] = field(default_factory=list)
    created: int = 0

    def as_json(self, place: int) -> dict[str, Any]:
        """As the API tells it, at that place among the pipelines."""
        dates = {"createdAt": instant(self.created), "updatedAt": instant(self.created)}
        stages = [
            {
                "label": stage.label,
                "displayOrder": order,
                "metadata": {
                    "isClosed": str(stage.is_closed).lower(),
                    "probability": stage.probability,
                },
                **dates,
                "archived": False,
                "id": stage.id,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for order, stage in enumerate(self.stages)
        ]
        return {
            "label": self.label,
            "displayOrder": place,
            "id": self.id,
            "stages": stages,
            **dates,
            "archived": False,
        }
