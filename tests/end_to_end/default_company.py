"""The company that runs when no other is named, made smaller, in a folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.company import Company, load_company
from tests.end_to_end.running import REPOSITORY, Published

CANARIES = {
    "SANDBOX_HUBSPOT_TOKEN": "pat-canary-7f3e9a",
    "SANDBOX_SALESFORCE_CLIENT_ID": "3MVG-canary-51c0",
    "SANDBOX_SALESFORCE_CLIENT_SECRET": "secret-canary-e2d8",
}


@dataclass(frozen=True)
class DefaultCompany:
    """The default company, smaller, in a folder of its own."""

    folder: Path
    first_run: str

    @property
    def data(self) -> Path:
        return self.folder / "data" / "sandbox"

    @property
    def settings(self) -> Company:
        """What Tandem knows of it."""
        data = str(self.folder / "data")
        return load_company({"TANDEM_COMPANY": str(self.folder), "TANDEM_DATA": data})

    @property
    def published(self) -> Published:
        return Published(self.data / "published")

    def truth(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query over what really happened."""
        with duckdb.connect() as connection:
            for path in (self.data / "truth").glob("*.parquet"):
                connection.execute(f"create view {path.stem} as select * from '{path}'")
            return connection.execute(query).fetchall()


def start(folder: Path) -> "subprocess.Popen[str]":
    """A first or further night of the company in that folder, just begun."""
    environment = {
        **os.environ,
        **CANARIES,
        "TANDEM_COMPANY": str(folder),
        "TANDEM_DATA": str(folder / "data"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration", "run"],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(folder: Path) -> str:
    """All that a run says, which ends well; its pipe ends with the last process that it started."""
    process = start(folder)
    output, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, output
    return output


def make(folder: Path, prospects: int) -> Path:
    """The default company's settings in a new folder, for that many prospects."""
    folder.mkdir(parents=True)
    sources = yaml.safe_load((REPOSITORY / "sources.yml").read_text())
    sources["simulate"] |= {"prospects": prospects}
    (folder / "sources.yml").write_text(yaml.safe_dump(sources))
    (folder / "agreement.yml").write_text((REPOSITORY / "agreement.yml").read_text())
    return folder


def after_one_night(folder: Path, prospects: int) -> DefaultCompany:
    """The company of that many prospects, built once."""
    return DefaultCompany(folder, run(make(folder, prospects)))
