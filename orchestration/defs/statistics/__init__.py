"""What Python reckons between two selections of models, as Dagster shows it."""
