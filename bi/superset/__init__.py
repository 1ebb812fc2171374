"""Apache Superset with a ready dashboard on a company's published tables: `make superset`."""
