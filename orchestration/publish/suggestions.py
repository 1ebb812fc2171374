"""Who may be one person: what Python guesses between two runs of dbt, where it is asked to."""

from collections.abc import Callable, Collection

from orchestration.company import Company
from orchestration.statistics.suggest import check_installed, suggest
from orchestration.warehouse.bind import SUGGESTIONS
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.sql import identifier


def waiting(company: Company, project: DbtProject, nodes: Collection[str]) -> list[str]:
    """Of these models and tests, those that can be built only once the suggestions are made.

    None where the agreement asks for no suggestions: binding left their table empty. Raises
    SplinkMissing where it does, and what they need is not installed.
    """
    if company.agreement.identity.suggest is None:
        return []
    source = f"source.tandem.{SUGGESTIONS[0]}.{SUGGESTIONS[1]}"
    models = {i for i, model in project.models.items() if source in model["depends_on"]["nodes"]}
    found = [
        unique_id
        for unique_id in nodes
        if unique_id in models
        or models.intersection((project.node(unique_id) or {})["depends_on"]["nodes"])
    ]
    if found:
        check_installed()
    return found


def make_suggestions(company: Company, tell: Callable[[str], None]) -> None:
    """Guess anew who may be one person, from the prospects that the warehouse now holds."""
    asked = company.agreement.identity.suggest
    if asked is None:
        return
    with open_warehouse(company.warehouse) as connection:
        prospects = connection.sql("from intermediate.int_prospect_traits").to_arrow_table()
    suggestions = suggest(prospects, asked.at_least)
    with open_warehouse(company.warehouse) as connection:
        connection.register("suggestions", suggestions.pairs)
        connection.execute(
            f"create or replace table {identifier(*SUGGESTIONS)} as from suggestions"
        )
    n_pairs = suggestions.pairs.num_rows
    why = f", since {suggestions.why_none}" if suggestions.why_none else ""
    tell(f"suggestions: {n_pairs:,} pairs of prospects that may be one person{why}")
