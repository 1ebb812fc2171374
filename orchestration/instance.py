"""The Dagster instance of a company: the home at the repository's root, the state its own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from orchestration.company import Company

HOME: Final = Path(__file__).resolve().parents[1]
"""Where dagster.yaml lies."""


def instance_environment(company: Company, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment in which Dagster's processes run for a company; its state folder is made.

    Folders in it are absolute, so that a process may work in any folder. Nothing in it lets a tool
    send usage statistics.
    """
    company.dagster.mkdir(parents=True, exist_ok=True)
    environment = {
        **given,
        "DAGSTER_HOME": str(HOME),
        "TANDEM_DAGSTER_STATE": str(company.dagster),
        "TANDEM_COMPANY": str(company.folder),
        "TANDEM_DATA": str(company.data_root),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    if company.source_data_given:
        environment["TANDEM_SOURCE_DATA"] = str(company.source_data_given)
    if company.lake_root:
        environment["TANDEM_LAKE"] = company.lake_root
    return environment
