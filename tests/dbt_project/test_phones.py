"""Telephone numbers in E.164, held against the library that knows all the world's numbers."""

from collections.abc import Iterable
from functools import partial

import phonenumbers
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    country_code_for_region,
)

from orchestration.agreement.phone_regions import phone_regions
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.identity import person
from tests.examples import examples

COLUMNS = ("region", "country_code", "speaks_for_code", "prefix_pattern", "number_pattern")
REGIONS = [dict(zip(COLUMNS, row, strict=True)) for row in phone_regions()]
NAMES = [str(row["region"]) for row in REGIONS]
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    database.fill("agreement.phone_regions", REGIONS)
    return database


def _read(database: Database, region: str | None, written: Iterable[str]) -> dict[str, str | None]:
    """Each text in E.164, dialled from the region; the input layer keeps digits and plus signs."""
    texts = sorted(set(written))
    database.fill("agreement.settings", [{"use_phone": True, "phone_country": region}])
    digits = [
        ("+" if text[0] == "+" else "") + "".join(filter(str.isdigit, text)) for text in texts
    ]
    records = [person(text, phone=phone) for text, phone in zip(texts, digits, strict=True)]
    database.fill("input_persons", records)
    database.build("int_person_phone")
    rows = database.rows("select person_key, e164 from {int_person_phone}")
    return {row["person_key"]: row["e164"] for row in rows}


def _examples(region: str) -> list[PhoneNumber]:
    found = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
    return [number for number in found if number is not None]


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def test_the_international_spelling_of_every_region_is_read(warehouse: Database) -> None:
    numbers = [number for region in NAMES for number in _examples(region)]
    expected = {
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL): _e164(number)
        for number in numbers
    }
    assert len(expected) > 400
    assert _read(warehouse, None, expected) == expected


def test_the_national_spelling_of_every_region_is_read_or_left_and_never_read_wrongly(
    warehouse: Database,
) -> None:
    unread = set()
    for region in NAMES:
        expected = {
            phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL): _e164(number)
            for number in _examples(region)
        }
        for written, e164 in _read(warehouse, region, expected).items():
            assert e164 in (expected[written], None)
            if e164 is None:
                unread.add(region)
    # A mobile number in Argentina is written with a 15 in its middle.
    assert unread == {"AR"}


DIALLED = [
    r"\+(1|7|39|44|49|55|86)0?[1-9][0-9]{4,11}",
    "0?[1-9][0-9]{4,11}",
]


def _odd(region: str, text: str, e164: str | None) -> str | None:
    """What is wrong with this reading of a text, if anything is."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None if e164 is None else f"{text} of {region} is no number, but was read as {e164}"
    if e164 is None:
        # What a region's prefix would rewrite, as carriers' codes in Brazil, is left.
        code = str(number.country_code)
        home = phonenumbers.region_code_for_country_code(number.country_code)
        metadata = PhoneMetadata.metadata_for_region(home if text[0] == "+" else region)
        is_dialled_within = text[0] != "+" or text.startswith(f"+{code}0")
        if is_dialled_within and metadata and metadata.national_prefix_transform_rule:
            return None
        is_abroad = text[0] != "+" and number.country_code != country_code_for_region(region)
        if is_abroad or not phonenumbers.is_valid_number(number):
            return None
    return None if e164 == _e164(number) else f"{text} of {region} is {number}, not {e164}"


@settings(
    max_examples=examples(20),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@example(region="IN", written=["+550159639977451"])
@example(region="DE", written=["+5590933104295"])
@given(
    region=st.sampled_from(
        ["DE", "US", "GB", "FR", "IT", "ES", "RU", "BR", "IN", "JP", "CN", "HU"]
    ),
    written=st.lists(
        st.sampled_from(DIALLED).flatmap(partial(st.from_regex, fullmatch=True)),
        min_size=20,
        max_size=40,
    ),
)
def test_what_is_read_is_what_the_library_reads(
    warehouse: Database, region: str, written: list[str]
) -> None:
    readings = _read(warehouse, region, written)
    assert [odd for text, e164 in readings.items() if (odd := _odd(region, text, e164))] == []


@pytest.mark.parametrize(
    "written", ["+49 30 12345678", "030 12345678", "+49 (0)30 12345678", "49 30 12345678"]
)
def test_the_spellings_of_one_number_are_one(warehouse: Database, written: str) -> None:
    assert _read(warehouse, "DE", [written]) == {written: "+493012345678"}


def test_a_national_number_is_left_where_the_agreement_names_no_country(
    warehouse: Database,
) -> None:
    assert _read(warehouse, None, ["030 12345678"]) == {"030 12345678": None}


@pytest.mark.parametrize("written", ["12", "+49 1", "+999 123 456 789", "0000000000", "+"])
def test_what_is_no_number_is_left(warehouse: Database, written: str) -> None:
    assert _read(warehouse, "DE", [written]) == {written: None}
