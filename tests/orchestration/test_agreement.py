"""The agreement: what it understands, and what it says of a fault."""

import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from connectors.typed_yaml import ConfigurationError
from orchestration.agreement import Agreement, BusinessDuration, agreement_of_text, load_agreement

SIGNED = """\
version: 2026-Q4
signed_by: {marketing: Ada, sales: Grace}
time_zone: America/New_York
fiscal_year_starts: february
reporting_currency: USD
business_hours: {days: mon-fri, from: "09:00", to: "18:00", holidays: US}
stages:
  - {key: lead, owner: marketing}
  - key: mql
    label: Marketing qualified
    means: {crm.leads.status: [MQL]}
  - key: demo_held
    owner: sales
  - key: opportunity
    means:
      crm.deals.stage: [Discovery, Proposal]
  - {key: won, means: {crm.deals.stage: [Closed Won]}}
exits:
  - {key: lost, means: {crm.deals.stage: [Closed Lost]}}
handoff:
  answer_within: 4 business hours
  attempts: {at_least: 3, within: 5 business days}
  decide_within: 10 business days
commitments:
  - {team: marketing, segment: large, metric: mql, per_month: 120, from: 2026-10-01}
  - {team: sales, metric: sla_attainment, at_least: 90 %, from: 2026-10-01}
targets:
  - {won_amount: 1500000, from: 2026-10-01, to: 2026-12-31}
teams:
  marketing: {crm.users.role: [Demand Gen]}
  sales: {crm.users.role: [SDR, AE]}
segments: {by: account.employees, cuts: {small: [0, 200], large: [200, null]}}
channels: {paid_search: [AdWords, google ads]}
channel_rules:
  - {channel: Partner, medium: [CPC], source: [Acme]}
  - {channel: Adwords, original_source: [PAID_SEARCH]}
campaigns:
  Spring fair: [C442, spring-26]
  Autumn fair: [C443]
lead_sources: {marketing: [Paid_search, Fair], sales: [Cold call, google ads]}
score: {weights: {acceptance_rate: 2}}
"""


def _load(folder: Path, text: str) -> Agreement:
    path = folder / "agreement.yml"
    path.write_text(text, encoding="utf-8")
    return load_agreement(path)


def _faults(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        _load(folder, text)
    return [(fault.line, fault.field, fault.message) for fault in caught.value.faults]


def _line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_an_agreement_is_read_as_it_is_written(tmp_path: Path) -> None:
    agreement = _load(tmp_path, SIGNED)
    assert agreement.version == "2026-Q4"
    assert agreement.fiscal_year_starts_month == 2
    assert [stage.key for stage in agreement.stages] == [
        "lead", "mql", "demo_held", "opportunity", "won",
    ]  # fmt: skip
    assert [stage.owner for stage in agreement.stages] == [
        "marketing", "marketing", "sales", "sales", "sales",
    ]  # fmt: skip
    assert [way_out.key for way_out in agreement.all_exits] == ["lost", "disqualified", "recycled"]
    assert agreement.answer_within_minutes == 240
    assert agreement.handoff.attempts.within == 5
    assert agreement.handoff.decide_within == 10
    assert agreement.commitments[0].from_day == date(2026, 10, 1)
    assert agreement.commitments[1].at_least == 0.9
    assert agreement.business_hours.opens == 540
    assert agreement.business_hours.closes == 1080


def test_a_coverage_may_be_promised_above_one(tmp_path: Path) -> None:
    text = SIGNED.replace("sla_attainment, at_least: 90 %", "now_vs_road_ahead, at_least: 3")
    assert _load(tmp_path, text).commitments[1].at_least == 3


def test_three_lines_are_an_agreement_the_rest_has_defaults(tmp_path: Path) -> None:
    agreement = _load(
        tmp_path, "version: first\ntime_zone: Europe/Berlin\nreporting_currency: EUR\n"
    )
    assert [stage.key for stage in agreement.stages] == [
        "aware", "lead", "mql", "sal", "sql", "opportunity", "won",
    ]  # fmt: skip
    assert agreement.excluded_share_limit == 0.01
    assert agreement.too_few == 20
    assert agreement.attribution.half_life_days == 30
    assert agreement.segments is None


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("30 business minutes", 30),
        ("1 business hour", 60),
        ("4 business hours", 240),
        ("2 business days", 2 * 9 * 60),
    ],
)
def test_the_time_to_answer_is_business_time_as_people_say_it(
    tmp_path: Path, said: str, minutes: int
) -> None:
    agreement = _load(tmp_path, SIGNED.replace("4 business hours", said))
    assert agreement.answer_within_minutes == minutes


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("mon-fri", ("mon", "tue", "wed", "thu", "fri")),
        ("sun-thu", ("sun", "mon", "tue", "wed", "thu")),
        ("[mon, wed]", ("mon", "wed")),
        ("sat", ("sat",)),
    ],
)
def test_business_days_may_be_a_span_or_a_list(
    tmp_path: Path, said: str, days: tuple[str, ...]
) -> None:
    agreement = _load(tmp_path, SIGNED.replace("days: mon-fri", f"days: {said}"))
    assert agreement.business_hours.days == days


