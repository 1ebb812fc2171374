"""The publishing part: what readers get, the build as a whole, and what starts it."""
