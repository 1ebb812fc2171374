"""The build on a distributed engine: Spark, or what speaks its language over Spark Connect."""