# What is wrong: what is written in place of what, the part that stands on the faulty line, the
# field, and what the message must say.
FAULTS = [
    ("time_zone: America/New_York", "time_zone: New York", "New York", "time_zone", "time zone"),
    ("reporting_currency: USD", "reporting_currency: dollars", "dollars", "reporting_currency",
     "EUR"),
    ("version: 2026-Q4", "version: 2026.1", "2026.1", "version", "quotes"),
    ("starts: february", "starts: 2", "starts: 2", "fiscal_year_starts", "month"),
    ("holidays: US", "holidays: Texas", "Texas", "business_hours.holidays", "US-CA"),
    ("holidays: US", "holidays: US-QQ", "US-QQ", "business_hours.holidays", "NY"),
    ('to: "18:00"', 'to: "08:00"', "08:00", "business_hours.to", "after"),
    ('to: "18:00"', "to: 6pm", "6pm", "business_hours.to", '"09:00"'),
    ("days: mon-fri", "days: weekdays", "weekdays", "business_hours.days", "mon-fri"),
    ("4 business hours", "4 hours", "4 hours", "handoff.answer_within", "4 business hours"),
    ("10 business days", "10 days", "10 days", "handoff.decide_within", "10 business days"),
    ("5 business days", "5 business hours", "5 business hours", "handoff.attempts.within",
     "business days"),
    ("key: demo_held", "key: mql", "key: mql\n    owner: sales", "stages.2.key", "no other stage"),
    ("key: demo_held", "key: aware", "key: aware", "stages.2.key", "aware → lead → mql"),
    ("key: demo_held", "key: lost", "key: lost", "stages.2.key", "exits"),
    ("key: demo_held", "key: Demo held", "Demo held", "stages.2.key", "lower case"),
    ("demo_held\n    owner: sales", "demo_held", "demo_held", "stages.2.owner", "who answers"),
    ("  - {key: won, means: {crm.deals.stage: [Closed Won]}}\n", "", "key: opportunity",
     "stages.3", "`won` as the last"),
    ("[Closed Won]", "[Proposal]", "key: won", "stages.4.means.crm.deals.stage.0",
     "already means opportunity"),
    ("[Closed Lost]", "[Closed Won]", "key: lost", "exits.0.means.crm.deals.stage.0",
     "already means won"),
    ("[Discovery, Proposal]", "[Discovery, 12]", "[Discovery", "stages.3.means.crm.deals.stage.1",
     "quotes"),
    ("[Discovery, Proposal]", "[Discovery, true]", "[Discovery", "stages.3.means.crm.deals.stage.1",
     "quotes"),
    ("crm.leads.status", "status", "status", "stages.1.means.status.[key]",
     "<source>.<stream>.<column>"),
    ("key: lost", "key: dead", "dead", "exits.0.key", "disqualified"),
    ("[SDR, AE]", "[SDR, Demand Gen]", "[SDR", "teams.sales.crm.users.role.1",
     "already means marketing"),
    ("[200, null]", "[201, null]", "[201", "segments.cuts.large.0", "200"),
    ("[0, 200]", "[200, 200]", "[200, 200]", "segments.cuts.small.1", "above 200"),
    ("[0, 200]", "[0, null]", "[0, null]", "segments.cuts.large.0", "without an end"),
    ("account.employees", "account.industry", "account.industry", "segments.cuts", "own words"),
    ("account.employees", "account.size", "account.size", "segments.by", "account.industry"),
    ("segment: large", "segment: huge", "huge", "commitments.0.segment", "small, large"),
    ("metric: mql", "metric: leads", "metric: leads", "commitments.0.metric", "mql"),
    ("sla_attainment", "mql", "at_least: 90", "commitments.1.metric", "sla_attainment"),
    ("metric: mql", "metric: amount", "metric: amount", "commitments.0.metric", "pipeline_amount"),
    ("per_month: 120, ", "", "segment: large", "commitments.0", "per_month"),
    ("sla_attainment, at_least", "recycle_rate, at_least", "recycle_rate",
     "commitments.1.at_least", "`at_most`, since less"),
    ("at_least: 90", "at_most: 90", "at_most", "commitments.1.at_most", "`at_least`, since more"),
    ("at_least: 90 %", "at_least: 90 %, at_most: 1", "at_most", "commitments.1", "one of"),
    ("weights: {acceptance_rate: 2}", "scales: {recycle_rate: {floor: 10 %, target: 50 %}}",
     "scales", "score.scales.recycle_rate", "below the floor"),
    ("weights: {acceptance_rate: 2}", "scales: {acceptance_rate: {floor: 50 %, target: 10 %}}",
     "scales", "score.scales.acceptance_rate", "above the floor"),
    ("90 %", "90", "at_least: 90", "commitments.1.at_least", "1"),
    ("at_least: 90 %", "at_least: most", "most", "commitments.1.at_least", "number"),
    ("to: 2026-12-31", "to: 2026-09-30", "2026-09-30", "targets.0.to", "not before"),
    ("[AdWords, google ads]", "[AdWords, AdWords]", "AdWords", "channels.paid_search.1",
     "already in paid_search"),
    ("{channel: Partner, medium: [CPC], source: [Acme]}", "{channel: Partner}", "Partner",
     "channel_rules.0", "signs of one kind"),
    ("source: [Acme]", "click_id: [gclid]", "gclid", "channel_rules.0", "signs of one kind"),
    ("[C443]", "[Spring_26]", "[Spring_26]", "campaigns.Autumn fair.0", "already Spring fair"),
    ("[C443]", "[spring fair]", "[spring fair]", "campaigns.Autumn fair.0", "already Spring fair"),
    ("[Cold call, google ads]", "[Cold call, fair]", "[Cold call, fair]", "lead_sources.sales.1",
     "already marketing's"),
    ("[Paid_search, Fair]", "[Fair, fair]", "[Fair, fair]", "lead_sources.marketing.1", "once"),
    ("{acceptance_rate: 2}", "{luck: 2}", "luck", "score.weights.luck.[key]", "acceptance_rate"),
    ("{acceptance_rate: 2}", "{acceptance_rate: 0}", "acceptance_rate: 0", "score.weights",
     "above zero"),
    ("version: 2026-Q4\n", "", "signed_by", "version", "missing"),
    ("signed_by:", "signed:", "signed:", "signed", "not a field"),
]  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_its_line_its_field_and_what_was_expected(
    tmp_path: Path, case: tuple[str, str, str, str, str]
) -> None:
    old, new, near, field, says = case
    assert old in SIGNED
    text = SIGNED.replace(old, new, 1)
    faults = _faults(tmp_path, text)
    assert [(line, path) for line, path, _ in faults] == [(_line(text, near), field)]
    assert says in faults[0][2]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = SIGNED.replace("[Closed Won]", "[Proposal]").replace("segment: large", "segment: huge")
    assert len(_faults(tmp_path, text)) == 2


