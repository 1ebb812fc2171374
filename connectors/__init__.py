"""Pull records from source systems into the raw lake. Knows nothing of Dagster or dbt."""
