"""A simulated company: what really happened in it, and what its systems recorded of that."""

from connectors.sandbox.parameters import Parameters, parameters_of
from connectors.sandbox.simulate import Simulated, simulate

__all__ = ["Parameters", "Simulated", "parameters_of", "simulate"]
