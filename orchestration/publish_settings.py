"""What `publish.yml` says: how many nights are kept, and where else the tables go."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.faults import Faults, Part, matching
from connectors.object_store import ObjectStore
from connectors.source_parts import Duration, Variable
from connectors.typed_yaml import read_typed_yaml

_LONGEST_NAME: Final = 63
"""Of anything in PostgreSQL, in bytes."""

_LONGEST_SUFFIX: Final = 25
"""What the name of a night that is kept has besides that of the schema."""

_SchemaName = Annotated[
    str,
    matching(
        rf"(?!pg_)[a-z_][a-z0-9_]{{0,{_LONGEST_NAME - _LONGEST_SUFFIX - 1}}}",
        "a name in small letters, digits and _ that is not too long, such as `marts`",
    ),
]
_RoleName = Annotated[
    str,
    matching(rf"[A-Za-z_][A-Za-z0-9_$-]{{0,{_LONGEST_NAME - 1}}}", "the name of a role"),
]


def _each_once(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))


class PostgresSettings(Part):
    """A PostgreSQL database that the tables are copied into after the files.

    `url_env` names the variable that holds its address, with user and password. `schema` is the
    schema of the tables, and Tandem's alone. `readers` are roles that may read them and nothing
    else. `give_up_after`: how long one night may take for it, with the wait for those who read.
    """

    url_env: Variable
    schema_name: _SchemaName = Field(default="marts", alias="schema")
    readers: Annotated[tuple[_RoleName, ...], AfterValidator(_each_once)] = ()
    give_up_after: Duration = timedelta(minutes=30)


class ObjectStoreSettings(ObjectStore):
    """A place in an object store that each version is copied to; Tandem's alone.

    `url`: the bucket and a folder in it. The rest is as in sources.yml.
    """

    url: Annotated[
        str,
        matching(
            r"(s3|gs|az)://[A-Za-z0-9._-]+(/[A-Za-z0-9._=-]+)+",
            "a folder in a bucket, without keys, such as s3://bucket/tandem, gs://bucket/tandem or "
            "az://container/tandem",
        ),
    ]

    @model_validator(mode="after")
    def _has_what_such_a_store_needs(self) -> Self:
        faults = Faults()
        self.find_faults(self.url, (), faults)
        faults.raise_if_any()
        return self


class PersonalData(StrEnum):
    """How names, addresses and phone numbers stand in what is published."""

    CLEAR = "clear"
    PSEUDONYMS = "pseudonyms"


class PublishSettings(Part):
    """How a company publishes.

    `keep_nights`: of how many nights that brought something new the tables stay, with the present
    one. `personal_data`: whether people are named, or stand there under pseudonyms.
    """

    keep_nights: int = Field(default=2, ge=2)
    personal_data: PersonalData = PersonalData.CLEAR
    object_store: ObjectStoreSettings | None = None
    postgres: PostgresSettings | None = None

    @model_validator(mode="after")
    def _says_whether_people_are_named(self) -> Self:
        if self.object_store is not None and "personal_data" not in self.model_fields_set:
            faults = Faults()
            faults.add(
                ("object_store",),
                self.object_store.url,
                "`personal_data: pseudonyms` or `personal_data: clear` beside it, since what is in "
                "an object store has left this machine",
            )
            faults.raise_if_any()
        return self


def load_publish_settings(path: Path) -> PublishSettings:
    """The settings written at `path`; those of a company that wrote none where there is no file.

    Raises ConfigurationError, which names file, line, field and what was expected.
    """
    return read_typed_yaml(path, PublishSettings) if path.exists() else PublishSettings()
