"""The raw lake's part: an asset per stream, the nightly load, the lake's maintenance."""
