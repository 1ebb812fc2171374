"""The statistics of a company: each reads tables that dbt made, and makes one that dbt reads."""
