"""sources.yml: what it understands, and what it says of a fault."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.entities import FieldType
from connectors.file_source import format_of
from connectors.sources import Sources, load_sources
from connectors.typed_yaml import ConfigurationError
from orchestration.agreement import load_agreement

REPOSITORY = Path(__file__).resolve().parents[2]

ACME = """\
company: acme
simulate: {prospects: 50, months: 3, until: 2026-09-30, seed: 7}
sources:
  - name: crm
    kind: files
    required: false
    stale_after: 48 hours
    observed_from: 2025-12-01
    complete_until: 2026-01-31T18:00:00+01:00
    location: s3://acme/exports
    object_store: {region: eu-central-1, access_key_env: ACME_KEY, secret_key_env: ACME_SECRET}
    streams:
      - name: deals
        files: deals_*.csv.gz
        csv: {delimiter: ";", encoding: latin-1, decimal_comma: true, thousands: "."}
        null_words: ["", "-"]
        time_zone: Europe/Berlin
        key: [deal_id]
        full_export: true
        watermark: closed_at
        columns:
          deal_id: text
          lead_source: {header: "Lead Source (CRM)"}
          stage: text
          amount: {type: decimal, precision: 20, scale: 2}
          is_big: boolean
          opened_on: {type: date, format: "%d.%m.%Y"}
          closed_at: {type: timestamp, format: ["%d.%m.%Y %H:%M", epoch_seconds]}
        fills:
          - entity: deals
            values:
              record_id: deal_id
              stage: {column: stage, words: {Wn: Won}}
              amount: amount
              name: {join: [lead_source, deal_id], with: "/"}
              currency: {constant: EUR}
              created_at: opened_on
              closed_at: closed_at
            where: {closed_at: present, stage: [Wn, Lost], is_big: true}
          - entity: stage_changes
            values:
              subject_kind: {constant: deal}
              subject: {first_of: [deal_id, lead_source]}
              stage: {constant: opportunity}
              changed_at: opened_on
