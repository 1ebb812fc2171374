"""The chart of what channels earned, drawn as those of charts.py are."""

from collections.abc import Sequence
from typing import Any

from orchestration.report.charts import WIDE, Chart, Drawing, drawn
from orchestration.report.earning import Earned


def range_chart(channels: Sequence[tuple[Earned, float]], alt: str) -> Drawing:
    """The share of each channel as a dot, and as a bar between what the models give it."""
    rows = [
        {"channel": one.channel, "share": share, "low": one.least_share, "high": one.most_share}
        for one, share in channels
    ]
    order = [str(row["channel"]) for row in rows]

    def draw(alt_: Any, width: int) -> Chart:
        base = alt_.Chart(alt_.Data(values=rows))
        limit = 200 if width == WIDE else 110
        # Wider than measured, as the reader's letters may be.
        extent = min(limit, max(len(name) for name in order) * 7.5)
        axis = alt_.Axis(labelLimit=limit, minExtent=extent, ticks=False, domain=False)
        y = alt_.Y("channel:N", sort=order, title=None, axis=axis)
        x = alt_.X(
            "low:Q",
            title="share of the results",
            axis=alt_.Axis(format="%", tickCount=6 if width == WIDE else 4),
            scale=alt_.Scale(domainMin=0),
        )
        bars = base.mark_bar(height=12, opacity=0.4, cornerRadius=6, color="var(--ours)").encode(
            x=x, x2="high:Q", y=y
        )
        dots = base.mark_point(filled=True, size=90, opacity=1, color="var(--ours)").encode(
            x="share:Q", y=y
        )
        return (bars + dots).properties(height=alt_.Step(34))

    return drawn(draw, alt)
