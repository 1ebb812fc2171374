"""A night at the cost of what it brings: the same tables as a whole build, from what changed."""
