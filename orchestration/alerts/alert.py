"""What an alert says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.secret import redact
from orchestration.company import Company
from orchestration.publish.versions import current_version

_MOST_TROUBLES: Final = 10
_LONGEST_REASON: Final = 1500


@dataclass(frozen=True)
class Trouble:
    """What went wrong with what: an asset or step by name, and the reason as it was told."""

    what: str
    reason: str


@dataclass(frozen=True)
class Alert:
    """One message to people: a line that says it all, what stands still, the troubles, a link.

    `at` is naive in UTC. `left_out` counts troubles beyond those shown.
    """

    company: str
    title: str
    standing: str
    troubles: tuple[Trouble, ...]
    left_out: int
    link: str
    at: datetime


def alert_of_failure(
    company: Company, job: str, run_id: str, troubles: Sequence[Trouble], at: datetime
) -> Alert:
    """The alert of a run of `job` that failed: what failed, and what readers have meanwhile."""
    return _of_run(company, f"the run of {job} failed", run_id, troubles, at)


def alert_of_red_checks(
    company: Company, job: str, run_id: str, troubles: Sequence[Trouble], at: datetime
) -> Alert:
    """The alert of a run of `job` that came to its end, and whose checks found what is wrong."""
    return _of_run(company, f"checks of {job} are red", run_id, troubles, at)


def _of_run(
    company: Company, title: str, run_id: str, troubles: Sequence[Trouble], at: datetime
) -> Alert:
    shown = tuple(
        Trouble(trouble.what, _shortened(redact(trouble.reason.strip())))
        for trouble in troubles[:_MOST_TROUBLES]
    )
    return Alert(
        company=company.name,
        title=f"{company.name}: {title}",
        standing=_standing(company, at),
        troubles=shown,
        left_out=len(troubles) - len(shown),
        link=f"{_web_ui(company)}/runs/{run_id}",
        at=at,
    )


def alert_of_late_tables(company: Company, at: datetime) -> Alert | None:
    """The alert that the tables readers have are too old at `at` (naive, UTC); None if they aren't.

    What was never published is not late: a first build is watched.
    """
    present = current_version(company)
    late_after = company.operations.alerts.late_after
    if present is None or at - datetime.fromisoformat(present.published_at) <= late_after:
        return None
    return Alert(
        company=company.name,
        title=f"{company.name}: the published tables are late",
        standing=_standing(company, at),
        troubles=(
            Trouble(
                "published",
                f"Nothing has been published for longer than {_hours(late_after)}: no run came "
                "through, or none was started. Look whether Dagster's daemon runs.",
            ),
        ),
        left_out=0,
        link=f"{_web_ui(company)}/runs",
        at=at,
    )


def _standing(company: Company, at: datetime) -> str:
    present = current_version(company)
    if present is None:
        return "Nothing has been published yet."
    published_at = datetime.fromisoformat(present.published_at)
    return (
        f"Readers have what was published {_hours(at - published_at)} ago, "
        f"at {published_at:%Y-%m-%d %H:%M} UTC."
    )


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.0f} hours"


def _web_ui(company: Company) -> str:
    return company.operations.web_ui.rstrip("/")


def _shortened(reason: str) -> str:
    if len(reason) <= _LONGEST_REASON:
        return reason
    return reason[:_LONGEST_REASON].rstrip() + " …"
