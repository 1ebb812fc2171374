"""Domains in Punycode, held against the codec of the standard library."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.identity import IDENTITY_MODELS, groups, person
from tests.examples import examples

LETTERS = "abcxyz019äöüßéñабвгде日本東京αβγδ가나다😀"
labels = st.text(LETTERS, min_size=1, max_size=16)


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def _coded(domain: str) -> str:
    """The domain as the mail system sees it."""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode()
        for label in domain.split(".")
    )


def _keys(database: Database, domains: list[str]) -> list[str]:
    """Under which domain an address there is known, in the order of the domains."""
    database.fill(
        "input_persons",
        [
            person(f"crm:{place:03}", other_emails=f"ann@{domain}")
            for place, domain in enumerate(domains)
        ],
    )
    database.fill("int_person_phone", [])
    database.build("int_identity_key")
    rows = database.rows("select shared_value from {int_identity_key} order by person_key")
    return [row["shared_value"].partition("@")[2] for row in rows]


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.lists(st.tuples(labels, labels).map(".".join), min_size=1, max_size=30))
def test_a_coded_domain_is_known_by_the_letters_that_it_stands_for(
    warehouse: Database, names: list[str]
) -> None:
    assert _keys(warehouse, [_coded(name) for name in names]) == _keys(warehouse, names)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(codes=st.lists(st.from_regex("[a-z0-9-]{1,40}", fullmatch=True), min_size=1, max_size=30))
def test_whatever_is_no_code_stays_as_it_is(warehouse: Database, codes: list[str]) -> None:
    found = _keys(warehouse, [f"xn--{code}.example" for code in codes])
    for code, domain in zip(codes, found, strict=True):
        try:
            text = code.encode().decode("punycode").lower()
            text.encode()
        except UnicodeError:
            text = f"xn--{code}"
        assert domain.removesuffix(".example").isascii() == (domain == f"xn--{code}.example"), code
        if domain != f"xn--{code}.example":
            assert _folded(domain) == _folded(f"{text}.example")


def _folded(text: str) -> str:
    """Without differences of case or composition, which this test does not ask for."""
    return unicodedata.normalize("NFC", text.lower()).lower().replace("ς", "σ")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("JOS\u00c9@acme.example", "jose\u0301@acme.example"),
        ("ann@bücher.example", "ANN@XN--BCHER-KVA.EXAMPLE"),
        ("ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_two_spellings_of_one_address_are_one_person(
    warehouse: Database, first: str, second: str
) -> None:
    setting = {"max_group_size": 25, "use_phone": False}
    database = warehouse
    database.fill("agreement.settings", [setting])
    database.fill(
        "input_persons",
        [person("crm:1", other_emails=first), person("ads:2", other_emails=second)],
    )
    database.build(*IDENTITY_MODELS)
    rows = database.rows("select * from {int_person_link}")
    assert groups({row["person_key"]: row for row in rows}) == {frozenset({"crm:1", "ads:2"})}
