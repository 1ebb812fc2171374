"""Dashboards of business-intelligence tools on the published tables, and nothing else."""
