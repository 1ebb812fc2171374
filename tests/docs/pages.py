"""Docs pages whose queries are run: below each block of SQL stands a block of text, its answer.

`python -m tests.docs.pages docs/walkthrough.md` writes the answers of the company's last run anew.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestration.company import Company, load_company
from orchestration.warehouse.query import answers

_QUERY: Final = re.compile(r"```sql\n(?P<sql>.*?)```\n\n```text\n(?P<answer>.*?)```\n", re.DOTALL)


@dataclass(frozen=True)
class Documented:
    """A query of a page, and what the page says that it answers."""

    sql: str
    answer: str


def documented(page: str) -> list[Documented]:
    """The queries of a page, in order."""
    return [Documented(found["sql"], found["answer"]) for found in _QUERY.finditer(page)]


def answered(company: Company, sql: str) -> str:
    """What a query answers now, as a page shows it."""
    return "".join(f"{line}\n" for line in answers(company, sql))


def renewed(company: Company, page: str) -> str:
    """The page with the answer of each of its queries as it is now."""

    def renew(found: re.Match[str]) -> str:
        sql = found["sql"]
        return f"```sql\n{sql}```\n\n```text\n{answered(company, sql)}```\n"

    return _QUERY.sub(renew, page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renewed(load_company(), path.read_text(encoding="utf-8")), encoding="utf-8")
