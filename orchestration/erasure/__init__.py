"""Forget a person: find, remove, and prove that nothing is left."""
