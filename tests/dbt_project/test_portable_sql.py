"""What other engines refuse stands in no model; what differs between engines is dispatched."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"

REFUSED = {
    "qualify": r"\bqualify\b",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "exclude (...)": r"\*\s*exclude\b",
    "replace (...) after a star": r"\*\s*replace\b",
    "//": r"//",
    "recursive CTE": r"\brecursive\b",
    "::cast": r"::",
    "distinct on": r"\bdistinct\s+on\b",
    "asof join": r"\basof\b",
    "list and struct literals": r"[\[{](?!\{|%|#)[^\]}]*[\]}](?!\})",
    "from without select": r"^\s*from\s+\S+\s*;?\s*\Z",
    "lambda": r"->",
    "ilike": r"\bilike\b",
    "insert": r"\binsert\s+into\b",
}


def _sql(path: Path) -> str:
    """The model's SQL without what is Jinja's, quoted, or a comment."""
    text = path.read_text()
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", text, flags=re.S)
    text = re.sub(r"\{\{.*?\}\}", " _jinja_ ", text, flags=re.S)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'(?:[^']|'')*'", "''", text).lower()


def _paths() -> list[Path]:
    return sorted(MODELS.rglob("*.sql"))


def test_there_are_models_to_look_at() -> None:
    assert _paths()


@pytest.mark.parametrize("what", REFUSED)
def test_no_model_uses(what: str) -> None:
    faults = [path.name for path in _paths() if re.search(REFUSED[what], _sql(path))]
    assert faults == []


def _order_terms(sql: str) -> Iterator[str]:
    for match in re.finditer(r"\border\s+by\b", sql):
        if re.search(r"within\s+group\s*\(\s*\Z", sql[: match.start()]):
            continue
        depth, term = 0, ""
        for character in sql[match.end() :]:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth < 0:
                break
            if character == "," and depth == 0:
                yield term
                term = ""
            else:
                term += character
        yield re.split(r"\b(?:rows|range|limit)\b", term)[0]


def test_every_order_says_where_nulls_go() -> None:
    faults = [
        f"{path.name}: order by {' '.join(term.split())}"
        for path in _paths()
        for term in _order_terms(_sql(path))
        if not re.search(r"\bnulls\s+(first|last)\s*\Z", term.strip())
    ]
    assert faults == []
