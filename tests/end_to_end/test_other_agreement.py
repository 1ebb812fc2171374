"""A night by another agreement: what it moved stands beside its numbers."""

from pathlib import Path

import pytest

from tests.end_to_end.running import Outcome
from tests.end_to_end.small_company import EXPORTS, SmallCompany, small_company

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallCompany, Outcome]:
    """A company after a night by each of two agreements, and how the second night went.

    A lead came in between, so that the earlier agreement counts what no night of its own did.
    """
    company = small_company(tmp_path_factory.mktemp("acme"))
    first = company.run()
    assert first.exit_code == 0, first.output
    agreement = company.folder / "agreement.yml"
    text = agreement.read_text().replace("version: acme-1", "version: acme-2")
    agreement.write_text(
        f"{text}handoff: {{decide_within: 2 business days}}\ntoo_few: 5\n"
        "commitments:\n  - {team: marketing, metric: mql, per_month: 40, from: 2026-01-01}\n"
    )
    company.export("leads.csv", f"{EXPORTS['leads.csv']}31,31@acme.example,2026-01-31 09:00:00\n")
    return company, company.run()


def test_the_night_says_that_and_how_long_it_reckoned(
    nights: tuple[SmallCompany, Outcome],
) -> None:
    _, second = nights
    assert second.exit_code == 0, second.output
    assert "The agreement is acme-2 and was acme-1" in second.output
    assert "What the agreement moved was reckoned in" in second.output


def test_the_table_has_the_values_by_both_and_the_scorecard_the_later_one(
    nights: tuple[SmallCompany, Outcome],
) -> None:
    company, _ = nights
    whole = "segment = 'all' and slice_kind = 'all'"
    assert company.published.rows(
        "select distinct agreement_before, agreement_after from agreement_change"
    ) == [("acme-1", "acme-2")]
    # Thirty-one leads in January, of forty promised; nobody promised anything before.
    assert company.published.rows(
        "select change, value_before, value_after from agreement_change "
        f"where metric = 'commitment_attainment' and month = date '2026-01-01' and {whole}"
    ) == [("appeared", None, 0.775)]
    differs = company.published.rows(
        "select c.metric from agreement_change as c left join alignment_scorecard as s "
        "on c.metric = s.metric and c.month = s.month and c.segment = s.segment "
        "and c.slice_kind = s.slice_kind and c.slice = s.slice "
        "where c.change != 'vanished' and c.value_after is distinct from s.value"
    )
    assert differs == []


def test_what_nobody_signed_anew_stays_the_same(nights: tuple[SmallCompany, Outcome]) -> None:
    company, _ = nights
    moved = company.published.rows(
        "select metric from agreement_change where change in ('moved', 'vanished') "
        "and value_before is distinct from value_after and metric like 'segment_alignment%'"
    )
    assert moved == []
    [(same,)] = company.published.rows(
        "select count(*) from agreement_change where change = 'same'"
    )
    assert same > 0
    assert not Path(company.folder / "data" / "acme" / "rebuilt" / "agreement_after").exists()