"""


def _load(folder: Path, text: str) -> Sources:
    path = folder / "sources.yml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path)


def _faults(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        _load(folder, text)
    return [(fault.line, fault.field, fault.message) for fault in caught.value.faults]


def test_sources_are_read_as_they_are_written(tmp_path: Path) -> None:
    sources = _load(tmp_path, ACME)
    [crm] = sources.sources
    assert crm.stale_after == timedelta(hours=48)
    assert crm.observed_from == datetime(2025, 12, 1, tzinfo=UTC)
    assert crm.complete_until == datetime(2026, 1, 31, 17, tzinfo=UTC)
    [deals] = crm.streams
    assert deals.file_format == "csv"
    assert deals.full_export == "newest"
    assert deals.key == ("deal_id",)
    assert deals.columns["deal_id"].type is FieldType.TEXT
    assert deals.columns["closed_at"].format == ("%d.%m.%Y %H:%M", "epoch_seconds")
    fill = deals.fills[0]
    assert fill.values["name"].columns == ("lead_source", "deal_id")
    assert fill.values["stage"].words == {"Wn": "Won"}
    assert fill.where == {"closed_at": "present", "stage": ("Wn", "Lost"), "is_big": ("true",)}


def test_the_words_of_a_column_and_the_funnels_own_stages_are_told_apart(tmp_path: Path) -> None:
    assert _load(tmp_path, ACME).vocabularies() == {"crm.deals.stage", "tandem"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.csv", "csv"),
        ("a.CSV.GZ", "csv"),
        ("a_*.tsv.zst", "tsv"),
        ("a/b.parquet", "parquet"),
        ("a.jsonl", "ndjson"),
        ("a/*", None),
        ("a.gz", None),
    ],
)
def test_a_suffix_tells_the_format(name: str, told: str | None) -> None:
    assert format_of(name) == told


# What is wrong: what is written in place of what, the part that stands on the faulty line, the
# field, and what the message must say.
STREAM = "sources.0.streams.0"
FAULTS = [
    ("company: acme", "company: Acme Inc", "Acme Inc", "company", "a-z"),
    ("name: crm", "name: files", "files", "sources.0.name", "another name"),
    ("kind: files", "kind: ftp", "ftp", "sources.0.kind", "files"),
    ("48 hours", "soon", "soon", "sources.0.stale_after", "'48 hours'"),
    ("48 hours", "0 hours", "0 hours", "sources.0.stale_after", "'48 hours'"),
    ("2025-12-01", "December", "December", "sources.0.observed_from", "2026-01-31"),
    ("2025-12-01", "2027-12-01", "complete_until", "sources.0.complete_until", "not before"),
    ("s3://acme/exports", "ftp://acme", "ftp", "sources.0.location", "s3://"),
    ("s3://acme/exports", "s3://", "s3", "sources.0.location", "bucket"),
    ("s3://acme/exports", "exports", "object_store", "sources.0.object_store", "folder"),
    (", secret_key_env: ACME_SECRET", "", "ACME_KEY", "sources.0.object_store", "together"),
    ("files: deals_*.csv.gz", "files: deals_*", "deals_*", f"{STREAM}.files", "ndjson"),
    ("files: deals_*.csv.gz", "files: ../deals.csv", "../deals", f"{STREAM}.files", "without .."),
    ("files: deals_*.csv.gz", "files: deals.parquet", "csv: {", f"{STREAM}.csv", "parquet"),
    ("latin-1", "latin-99", "latin-99", f"{STREAM}.csv.encoding", "cp1252"),
    ('delimiter: ";"', "delimiter: semicolon", "semicolon", f"{STREAM}.csv.delimiter", "one"),
    ('thousands: "."', 'thousands: ","', "thousands", f"{STREAM}.csv.thousands", "decimal"),
    ("Europe/Berlin", "Berlin", "Berlin", f"{STREAM}.time_zone", "Europe/Berlin"),
    ('["", "-"]', "[0]", "null_words", f"{STREAM}.null_words.0", "quotes"),
    ("key: [deal_id]", "key: [deal]", "key:", f"{STREAM}.key.0", "did you mean `deal_id`?"),
    ("key: [deal_id]", "key: []", "key:", f"{STREAM}.key", "tell the records apart"),
    ("key: [deal_id]", "key: [amount]", "key:", f"{STREAM}.key.0", "text, integer"),
    ("watermark: closed_at", "watermark: stage", "watermark", f"{STREAM}.watermark", "timestamp"),
    ("watermark: closed_at", "watermark: closed", "watermark", f"{STREAM}.watermark", "closed_at"),
    ("full_export: true", "full_export: maybe", "maybe", f"{STREAM}.full_export", "newest"),
    ("deal_id: text", "Deal ID: text", "Deal ID", f"{STREAM}.columns.Deal ID.[key]", "a-z"),
    ("deal_id: text", "_seq: text\n          deal_id: text", "_seq", f"{STREAM}.columns._seq.[key]",
     "starts with a letter"),
    ("deal_id: text", "deal_id: string", "deal_id: string", f"{STREAM}.columns.deal_id.type",
     "'text'"),
    ("scale: 2", "scale: 21", "amount:", f"{STREAM}.columns.amount.scale", "precision"),
    ("deal_id: text", "deal_id: {scale: 2}", "deal_id: {", f"{STREAM}.columns.deal_id.scale",
     "decimal"),
    ("%d.%m.%Y\"}", "%d.%m.\"}", "opened_on:", f"{STREAM}.columns.opened_on.format.0", "the year"),
    ("%d.%m.%Y\"}", "%d.%m.%Y %H\"}", "opened_on:", f"{STREAM}.columns.opened_on.format.0",
     "makes it a timestamp"),
    ("%d.%m.%Y %H:%M", "%d.%m.%Y %I:%M", "closed_at:", f"{STREAM}.columns.closed_at.format.0",
     "%p"),
    ("%d.%m.%Y %H:%M", "%Q", "closed_at:", f"{STREAM}.columns.closed_at.format.0", "%Q"),
    ("entity: deals", "entity: deal", "entity: deal\n", f"{STREAM}.fills.0.entity",
     "did you mean `deals`?"),
    ("currency:", "curency:", "curency", f"{STREAM}.fills.0.values.curency",
     "did you mean `currency`?"),
    ("amount: amount", "amount: amuont", "amuont", f"{STREAM}.fills.0.values.amount",
     "did you mean `amount`?"),
    ("amount: amount", "amount: stage", "amount: stage", f"{STREAM}.fills.0.values.amount",
     "stage is text"),
    ("scale: 2}", "scale: 7}", "amount: amount", f"{STREAM}.fills.0.values.amount",
     "at most 6 digits after the point"),
    ("amount: amount", 'amount: {constant: "0.0000001"}', "0.0000001",
     f"{STREAM}.fills.0.values.amount", "6 after it"),
    ("amount: amount", 'amount: {constant: "1000000000000"}', "1000000000000",
     f"{STREAM}.fills.0.values.amount", "12 digits before the point"),
    ("created_at: opened_on", "expected_close_on: closed_at", "expected_close_on",
     f"{STREAM}.fills.0.values.expected_close_on", "type date"),
    ("record_id: deal_id", "owner: deal_id", "values:", f"{STREAM}.fills.0.values",
     "needs record_id"),
    ("{constant: EUR}", "{constant: 978}", "978", f"{STREAM}.fills.0.values.currency", "quotes"),
    ("{constant: EUR}", "{const: EUR}", "const:", f"{STREAM}.fills.0.values.currency.const",
     "did you mean `constant`?"),
    ("{constant: EUR}", "{constant: EUR, column: stage}", "constant: EUR",
     f"{STREAM}.fills.0.values.currency", "first_of"),
    ("{constant: deal}", "{constant: company}", "constant: company",
     f"{STREAM}.fills.1.values.subject_kind", "person, deal"),
    ("{constant: opportunity}", "{first_of: [stage, deal_id]}", "first_of: [stage",
     f"{STREAM}.fills.1.values.stage", "one column"),
    ("[lead_source, deal_id]", "[amount, deal_id]", "join", f"{STREAM}.fills.0.values.name",
     "amount is decimal"),
    ("{closed_at: present", "{closed: present", "closed: present",
     f"{STREAM}.fills.0.where.closed", "closed_at"),
    ("{closed_at: present", "{amount: large", "amount: large", f"{STREAM}.fills.0.where.amount",
     "present or absent"),
]  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_its_line_its_field_and_what_was_expected(
    tmp_path: Path, case: tuple[str, str, str, str, str]
) -> None:
    old, new, near, field, says = case
    assert old in ACME
    text = ACME.replace(old, new, 1)
    told = [fault for fault in _faults(tmp_path, text) if fault[1] == field]
    line = text[: text.index(near)].count("\n") + 1
    assert [(fault[0], fault[1]) for fault in told] == [(line, field)]
    assert says in told[0][2]


def test_streams_and_sources_of_one_name_are_a_fault(tmp_path: Path) -> None:
    stream = ACME[ACME.index("      - name: deals") :]
    [fault] = _faults(tmp_path, ACME + stream)
    assert fault[1] == "sources.0.streams.1.name"
    source = ACME[ACME.index("  - name: crm") :]
    [fault] = _faults(tmp_path, ACME + source)
    assert fault[1] == "sources.1.name"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ACME_SECRET}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}"),
        ("ACME_KEY,", "AKIAIOSFODNN7EXAMPLE,"),
        ("s3://acme/exports", "s3://AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI@acme/exports"),
    ],
)
def test_a_secret_in_the_file_is_a_fault_that_does_not_repeat_it(
    tmp_path: Path, old: str, new: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, ACME.replace(old, new, 1))
    assert "wJalrXUtnFEMI" not in str(caught.value)
    assert "AKIA" not in str(caught.value)
    assert "variable" in str(caught.value)


def test_a_stream_without_options_has_plain_defaults(tmp_path: Path) -> None:
    [stream] = _load(
        tmp_path,
        "company: a\nsources:\n  - name: s\n    kind: files\n    streams:\n"
        "      - {name: t, files: t.csv, key: id, columns: {id: text}}\n",
    ).sources[0].streams  # fmt: skip
    assert (stream.null_words, stream.time_zone, stream.full_export) == (("",), "UTC", None)


@pytest.mark.parametrize("company", ["olist", "maven_crm"])
def test_the_examples_fit_their_agreements(company: str) -> None:
    folder = REPOSITORY / "examples" / company
    sources = load_sources(folder / "sources.yml")
    agreement = load_agreement(folder / "agreement.yml")
    assert {vocabulary for _, vocabulary in agreement.vocabularies()} <= sources.vocabularies()
