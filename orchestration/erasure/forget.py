"""Forget people: find, ask, keep them from coming back, remove, build anew, search for traces."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connectors.lake_erasure import Erased
from connectors.suppression import Identity, Suppression
from orchestration.company import Company
from orchestration.erasure.engine_tables import remove_engine_tables
from orchestration.erasure.erase import count_in_lake, erase_from_lake, remove_made
from orchestration.erasure.history import clean_history
from orchestration.erasure.history_database import clean_history_database
from orchestration.erasure.identity import find
from orchestration.erasure.proof import told_erased, told_found, told_search
from orchestration.erasure.traces import search
from orchestration.publish.object_store import drop_kept_versions
from orchestration.publish.postgres.target import drop_kept_nights
from orchestration.publish.versions import current_version, remove_other_versions
from orchestration.warehouse.hold import hold_warehouse


class NotAnAddress(Exception):
    """What was given is no email address; says what is expected."""


@dataclass(frozen=True)
class Hooks:
    """How a person is told and asked, and how the tables are built and published anew."""

    tell: Callable[[str], None]
    confirm: Callable[[], bool]
    build: Callable[[], bool]


def check_addresses(given: Iterable[str]) -> tuple[str, ...]:
    """The addresses, each once. Raises NotAnAddress where one has no at sign in it, or none is."""
    found = tuple(dict.fromkeys(text.strip() for text in given if text.strip()))
    for text in found:
        before, at, after = text.rpartition("@")
        if not (before and at and after):
            raise NotAnAddress("What is to be forgotten is an email address, such as a@b.example.")
    if not found:
        raise NotAnAddress(
            "Say who is to be forgotten: `make forget EMAIL=a@b.example`, or the addresses on "
            "standard input, one a line."
        )
    return found


def forget(company: Company, given: Sequence[str], hooks: Hooks) -> bool:
    """Forget everybody who bears one of these addresses; whether nothing of them is left.

    Whoever is forgotten is put on the list first, so that no load brings them back meanwhile, and
    so that this goes on where it was killed when it is started again. Nothing happens unless
    `confirm` says so.

    Raises LoadConflict where a load is under way, WarehouseBusy where a build is.
    """
    with hold_warehouse(company):
        identity = find(company, given)
        counted = count_in_lake(company, _with(identity, given))
        for line in told_found(identity, len(given), counted, company):
            hooks.tell(line)
        if not hooks.confirm():
            hooks.tell("Nothing was changed.")
            return False
        forgotten = company.suppression.add(identity).knowing(given)
        erase_from_lake(company, forgotten, lambda done: hooks.tell(_done(done)))
        remove_made(company)
        if removed := remove_engine_tables(company):
            hooks.tell(
                f"Removed the {removed:,} tables of the distributed engine, with what they were "
                "before: `make spark` makes them again."
            )
    is_current = current_version(company) is None or hooks.build()
    if not is_current:
        hooks.tell(
            "The tables could not be built anew, so readers still have those from before. Mend "
            "what is told above, and run this again."
        )
    remove_other_versions(company)
    kept = drop_kept_nights(company)
    for problem in kept:
        hooks.tell(f"LEFT in PostgreSQL: {problem}")
    stored = drop_kept_versions(company)
    for problem in stored:
        hooks.tell(f"LEFT in the object store: {problem}")
    clean_history(company, forgotten)
    clean_history_database(forgotten)
    left = count_in_lake(company, forgotten)
    for done in left:
        hooks.tell(f"LEFT: {told_erased(done)}")
    searched = search(company, forgotten)
    for line in told_search(searched, company):
        hooks.tell(line)
    return is_current and searched.is_clean and not left and not (kept or stored)


def _with(identity: Identity, given: Sequence[str]) -> Suppression:
    """A list of this identity alone, under a key of this moment."""
    return Suppression.of(os.urandom(32), identity).knowing(given)


def _done(done: Erased) -> str:
    return f"Done: {told_erased(done)}"
