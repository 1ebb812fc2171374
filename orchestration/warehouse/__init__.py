"""The warehouse of a run: its connection, and the bind step that feeds it."""
