"""An erasure knows a mailbox by the rules by which the warehouse joins records."""

from connectors.mailbox import mailbox
from tests.dbt_project.compiled import CompiledProject
from tests.dbt_project.identity import person

SPELLINGS = [
    "Anna.B+news@Gmail.com",
    "annab@googlemail.com",
    " anna@acme.example ",
    "anna+a@acme.example",
    "anna+a@outlook.com",
    "+@outlook.com",
    ".@gmail.com",
    "o'brien@acme.example",
    '";drop table x;--"@acme.example',
    "per%cent@acme.example",
    "_under_score@acme.example",
    "mu\u0308ller@bücher.example",
    "MÜLLER@XN--BCHER-KVA.example",
    "ΟΔΥΣΣΕΥΣ@acme.example",
    "anna@acme",
    "anna@.b",
    "@acme.example",
    "a@b@c.example",
    "a b@acme.example",
    "anna",
    "anna@xn--.example",
    "<script>@acme.example",
]


def test_an_address_reaches_the_mailbox_that_the_warehouse_takes_it_to_reach(
    project: CompiledProject,
) -> None:
    database = project.database()
    database.fill(
        "input_persons",
        [
            person(f"crm:{place:03}", other_emails=spelling)
            for place, spelling in enumerate(SPELLINGS)
            if ";" not in spelling
        ],
    )
    database.fill("int_person_phone", [])
    database.build("int_identity_key")
    rows = database.rows("select person_key, shared_value from {int_identity_key}")
    found = {row["person_key"]: row["shared_value"] for row in rows if "@" in row["shared_value"]}
    expected = {
        f"crm:{place:03}": mailbox(spelling)
        for place, spelling in enumerate(SPELLINGS)
        if ";" not in spelling and mailbox(spelling)
    }
    assert found == expected
    assert len(expected) > 10