def test_the_error_reads_as_file_line_field_and_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, SIGNED.replace("4 business hours", "soon"))
    line = _line(SIGNED, "answer_within")
    assert str(caught.value) == (
        f"{tmp_path / 'agreement.yml'}:{line}: handoff.answer_within: found 'soon', expected: "
        "a span of business time, such as '4 business hours' or '5 business days'"
    )


def test_the_same_word_may_mean_two_things_in_two_vocabularies(tmp_path: Path) -> None:
    agreement = _load(tmp_path, SIGNED.replace("[MQL]", "[Proposal]"))
    assert agreement.stages[1].means == {"crm.leads.status": ("Proposal",)}


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "agreement.md"


def test_the_examples_of_the_guide_are_agreements(tmp_path: Path) -> None:
    smallest, whole = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert _load(tmp_path, smallest).stages[-1].key == "won"
    agreement = _load(tmp_path, whole)
    assert agreement.score.scales["acceptance_rate"].floor == 0.4
    left_out = Agreement.model_fields.keys() - agreement.model_fields_set
    assert not left_out, "the guide shows every part of an agreement"


def test_the_guide_explains_every_field() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    parts = [Agreement, *_models_below(Agreement)]
    names = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    assert not {name for name in names if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text)}


def _models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        kind = waiting.pop()
        waiting.extend(get_args(kind))
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
            found.add(kind)
            waiting.extend(field.annotation for field in kind.model_fields.values())
    return found - {BusinessDuration}


def test_what_is_kept_as_text_is_the_same_agreement_again(tmp_path: Path) -> None:
    for text in (
        SIGNED,
        SIGNED.replace("4 business hours", "2 business days"),
        (Path(__file__).parents[2] / "agreement.yml").read_text(encoding="utf-8"),
    ):
        agreement = _load(tmp_path, text)
        assert agreement_of_text(agreement.as_text()) == agreement
