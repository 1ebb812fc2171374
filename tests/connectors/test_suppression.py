"""Whoever was forgotten is recognised by a hash, and by nothing that could be read."""

import stat
from pathlib import Path

import pytest

from connectors.errors import PermanentError
from connectors.suppression import CurrentSuppression, Identity, SuppressionList

ANNA = Identity(
    addresses=frozenset({"anna@acme.example"}),
    persons=frozenset({("crm", "0031")}),
    records=frozenset({("crm", "calls", "9")}),
)


@pytest.fixture
def listed(tmp_path: Path) -> SuppressionList:
    return SuppressionList(tmp_path / "forgotten", {})


def test_a_forgotten_person_is_recognised_by_address_id_and_record(listed: SuppressionList) -> None:
    listed.add(ANNA)
    found = listed.read()
    assert found.has_address(" Anna@ACME.example")
    assert found.has_person("crm", "0031")
    assert found.has_record("crm", "calls", "9")


def test_nobody_else_is(listed: SuppressionList) -> None:
    listed.add(ANNA)
    found = listed.read()
    assert not found.has_address("hanna@acme.example")
    assert not found.has_person("marketing", "0031")
    assert not found.has_record("crm", "emails", "9")
    assert not found.has_person("crm", "9")


def test_the_list_holds_no_address_and_no_id(listed: SuppressionList) -> None:
    # No part of a hash can read like this id.
    persons = frozenset({("marketing", "person-31")})
    listed.add(Identity(frozenset({"anna@acme.example"}), persons))
    told = "".join(path.read_text() for path in listed.folder.iterdir())
    assert "acme" not in told
    assert "person" not in told


def test_two_companies_hash_one_person_differently(tmp_path: Path) -> None:
    lists = [SuppressionList(tmp_path / name, {}) for name in ("one", "other")]
    hashes = [listed.add(ANNA).hashes for listed in lists]
    assert not hashes[0] & hashes[1]


def test_whoever_is_put_on_it_twice_stands_there_once(listed: SuppressionList) -> None:
    listed.add(ANNA)
    before = listed.file.read_text()
    listed.add(ANNA)
    assert listed.file.read_text() == before


def test_nobody_but_the_owner_can_read_key_and_list(listed: SuppressionList) -> None:
    listed.add(ANNA)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (listed.key_file, listed.file)}
    assert modes == {0o600}


def test_without_its_key_the_list_is_an_error_that_says_what_to_do(listed: SuppressionList) -> None:
    listed.add(ANNA)
    listed.key_file.unlink()
    with pytest.raises(PermanentError, match=r"is lost.*whoever comes back.*from a backup"):
        listed.read()


def test_so_it_is_with_another_key(listed: SuppressionList) -> None:
    listed.add(ANNA)
    listed.key_file.write_text("another key of enough letters")
    with pytest.raises(PermanentError, match="not the one it has"):
        listed.read()


def test_the_key_may_be_the_environments(tmp_path: Path) -> None:
    environment = {"TANDEM_SUPPRESSION_KEY": "a key from a safe place"}
    listed = SuppressionList(tmp_path, environment)
    listed.add(ANNA)
    assert not listed.key_file.exists()
    assert listed.read().has_address("anna@acme.example")


def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    listed = SuppressionList(tmp_path, {"TANDEM_SUPPRESSION_KEY": "short"})
    with pytest.raises(PermanentError, match="fewer than 16 characters"):
        listed.add(ANNA)


def test_a_list_that_grew_since_is_read_again(listed: SuppressionList) -> None:
    current = CurrentSuppression(listed)
    assert not current().has_address("anna@acme.example")
    listed.add(ANNA)
    assert current().has_address("anna@acme.example")
    listed.add(Identity(addresses=frozenset({"ben@acme.example"})))
    assert current().has_address("ben@acme.example")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ask anna@acme.example or ben@acme.example", "ask [forgotten] or ben@acme.example"),
        ("?to=ANNA%40acme.example&x=1", "?to=[forgotten]&x=1"),
        ("anna@acme.example,anna@acme.example", "[forgotten],[forgotten]"),
        ("hanna@acme.example", "hanna@acme.example"),
        ("anna@acme.example.org", "anna@acme.example.org"),
        ("o'anna@acme.example", "o'anna@acme.example"),
        ("x+anna@acme.example", "x+anna@acme.example"),
    ],
)
def test_of_a_text_the_address_alone_is_taken(
    listed: SuppressionList, text: str, left: str
) -> None:
    found = listed.add(ANNA)
    assert found.without_addresses(text) == left
    assert found.knowing(["anna@acme.example"]).without_addresses(text) == left


def test_an_address_that_looks_like_none_is_found_by_who_knows_it(listed: SuppressionList) -> None:
    odd = '"anna smith"@acme.example'
    found = listed.add(Identity(addresses=frozenset({odd}))).knowing([odd])
    text = 'to "Anna Smith"@acme.example, or {"a": "\\"anna smith\\"@acme.example"}'
    assert found.without_addresses(text) == 'to [forgotten], or {"a": "[forgotten]"}'


def test_a_key_that_is_half_written_was_never_there(listed: SuppressionList) -> None:
    listed.folder.mkdir()
    (listed.folder / ".key.part").write_text("ab")
    listed.add(ANNA)
    assert listed.read().has_person("crm", "0031")
