"""Where a company's Superset keeps its state, its secrets, and what it is told by environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "admin"
_RANDOM_BYTES: Final = 24


@dataclass(frozen=True)
class Home:
    """The folder `data/<company>/superset`: Superset's own database and two random secrets."""

    folder: Path

    @property
    def bundle(self) -> Path:
        """The dashboard as a file to import. It holds the address of the tables."""
        return self.folder / "dashboard.zip"

    @property
    def imported(self) -> Path:
        """What was imported last, as a hash: the next start imports only what differs."""
        return self.folder / "imported"

    @property
    def password(self) -> Path:
        """The password of USER."""
        return self.folder / "password"

    @property
    def _key(self) -> Path:
        return self.folder / "secret_key"

    def make(self) -> None:
        """Make the folder and the secrets that are not there yet, for their owner's eyes alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for secret in (self._key, self.password):
            if not secret.exists():
                write_private(secret, secrets.token_urlsafe(_RANDOM_BYTES).encode())

    def environment(self, port: int) -> Mapping[str, str]:
        """What Superset's processes find in their environment, on top of what stands there."""
        here = Path(__file__).parent
        return {
            "SUPERSET_CONFIG_PATH": str(here / "superset_config.py"),
            "SUPERSET_HOME": str(self.folder),
            "TANDEM_SUPERSET_PORT": str(port),
            "TANDEM_SUPERSET_USER": USER,
        }


def write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody but its owner can read, at no moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
