"""The weekly page for both teams, made of the published tables alone."""
