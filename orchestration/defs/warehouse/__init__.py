"""The warehouse's part: what a night is bound to, and the dbt models and tests on it."""
