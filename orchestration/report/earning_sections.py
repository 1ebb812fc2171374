"""The section on channels: what each earned, by any model, and the paths that led to a result."""

from collections.abc import Sequence

from orchestration.report import words
from orchestration.report.blocks import Block, Key, Section, Terms
from orchestration.report.charts import Drawing
from orchestration.report.earning import NOBODY, Earned, Earning, Path
from orchestration.report.earning_chart import range_chart

_SHOWN = 10
_NO_CHANNEL = "no touch"


def earning_section(earning: Earning, terms: Terms) -> Section:
    """Which channels earn?"""
    return Section(
        "channels",
        "Which channels earn?",
        "A model shares each result out among the touches before it. No model knows what brought "
        "it about, so the range over all of them is what there is to know.",
        [_channels(earning, terms), _paths(earning, terms)],
    )


def _channels(earning: Earning, terms: Terms) -> Block:
    named = [one for one in earning.channels if one.channel != NOBODY]
    drawing = _drawing(named, earning)
    rest = (
        "" if len(named) <= _SHOWN else f" The first {_SHOWN} of {len(named)} channels are drawn."
    )
    return Block(
        "chart",
        f"The share that each channel earned of {_result(earning, terms)}",
        absent="No data: no channel has earned a result yet.",
        note="The bar goes from the model that gives the channel least to the one that gives it "
        f"most; where it is long, what you think of the channel is the model’s doing.{rest}",
        keys=(
            Key("", "as the agreement weighs first, last and in between"),
            Key("band", "over all models"),
        )
        if drawing
        else (),
        drawing=drawing,
        evidence=_evidence(earning),
        head=(
            "Channel", "Earned", "Share", "Least", "by the model", "Most", "by the model",
            "Amount", "Spent",
        ),
        rows=[_row(one, earning, terms) for one in earning.channels],
        definition=terms.definition("attribution_channel_range"),
        table="attribution_channel_range",
    )  # fmt: skip


def _paths(earning: Earning, terms: Terms) -> Block:
    return Block(
        "table",
        f"The paths that led to most {_result(earning, terms)}",
        absent="No data: no path of touches led to a result yet.",
        note="Touches of one channel that follow each other are one step.",
        head=("Path", "Took it", "Came through", "Share", "Amount"),
        rows=[_path(one, terms) for one in earning.paths],
        definition=terms.definition("attribution_path"),
        table="attribution_path",
    )


def _drawing(named: Sequence[Earned], earning: Earning) -> Drawing | None:
    told = sorted(named, key=lambda one: (-one.credit, one.channel))[:_SHOWN]
    told = [one for one in told if one.least_share is not None and one.most_share is not None]
    if not told:
        return None
    first = told[0]
    alt = (
        f"Share of each of {len(told)} channels with its range over the models. {first.channel} "
        f"earned most, {words.share(_share(first, earning))}; the models give it "
        f"{words.share(first.least_share)} to {words.share(first.most_share)}."
    )
    return range_chart([(one, _share(one, earning)) for one in told], alt)


def _row(one: Earned, earning: Earning, terms: Terms) -> tuple[str, ...]:
    is_named = one.channel != NOBODY
    return (
        one.channel if is_named else _NO_CHANNEL,
        words.number(one.credit),
        words.share(_share(one, earning)) if is_named else "not shared out",
        words.share(one.least_share) if is_named else "",
        words.spoken(one.least_model or ""),
        words.share(one.most_share) if is_named else "",
        words.spoken(one.most_model or ""),
        words.money(one.amount, terms.currency),
        words.money(one.cost, terms.currency) if one.cost is not None else "none recorded",
    )


def _path(one: Path, terms: Terms) -> tuple[str, ...]:
    return (
        one.path,
        words.count(one.paths),
        words.count(one.conversions),
        words.share(one.conversions / one.paths),
        words.money(one.amount, terms.currency),
    )


def _share(one: Earned, earning: Earning) -> float:
    return one.credit / earning.credit


def _result(earning: Earning, terms: Terms) -> str:
    if earning.conversion is None:
        return "results"
    return f"“{terms.stage(earning.conversion)}”"


def _evidence(earning: Earning) -> str | None:
    if earning.conversion is None:
        return None
    nobody = f"; {words.count(round(earning.without_touch))} more had no touch before them"
    return f"n = {words.count(round(earning.credit))} results that touches led to{nobody}"
