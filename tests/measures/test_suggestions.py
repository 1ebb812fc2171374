"""Suggestions of who may be one person are a statistic, made where the agreement asks for them."""

import sys
from pathlib import Path

import pytest

from orchestration.company import Company
from orchestration.measures.figures import Settings
from orchestration.measures.tables import STATISTICS
from orchestration.publish.build import run_nodes
from orchestration.statistics import suggest
from orchestration.statistics.suggest import TRAITS, SplinkMissing
from orchestration.warehouse.bind import bind
from tests.orchestration.lakes import load, write_company
from tests.orchestration.nights import AGREEMENT, MONDAY, SOURCES
from tests.orchestration.tiny_project import model, tiny_project

SUGGESTIONS = STATISTICS["identity_suggestion"]
NOBODY = {"int_prospect_traits": TRAITS.empty_table()}


@pytest.fixture
def without_splink(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the library is not installed."""
    monkeypatch.setitem(sys.modules, "splink", None)
    monkeypatch.setattr(suggest, "find_spec", lambda _: None)


@pytest.fixture
def asking(tmp_path: Path) -> Company:
    """A company that is bound, and whose agreement asks for suggestions."""
    agreement = AGREEMENT + "identity: {suggest: {at_least: 0.9}}\n"
    company = write_company(tmp_path, SOURCES, agreement)
    load(company, "crm", "leads", [{"lead": "L1"}], MONDAY)
    load(company, "ads", "clicks", [{"click": "C1"}], MONDAY)
    bind(company)
    return company


@pytest.mark.usefixtures("without_splink")
def test_where_nobody_asks_there_are_none_and_the_library_is_not_needed() -> None:
    made = SUGGESTIONS.make(NOBODY, Settings(0.95, 20))
    assert made.table.num_rows == 0
    assert made.why_none == "the agreement asks for none"


def test_where_there_are_too_few_prospects_that_is_said() -> None:
    made = SUGGESTIONS.make(NOBODY, Settings(0.95, 20, suggest_at_least=0.9))
    assert made.table.num_rows == 0
    assert made.why_none == "0 prospects are too few to learn from, which takes 20"


@pytest.mark.usefixtures("without_splink")
def test_where_the_library_is_asked_for_and_missing_nothing_is_built(asking: Company) -> None:
    project = tiny_project(model("prospects", "select 1 as night"))
    with pytest.raises(SplinkMissing, match="make suggestions"):
        run_nodes(asking, project, ["build"], project.models, lock=0, run_id="night", tell=print)
    assert not asking.gate.exists() or "prospects" not in asking.gate.read_text()
