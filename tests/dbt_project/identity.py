"""Person records made by hand, and the prospects that an independent union-find makes of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.dbt_project.compiled import Database

RULES = ("merge", "conversion", "external_id", "email", "phone")
IDENTITY_MODELS = (
    "int_person_phone",
    "int_identity_key",
    "int_identity_edge",
    "int_identity_component",
    "int_identity_component_by_rule",
    "int_person_link",
    "identity_review",
)
CHAIN_MODELS = (
    "int_identity_way",
    "int_identity_walk",
    "int_identity_depth",
    "bridge_record_prospect",
)
_FIELDS = {
    "merge": "merged_into_key",
    "conversion": "converted_to_key",
    "external_id": "external_id",
    "email": "email_normalised",
    "phone": "phone",
}
GERMANY = {
    "region": "DE",
    "country_code": "49",
    "speaks_for_code": True,
    "prefix_pattern": "0",
    "number_pattern": "[1-9][0-9]{6,9}",
}
PHONES = {
    "+493012345": "+493012345",
    "03012345": "+493012345",
    "5551234": "+495551234",
    "12": None,
    None: None,
}
"""What these digits are in E.164, dialled from Germany."""
LOADED_AT = datetime(2026, 10, 1)

Record = Mapping[str, Any]


def person(person_key: str, **fields: Any) -> dict[str, Any]:
    """A person record; its source is the part of its key before the colon."""
    source, _, record_id = person_key.rpartition(":")
    return {
        "person_key": person_key,
        "source": source or "crm",
        "source_record_id": record_id,
        "is_deleted": False,
        "loaded_at": LOADED_AT,
        **fields,
    }


def link(
    database: Database, records: Sequence[Record], *, cap: int = 25, use_phone: bool = False
) -> dict[str, dict[str, Any]]:
    """The rows of int_person_link that these records make, by person_key."""
    settings = {"max_group_size": cap, "use_phone": use_phone, "phone_country": "DE"}
    database.fill("agreement.settings", [settings])
    database.fill("agreement.phone_regions", [GERMANY])
    database.fill("input_persons", records)
    database.build(*IDENTITY_MODELS)
    return {row["person_key"]: row for row in database.rows("select * from {int_person_link}")}


def joined(database: Database) -> dict[str, dict[str, Any]]:
    """The rows of bridge_record_prospect that the last records made, by person_key."""
    database.build(*CHAIN_MODELS)
    rows = database.rows("select * from {bridge_record_prospect}")
    return {row["person_key"]: row for row in rows}


def read_phone(record: Record) -> Record:
    """The record with its telephone number, one of PHONES, in E.164."""
    return {**record, "phone": PHONES[record.get("phone")]}


def groups(links: Mapping[str, Mapping[str, Any]]) -> set[frozenset[str]]:
    """The prospects as sets of person_keys."""
    members = defaultdict(set)
    for person_key, row in links.items():
        members[row["prospect_id"]].add(person_key)
    return {frozenset(keys) for keys in members.values()}


def bearers(records: Iterable[Record], rule: str) -> dict[str, set[str]]:
    """Who bears which key of a rule; of a pointer, those who point and the record pointed at."""
    records = list(records)
    known = {record["person_key"] for record in records}
    found = defaultdict(set)
    for record in records:
        value = record.get(_FIELDS[rule])
        if value is None:
            continue
        found[value].add(record["person_key"])
        if rule in ("merge", "conversion") and value in known:
            found[value].add(value)
    return found


def expected_groups(
    records: Sequence[Record], *, cap: int, use_phone: bool = False
) -> set[frozenset[str]]:
    """The prospects that METRICS' words make, found one component at a time."""
    rules = RULES if use_phone else RULES[:-1]
    joining = {
        rule: [
            keys
            for keys in bearers(records, rule).values()
            if rule in ("merge", "conversion") or len(keys) <= cap
        ]
        for rule in rules
    }

    def split(members: frozenset[str], rules: Sequence[str]) -> set[frozenset[str]]:
        return _united(members, [keys & members for rule in rules for keys in joining[rule]])

    def cut(members: frozenset[str], rules: Sequence[str]) -> set[frozenset[str]]:
        if len(members) <= cap or len(rules) == 1:
            return {members}
        return {small for part in split(members, rules[:-1]) for small in cut(part, rules[:-1])}

    everyone = frozenset(record["person_key"] for record in records)
    return {small for group in split(everyone, rules) for small in cut(group, rules)}


def _united(members: frozenset[str], together: Iterable[Iterable[str]]) -> set[frozenset[str]]:
    group_of = {member: {member} for member in members}
    for keys in together:
        united: set[str] = set()
        for key in keys:
            united |= group_of[key]
        for key in united:
            group_of[key] = united
    return {frozenset(group) for group in group_of.values()}
