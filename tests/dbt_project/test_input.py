"""The input layer: what is kept, in whose words, and what is kept out with which reason."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.entities import ENTITIES
from tests.dbt_project.compiled import CompiledProject, Database

LOADED_AT = datetime(2026, 3, 2, 6)
LATER = datetime(2026, 3, 2, 7)
EARLIER = datetime(2026, 2, 1)

GOOD: Mapping[str, Mapping[str, Any]] = {
    "persons": {"record_id": "1", "created_at": EARLIER},
    "accounts": {"record_id": "1", "employees": 0},
    "deals": {"record_id": "1", "stage": "Open", "stage_vocabulary": "crm.deals.stage"},
    "deal_persons": {"deal": "1", "person": "1"},
    "deal_accounts": {"deal": "1", "account": "1"},
    "stage_changes": {
        "subject_kind": "deal",
        "subject": "1",
        "stage": "Open",
        "stage_vocabulary": "crm.deals.stage",
        "changed_at": EARLIER,
    },
    "owner_changes": {
        "subject_kind": "person",
        "subject": "1",
        "owner": "7",
        "changed_at": EARLIER,
    },
    "deal_amounts": {"deal": "1", "amount": Decimal(5), "changed_at": EARLIER},
    "touches": {"record_id": "1", "occurred_at": EARLIER, "kind": "click"},
    "campaigns": {"record_id": "1"},
    "spend": {"day": date(2026, 2, 1), "amount": Decimal(5)},
    "users": {"record_id": "1", "role": "AE", "role_vocabulary": "crm.users.role"},
    "exchange_rates": {"day": date(2026, 2, 1), "currency": "USD", "rate": Decimal("0.9")},
}


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    return project.database()


def put(database: Database, **rows: list[Mapping[str, Any]]) -> None:
    """Bind these rows of these entities and nothing else, and build the input layer on them."""
    database.fill("bound.clock", [{"as_of": LATER, "known_at": LATER}])
    database.fill("agreement.settings", [{"time_zone": "UTC"}])
    database.fill(
        "agreement.stage_words",
        [
            {"vocabulary": "crm.deals.stage", "word": "Open", "stage": "opportunity"},
            {"vocabulary": "tandem", "word": "mql", "stage": "mql"},
        ],
    )
    database.fill(
        "agreement.team_words", [{"vocabulary": "crm.users.role", "word": "AE", "team": "sales"}]
    )
    database.fill("agreement.channel_words", [{"word": "PPC", "channel": "Paid search"}])
    database.fill("raw_files.rejects", [])
    for entity in ENTITIES:
        database.fill(
            f"raw_files.{entity}",
            [_bound(row, place) for place, row in enumerate(rows.get(entity, []))],
        )
    database.build_with_parents("input_excluded", *(f"input_{entity}" for entity in ENTITIES))


def _bound(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    return {
        "source": "crm",
        "stream": "export",
        "record_key": f"key {place}",
        "_record_id": f"row {place}",
        "_origin": f"export.csv:{place}",
        "_fill": 0,
        "_seq": place,
        "_loaded_at": LOADED_AT,
        "_deleted": False,
        **row,
    }


def kept(database: Database, entity: str) -> list[dict[str, Any]]:
    return database.rows(f"select * from {{input_{entity}}} order by all")


def excluded(database: Database) -> list[tuple[Any, ...]]:
    rows = database.rows("select entity, reason, detail, origin from {input_excluded} order by all")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_record_without_fault_is_kept(warehouse: Database, entity: str) -> None:
    put(warehouse, **{entity: [GOOD[entity]]})
    assert len(kept(warehouse, entity)) == 1
    assert excluded(warehouse) == []


@pytest.mark.parametrize(
    ("entity", "wrong", "reason", "words"),
    [
        ("persons", {"record_id": " "}, "missing_value", "record_id is absent"),
        ("persons", {"created_at": LATER}, "in_the_future", "created_at is 2026-03-02 07:00:00"),
        ("accounts", {"employees": -1}, "impossible_value", "employees is -1"),
        ("accounts", {"created_at": LATER}, "in_the_future", "created_at"),
        ("deals", {"stage": "Demo"}, "unmapped_stage", "no stage for 'Demo' of crm.deals.stage"),
        ("deals", {"closed_at": LATER}, "in_the_future", "closed_at"),
        ("deal_persons", {"person": None}, "missing_value", "person is absent"),
        ("deal_accounts", {"account": None}, "missing_value", "account is absent"),
        ("stage_changes", {"stage": "Demo"}, "unmapped_stage", "Demo"),
        ("stage_changes", {"changed_at": None}, "missing_value", "changed_at is absent"),
        ("stage_changes", {"subject_kind": "firm"}, "unknown_word", "'firm', not one of person, d"),
        ("stage_changes", {"evidence": "gossip"}, "unknown_word", "evidence"),
        ("owner_changes", {"subject": None}, "missing_value", "subject is absent"),
        ("owner_changes", {"subject_kind": "firm"}, "unknown_word", "subject_kind is 'firm'"),
        ("owner_changes", {"changed_at": LATER}, "in_the_future", "changed_at"),
        ("deal_amounts", {"deal": None}, "missing_value", "deal is absent"),
        ("deal_amounts", {"changed_at": LATER}, "in_the_future", "changed_at"),
        ("touches", {"occurred_at": LATER}, "in_the_future", "occurred_at"),
        ("touches", {"kind": None}, "missing_value", "kind is absent"),
        ("touches", {"direction": "up"}, "unknown_word", "direction is 'up'"),
        ("touches", {"team": "legal"}, "unknown_word", "team is 'legal'"),
        ("campaigns", {"record_id": None}, "missing_value", "record_id is absent"),
        ("spend", {"amount": None}, "missing_value", "amount is absent"),
        ("spend", {"day": date(2026, 3, 3)}, "in_the_future", "day is 2026-03-03"),
        (
            "users",
            {"valid_from": LATER, "valid_to": EARLIER},
            "ends_before_it_starts",
            "valid from 2026-03-02 07:00:00 to 2026-02-01 00:00:00",
        ),
        ("exchange_rates", {"rate": Decimal(0)}, "impossible_value", "rate is 0"),
    ],
)
def test_a_record_with_a_fault_is_kept_out_and_the_reason_told(
    warehouse: Database, entity: str, wrong: Mapping[str, Any], reason: str, words: str
) -> None:
    put(warehouse, **{entity: [{**GOOD[entity], **wrong}]})
    assert kept(warehouse, entity) == []
    [(found_entity, found_reason, detail, origin)] = excluded(warehouse)
    assert (found_entity, found_reason, origin) == (entity, reason, "export.csv:0")
    assert words in detail


@pytest.mark.parametrize("word", ["Open", " open ", "OPEN"])
def test_a_stage_word_is_read_as_the_agreement_means_it(warehouse: Database, word: str) -> None:
    put(warehouse, deals=[{**GOOD["deals"], "stage": word}])
    assert kept(warehouse, "deals")[0]["stage"] == "opportunity"


def test_a_word_means_nothing_in_another_vocabulary(warehouse: Database) -> None:
    put(warehouse, deals=[{**GOOD["deals"], "stage_vocabulary": "tandem"}])
    assert [reason for _, reason, *_ in excluded(warehouse)] == ["unmapped_stage"]


def test_a_deal_without_a_stage_is_kept(warehouse: Database) -> None:
    put(warehouse, deals=[{"record_id": "1"}])
    assert kept(warehouse, "deals")[0]["stage"] is None


def test_a_channel_bears_the_name_that_the_agreement_gives_it(warehouse: Database) -> None:
    touches = [{**GOOD["touches"], "channel": " ppc"}, {**GOOD["touches"], "channel": "Fair"}]
    put(warehouse, touches=[{**row, "record_id": str(i)} for i, row in enumerate(touches)])
    found = {row["channel"] for row in kept(warehouse, "touches")}
    assert found == {"Paid search", "Fair"}


def test_a_touch_without_a_channel_has_its_campaign_s(warehouse: Database) -> None:
    put(
        warehouse,
        touches=[{**GOOD["touches"], "campaign": "c"}],
        campaigns=[{"record_id": "c", "channel": "PPC"}],
    )
    assert kept(warehouse, "touches")[0]["channel"] == "Paid search"


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ({"channel": "Fair", "campaign": "c"}, "Fair"),
        ({"campaign": "c"}, "Paid search"),
        ({}, "Social"),
        ({"team": "sales"}, None),
        ({"direction": "out"}, None),
        ({"is_two_way": True}, None),
        ({"person": "2"}, None),
    ],
)
def test_where_neither_touch_nor_campaign_tells_a_channel_the_person_s_source_does(
    warehouse: Database, told: Mapping[str, Any], channel: str | None
) -> None:
    warehouse.fill(
        "agreement.channel_rules",
        [
            {"position": 2, "channel": "Other", "original_source": "social_media"},
            {"position": 1, "channel": "Social", "original_source": "social_media"},
        ],
    )
    sent = {"person": "1", "team": "marketing", "direction": "in"}
    put(
        warehouse,
        persons=[
            {**GOOD["persons"], "lead_source": "SOCIAL_MEDIA"},
            {**GOOD["persons"], "record_id": "2", "lead_source": "OFFLINE"},
        ],
        campaigns=[{"record_id": "c", "channel": "PPC"}],
        touches=[{**GOOD["touches"], **sent, **told}],
    )
    assert [row["channel"] for row in kept(warehouse, "touches")] == [channel]


@pytest.mark.parametrize(
    ("moved", "team"), [(datetime(2026, 1, 15), "sales"), (datetime(2026, 2, 15), None)]
)
def test_a_touch_is_of_the_team_that_its_user_was_on_that_day(
    warehouse: Database, moved: datetime, team: str | None
) -> None:
    put(
        warehouse,
        users=[
            {**GOOD["users"], "role": "Intern", "valid_to": moved},
            {**GOOD["users"], "valid_from": moved},
        ],
        touches=[{**GOOD["touches"], "user": "1"}],
    )
    assert kept(warehouse, "touches")[0]["team"] == team


def test_spans_of_one_user_do_not_overlap(warehouse: Database) -> None:
    put(
        warehouse,
        users=[
            {**GOOD["users"], "valid_from": datetime(2026, 1, 1)},
            {**GOOD["users"], "valid_from": datetime(2026, 2, 1)},
        ],
    )
    spans = warehouse.rows("select valid_from, valid_to from {input_users} order by valid_from")
    assert [tuple(span.values()) for span in spans] == [
        (datetime(2026, 1, 1), datetime(2026, 2, 1)),
        (datetime(2026, 2, 1), None),
    ]


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        (" Ann@Acme.Example ", "ann@acme.example"),
        ("ann+fair@acme.example", "ann+fair@acme.example"),
        ("a.n.n+fair@gmail.com", "ann@gmail.com"),
        ("ann@googlemail.com", "ann@gmail.com"),
        ("a.nn+x@outlook.com", "a.nn@outlook.com"),
        ("+only@gmail.com", "+only@gmail.com"),
        ("JOS\u00c9@acme.example", "jos\u00e9@acme.example"),
        ("JOSE\u0301@acme.example", "jos\u00e9@acme.example"),
        ("ΝΊΚΟΣ@acme.example", "νίκοσ@acme.example"),
        ("νίκος@acme.example", "νίκοσ@acme.example"),
        ("ИВАН@пример.рф", "иван@пример.рф"),
        ("ann@bücher.example", "ann@bücher.example"),
        ("ann@BU\u0308CHER.example", "ann@bücher.example"),
        ("ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("Ann@XN--BCHER-KVA.Example", "ann@bücher.example"),
        ("иван@xn--e1afmkfd.xn--p1ai", "иван@пример.рф"),
        ("ann@mail.xn--strae-oqa.example", "ann@mail.straße.example"),
        ("ann@strasse.example", "ann@strasse.example"),
        ("xn--bcher-kva@acme.example", "xn--bcher-kva@acme.example"),
        ("ann@acme", None),
        ("ann acme.example", None),
        ("ann@@acme.example", None),
        ("n/a", None),
        ("", None),
    ],
)
def test_spellings_that_reach_one_mailbox_are_one_address(
    warehouse: Database, written: str, mailbox: str | None
) -> None:
    put(warehouse, persons=[{**GOOD["persons"], "email": written}])
    assert kept(warehouse, "persons")[0]["email_normalised"] == mailbox


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+1 (555) 010-0", "+15550100"),
        ("0049 30 123456", "+4930123456"),
        ("030/123456", "030123456"),
        ("Tel. (+49) 30 123456", "+4930123456"),
        ("030 123456 ext. 78", "030123456"),
        ("030 123456;ext=78", "030123456"),
        ("+49 30 123456 #78", "+4930123456"),
        ("n/a", None),
        (None, None),
    ],
)
def test_spellings_of_one_telephone_number_are_one(
    warehouse: Database, written: str | None, number: str | None
) -> None:
    put(warehouse, persons=[{**GOOD["persons"], "phone": written}])
    assert kept(warehouse, "persons")[0]["phone"] == number


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("https://www.xn--bcher-kva.example/shop", "bücher.example"),
        ("https://www.Acme.example/about?x=1", "acme.example"),
        ("acme.example:8080", "acme.example"),
        ("www.acme.example", "acme.example"),
        (" ", None),
    ],
)
def test_a_company_s_domain_is_the_host_alone(
    warehouse: Database, written: str, domain: str | None
) -> None:
    put(warehouse, accounts=[{**GOOD["accounts"], "domain": written}])
    assert kept(warehouse, "accounts")[0]["domain"] == domain


def test_a_reference_is_the_key_of_the_record_it_names(warehouse: Database) -> None:
    put(
        warehouse,
        persons=[{**GOOD["persons"], "account": "7"}],
        accounts=[{"record_id": "7"}],
        deals=[{**GOOD["deals"], "account": " 7 ", "person": "1"}],
    )
    [person], [account], [deal] = (
        kept(warehouse, entity) for entity in ("persons", "accounts", "deals")
    )
    assert person["account_key"] == deal["account_key"] == account["account_key"]
    assert deal["person_key"] == person["person_key"]


def test_records_of_one_id_in_two_sources_are_two(warehouse: Database) -> None:
    put(warehouse, persons=[GOOD["persons"], {**GOOD["persons"], "source": "ads"}])
    assert len({row["person_key"] for row in kept(warehouse, "persons")}) == 2


def test_lines_of_spend_with_the_same_words_both_stand(warehouse: Database) -> None:
    put(warehouse, spend=[GOOD["spend"], GOOD["spend"]])
    assert sum(row["amount"] for row in kept(warehouse, "spend")) == Decimal(10)
