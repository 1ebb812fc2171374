"""Write the report beside the tables of a version, or a page that says why there is none."""

from html import escape
from pathlib import Path
from typing import Final

from orchestration.agreement import Agreement
from orchestration.report.page import html, page_of
from orchestration.report.tables import open_tables

_FAILED: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>No report of {company}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<body style="font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1.5rem">
<h1>No report of {company}</h1>
<p>The tables were published and are good; this page could not be made of them:</p>
<p><code>{problem}</code></p>
"""


def render(file: Path, company: str, agreement: Agreement) -> str:
    """The report of the tables in a version's DuckDB file, as HTML."""
    with open_tables(file) as tables:
        return html(page_of(tables, company, agreement))


def write_report(file: Path, page: Path, company: str, agreement: Agreement) -> str | None:
    """Write the page of a version's DuckDB file; what went wrong where it could not be made.

    Then the page itself says so: a fault in it must not keep good tables from their readers.
    """
    try:
        text, problem = render(file, company, agreement), None
    except Exception as error:  # noqa: BLE001 - whatever it is, the tables are good
        problem = f"{type(error).__name__}: {error}"
        text = _FAILED.format(company=escape(company), problem=escape(problem))
    page.write_text(text, encoding="utf-8")
    return problem
