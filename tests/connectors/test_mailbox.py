"""Addresses are found wherever they stand in a text."""

import pytest

from connectors.mailbox import addresses, one_spelling


def test_what_is_no_address_has_one_spelling_all_the_same() -> None:
    assert one_spelling(" ANNA B@Acme ") == "anna b@acme"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("call anna@acme.example.", "anna@acme.example"),
        ("'anna@acme.example' as integer", "anna@acme.example"),
        ("<o'brien@acme.example>", "o'brien@acme.example"),
        ('{"to": "m\\u00fcller@b\\u00fccher.example"}', "müller@bücher.example"),
        ('{"a": "anna\\u0040acme.example"}', "anna@acme.example"),
        ('"{\\"to\\":\\"anna@acme.example\\"}"', "anna@acme.example"),
        ("https://x.example/?to=anna%2Bq%40acme.example&b=1", "anna+q@acme.example"),
        ("mailto:anna@acme.example?subject=x", "anna@acme.example"),
        ("anna&#64;acme.example", "anna@acme.example"),
        ("a,b;anna@acme.example|c", "anna@acme.example"),
    ],
)
def test_an_address_is_found_however_it_is_written_into_a_text(text: str, written: str) -> None:
    found = [spot.address for spots in addresses(text) for spot in spots]
    assert written in found


def test_where_an_address_stands_is_told_to_the_letter() -> None:
    text = "ask anna%40acme.example, please"
    [[spot, *_]] = list(addresses(text))
    assert text[: spot.start] + "X" + text[spot.end :] == "ask X, please"


def test_a_long_text_without_blanks_is_read_in_no_time() -> None:
    [[*_, last]] = list(addresses("x/" * 2_000_000 + "anna@acme.example"))
    assert last.address == "anna@acme.example"
