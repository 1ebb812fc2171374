"""Statistics that SQL can't do: pure functions on small inputs, without Dagster or a database."""
