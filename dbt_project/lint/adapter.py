"""Stands in for dbt's `adapter` where the SQL linter renders models without a dbt of its own."""

from collections.abc import Callable


def dispatch(macro_name: str, _macro_namespace: str) -> Callable[..., str]:
    """A macro that renders as a call of its own name."""
    return lambda *arguments: f"{macro_name}({', '.join(arguments)})"
