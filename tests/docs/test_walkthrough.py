"""The walkthrough shows what a reader gets who follows it."""

import pytest

from orchestration.company import Company, load_company
from tests.docs.pages import Documented, answered, documented
from tests.end_to_end.running import REPOSITORY, run_tandem

PAGE = (REPOSITORY / "docs" / "walkthrough.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company that runs when no other is named, after its first night."""
    data = tmp_path_factory.mktemp("walkthrough")
    outcome = run_tandem(REPOSITORY, data)
    assert outcome.exit_code == 0, outcome.output
    return load_company({"TANDEM_COMPANY": str(REPOSITORY), "TANDEM_DATA": str(data)})


def test_every_query_of_the_page_is_followed_by_its_answer() -> None:
    assert len(documented(PAGE)) == PAGE.count("```sql") > 0


@pytest.mark.slow
def test_a_reader_gets_the_answers_that_the_page_shows(company: Company) -> None:
    shown = documented(PAGE)
    assert [Documented(query.sql, answered(company, query.sql)) for query in shown] == shown
