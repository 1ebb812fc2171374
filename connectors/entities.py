"""The input layer's entities: what a source can fill, field by field.

This is the one place where the fields are named in Python. `sources.yml` is validated against
it, and the bind step gives dbt one relation per entity with exactly these columns. The dbt side
of the same contract is the enforced contract of each `stg_files__<entity>` model.
"""

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """What a field holds once it is typed. Timestamps are instants in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    `is_word` marks a field that holds a source's own word (a stage, a role): its relation has a
    companion column `<name>_vocabulary` that says which words these are, as
    `<source>.<stream>.<column>`, or `tandem` where the mapping gives one of the ladder's keys as a
    constant. The agreement says what each word of each vocabulary means.

    `choices` are the only values that the field may have; empty where any will do. `precision` and
    `scale` are the digits, and those after the point, that a decimal holds exactly.
    """

    name: str
    type: FieldType
    required: bool = False
    is_word: bool = False
    choices: tuple[str, ...] = ()
    precision: int = 18
    scale: int = 6


@dataclass(frozen=True)
class Entity:
    """One entity of the input layer: its fields, and those that tell its records apart."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def _text(name: str, *, required: bool = False, is_word: bool = False) -> Field:
    return Field(name, FieldType.TEXT, required=required, is_word=is_word)


def _choice(name: str, *choices: str, required: bool = False) -> Field:
    return Field(name, FieldType.TEXT, required=required, choices=choices)


def _timestamp(name: str, *, required: bool = False) -> Field:
    return Field(name, FieldType.TIMESTAMP, required=required)


def _date(name: str, *, required: bool = False) -> Field:
    return Field(name, FieldType.DATE, required=required)


def _boolean(name: str) -> Field:
    return Field(name, FieldType.BOOLEAN)


# References (person, account, deal, campaign, owner, user) are record ids of the same source.
# `external_id` is the exception: it is shared between sources, and equal values are one person, or
# one company.
# `other_emails` are the addresses beside `email` that reach a person, between semicolons.
_ENTITIES = (
    Entity(
        "persons",
        ("record_id",),
        (
            _text("record_id", required=True),
            _text("email"),
            _text("other_emails"),
            _text("phone"),
            _text("full_name"),
            _text("external_id"),
            _text("merged_into"),
            _text("converted_to"),
            _text("account"),
            _text("company_name"),
            _text("country"),
            _text("lead_source"),
            _text("campaign"),
            _text("owner"),
            _timestamp("created_at"),
        ),
    ),
    Entity(
        "accounts",
        ("record_id",),
        (
            _text("record_id", required=True),
            _text("name"),
            _text("domain"),
            _text("external_id"),
            _text("merged_into"),
            _text("industry"),
            Field("employees", FieldType.INTEGER),
            _text("country"),
            _text("parent"),
            _timestamp("created_at"),
        ),
    ),
    Entity(
        "deals",
        ("record_id",),
        (
            _text("record_id", required=True),
            _text("name"),
            _text("account"),
            _text("person"),
            _text("pipeline"),
            _text("stage", is_word=True),
            Field("amount", FieldType.DECIMAL),
            _text("currency"),
            _text("owner"),
            _text("lead_source"),
            _text("campaign"),
            _timestamp("created_at"),
            _timestamp("closed_at"),
            _date("expected_close_on"),
            _text("close_reason"),
        ),
    ),
    Entity(
        "deal_persons",
        ("deal", "person"),
        (
            _text("deal", required=True),
            _text("person", required=True),
            _text("role"),
            _boolean("is_primary"),
        ),
    ),
    Entity(
        "deal_accounts",
        ("deal", "account"),
        (
            _text("deal", required=True),
            _text("account", required=True),
            _text("role"),
            _boolean("is_primary"),
        ),
    ),
    Entity(
        "stage_changes",
        ("subject_kind", "subject", "stage", "changed_at"),
        (
            _choice("subject_kind", "person", "deal", required=True),
            _text("subject", required=True),
            _text("stage", required=True, is_word=True),
            _timestamp("changed_at", required=True),
            # Absent: history.
            _choice("evidence", "history", "timestamp_property", "observed"),
            _text("changed_by"),
            _text("reason"),
        ),
    ),
    Entity(
        "owner_changes",
        ("subject_kind", "subject", "owner", "changed_at"),
        (
            _choice("subject_kind", "person", "deal", required=True),
            _text("subject", required=True),
            # Absent: from then on nobody owns it.
            _text("owner"),
            _timestamp("changed_at", required=True),
            _text("changed_by"),
        ),
    ),
    Entity(
        "deal_amounts",
        ("deal", "changed_at"),
        (
            _text("deal", required=True),
            # Absent: from then on it has none.
            Field("amount", FieldType.DECIMAL),
            # Absent: that of the deal.
            _text("currency"),
            _timestamp("changed_at", required=True),
            _text("changed_by"),
        ),
    ),
    Entity(
        "touches",
        ("record_id",),
        (
            _text("record_id", required=True),
            _text("person"),
            _text("deal"),
            _timestamp("occurred_at", required=True),
            # True: `occurred_at` tells the day alone, not the time of it.
            _boolean("is_day_only"),
            _text("kind", required=True),
            _text("channel"),
            _text("campaign"),
            # The form, mail, ad or page: utm_content, or the name of it.
            _text("content"),
            _choice("direction", "in", "out"),
            _boolean("is_two_way"),
            _boolean("is_automated"),
            # Absent: the user's team on that day.
            _choice("team", "marketing", "sales"),
            _text("user"),
        ),
    ),
    Entity(
        "campaigns",
        ("record_id",),
        (
            _text("record_id", required=True),
            _text("name"),
            # The utm_campaign of the links that lead from it.
            _text("utm"),
            _text("channel"),
            _date("starts_on"),
            _date("ends_on"),
        ),
    ),
    Entity(
        "spend",
        ("day", "channel", "campaign"),
        (
            _date("day", required=True),
            _text("channel"),
            _text("campaign"),
            Field("amount", FieldType.DECIMAL, required=True),
            _text("currency"),
        ),
    ),
    Entity(
        "users",
        ("record_id", "valid_from"),
        (
            _text("record_id", required=True),
            _text("full_name"),
            _text("email"),
            _text("role", is_word=True),
            _timestamp("valid_from"),
            _timestamp("valid_to"),
        ),
    ),
    Entity(
        "exchange_rates",
        ("day", "currency"),
        (
            _date("day", required=True),
            _text("currency", required=True),
            # Units of the reporting currency for one unit of `currency`.
            Field("rate", FieldType.DECIMAL, required=True, precision=28, scale=12),
        ),
    ),
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in _ENTITIES}
"""Every entity of the input layer by its name."""
