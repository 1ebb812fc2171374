"""What the agreement of the hand-made worlds says each place and age earns."""

from tests.dbt_project.compiled import Database

WEIGHTS = {
    "position_u": {"first": 40, "last": 40, "middle": 20},
    "position_w": {"first": 30, "lead": 30, "opportunity": 30, "middle": 10},
    "full_path": {"first": 225, "lead": 225, "opportunity": 225, "last": 225, "middle": 100},
}
HALF_LIFE_DAYS = 2
DIRECT = "web"
"""The channel that counts as direct here."""


def weights_of(model: str, kind: str) -> dict[str, int]:
    """What each role weighs; full path is the W where nothing was won."""
    return WEIGHTS["position_w" if model == "full_path" and kind != "won" else model]


def fill_weights(database: Database) -> None:
    """Agree on what each role earns, and on which channel is direct."""
    database.fill(
        "agreement.position_weights",
        [
            {"model": model, "conversion": kind, "role": role, "weight": weight}
            for model in WEIGHTS
            for kind in ("mql", "opportunity", "won")
            for role, weight in weights_of(model, kind).items()
        ],
    )
    database.fill("agreement.direct_channels", [{"channel": DIRECT}])
