"""What each channel's removal would take of the conversions, by the Markov chain of the paths."""

from collections import defaultdict
from typing import Final

import pyarrow as pa

from orchestration.statistics.markov import Transition, counted, removal_effects

REMOVALS: Final = pa.schema(
    [
        ("conversion", pa.string()),
        ("channel", pa.string()),
        ("conversion_rate", pa.float64()),
        ("removal_effect", pa.float64()),
    ]
)
"""The columns of the table of removal effects."""


def removal_effect(transitions: pa.Table) -> pa.Table:
    """The removal effect of every channel from `int_path_transition`, by conversion.

    `conversion_rate` is the share of the paths that convert, between 0 and 1, the same in each row
    of a conversion; `removal_effect` the share of those that is lost where each step into the
    channel leads to nothing, null where no path converts.
    """
    of_conversion: dict[str, list[Transition]] = defaultdict(list)
    for row in transitions.to_pylist():
        step = (row["from_state"], row["to_state"], row["transitions"])
        of_conversion[row["conversion"]].append(step)
    rows = []
    for conversion, steps in sorted(of_conversion.items()):
        effects = removal_effects(counted(steps))
        converts = effects.conversion_rate > 0
        rows += [
            {
                "conversion": conversion,
                "channel": channel,
                "conversion_rate": effects.conversion_rate,
                # A share; the last digit of a double may say otherwise.
                "removal_effect": min(effect, 1.0) if converts else None,
            }
            for channel, effect in effects.of_channel.items()
        ]
    return pa.Table.from_pylist(rows, schema=REMOVALS)
