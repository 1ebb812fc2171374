"""The published tables in PostgreSQL: a copy of the version that readers of the files see."""
