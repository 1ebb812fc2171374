"""The build on a distributed engine: Spark, or what speaks its language over Spark Connect."""


class NoEngine(Exception):
    """There is nothing to build with; says what to do."""
