"""Who works for the simulated company, on which team, and since when."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.sandbox.calendar import DAY, NEVER
from connectors.sandbox.draws import Bools, Ints, whole
from connectors.sandbox.names import FIRST_NAMES, LAST_NAMES
from connectors.sandbox.world import World

SDR: Final = "SDR"
AE: Final = "AE"
FIELD_MARKETING: Final = "Field Marketing"
DEMAND_GEN: Final = "Demand Gen"
CONTENT: Final = "Content"

_PROSPECTS_A_REP: Final = 4000
_HIRES: Final = ((SDR, 6), (AE, 8), (FIELD_MARKETING, 3), (DEMAND_GEN, 3), (CONTENT, 2))

# Who changes teams: which hire of which role, to which role, how many days into the history.
_MOVES: Final = ((SDR, 0, AE, 210), (SDR, 1, FIELD_MARKETING, 260), (FIELD_MARKETING, 0, AE, 320))


@dataclass(frozen=True)
class Post:
    """A span of time, in seconds, in which a user has a role."""

    user: int
    role: str
    starts: int
    ends: int


@dataclass(frozen=True)
class Staff:
    """Every user's posts, in the order of the users."""

    posts: tuple[Post, ...]

    def name(self, user: int) -> str:
        """What a user is called."""
        first = FIRST_NAMES[(user * 37 + 11) % len(FIRST_NAMES)]
        return f"{first} {LAST_NAMES[(user * 53 + 29) % len(LAST_NAMES)]}"

    def pick(self, world: World, role: str, purpose: str, numbers: Ints, at: Ints) -> Ints:
        """For each number a user who has `role` at that instant; the same while nobody moves."""
        chosen = np.full(len(numbers), -1, dtype=np.int64)
        uniform = world.draw(purpose, numbers)
        moments = sorted({moment for post in self.posts for moment in (post.starts, post.ends)})
        for low, high in zip([-NEVER, *moments], [*moments, 2 * NEVER], strict=True):
            users = [p.user for p in self.posts if p.role == role and p.starts <= low < p.ends]
            if not users:
                continue
            when: Bools = (at >= low) & (at < high)
            chosen[when] = np.array(users)[whole(uniform[when] * len(users))]
        return chosen


def make_staff(world: World) -> Staff:
    """The company's users; more sales people where it has more prospects."""
    more = world.parameters.prospects // _PROSPECTS_A_REP
    posts: list[Post] = []
    user = 0
    for role, count in _HIRES:
        for which in range(count + (more if role in {SDR, AE} else 0)):
            move = next(((to, day) for r, w, to, day in _MOVES if (r, w) == (role, which)), None)
            if move is None:
                posts.append(Post(user, role, -NEVER, NEVER))
            else:
                # At midnight at home, in winter or summer alike after the day's work.
                moment = world.start + move[1] * DAY + 5 * 3600
                posts.append(Post(user, role, -NEVER, moment))
                posts.append(Post(user, move[0], moment, NEVER))
            user += 1
    return Staff(tuple(posts))
