"""How near a finished build of the simulated company is to what really happened."""
