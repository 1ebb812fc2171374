"""Which person records are one prospect."""

from collections.abc import Iterable

from tests.dbt_project.identity import expected_groups
from tests.dbt_project.oracle.records import Person, identifier

Prospect = tuple[str, ...]
"""A prospect is named by its records: `source/id` of each, in order."""


def prospects(persons: Iterable[Person], cap: int) -> dict[str, Prospect]:
    """The prospect of every person record, by the record's key."""
    by_key = {person.key: person for person in persons}
    records = [
        {
            "person_key": person.key,
            "merged_into_key": _other(person, person.merged_into),
            "converted_to_key": _other(person, person.converted_to),
            "external_id": person.external_id,
            "email_normalised": person.email,
        }
        for person in by_key.values()
    ]
    found: dict[str, Prospect] = {}
    for group in expected_groups(records, cap=cap):
        name = tuple(sorted(f"{by_key[key].source}/{by_key[key].id}" for key in group))
        found |= dict.fromkeys(group, name)
    return found


def _other(person: Person, record_id: str | None) -> str | None:
    return identifier(person.source, record_id) if record_id else None
