"""What the agreement says of samples that were drawn to be judged."""

from connectors.faults import Part
from orchestration.agreement.ladder import Word


class DefinitionSample(Part):
    """Campaigns whose members were drawn at random from what marketing did not qualify.

    Sales judges them without knowing that marketing did not: only so can anybody tell how far both
    teams agree beyond chance.
    """

    campaigns: tuple[Word, ...] = ()
