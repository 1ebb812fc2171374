"""Which prospects that no rule of identity ties may be one person: a guess, with its probability.

Fellegi and Sunter (1969), as Splink reckons it: how much more often a trait agrees among pairs of
one person than among pairs of strangers, learnt from the prospects themselves.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

TRAITS: Final = pa.schema(
    [
        (name, pa.string())
        for name in ("prospect_id", "name", "company", "country", "mailbox", "domain", "phone")
    ]
)
"""What is known of a prospect; all but its id may be null. `mailbox` is what stands before the @,
`domain` what stands after it where it is a company's."""

PAIRS: Final = pa.schema(
    [
        ("prospect_id", pa.string()),
        ("other_prospect_id", pa.string()),
        ("probability", pa.float64()),
        ("agreeing", pa.string()),
    ]
)
"""A pair once, the lesser id first. `agreeing` names the traits that agree, after commas."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("similar", "same"),
    "company": ("similar", "same"),
    "country": ("same",),
    "phone": ("same",),
}
"""How far each trait agrees, in words, from the least level to the fullest."""

SEED: Final = 20260101
"""Of the sample of pairs that tells how often strangers agree."""

_FEWEST: Final = 20
"""Prospects; of fewer, how often strangers agree is not to be told."""
_CROWD: Final = 500
"""Prospects; a name, mailbox or number that more share is `unknown`, `info` or a switchboard."""
_SAMPLED_PAIRS: Final = 2_000_000
_DETERMINISTIC_RECALL: Final = 0.6
"""Of the pairs that are one person, the share thought to agree in both name and company."""
_SAME_NAME: Final = 0.9
_LIKE_NAME: Final = 0.07
"""How often two prospects of one person have the same name, nearly the same, or another. The rest
is learnt among those of the same name, which says nothing of how often names are the same."""
_SELDOM: Final = 0.02
"""The least share of pairs of one person that is granted to each way of agreeing and differing."""
_DECIMALS: Final = 6


class SplinkMissing(Exception):
    """The library that reckons the suggestions is not installed; says how it is."""


@dataclass(frozen=True)
class Suggestions:
    """Pairs of prospects that may be one person (PAIRS), or why there can be none."""

    pairs: pa.Table
    why_none: str | None = None


def check_installed() -> None:
    """Raise SplinkMissing where the library is not installed, without loading it."""
    if find_spec("splink") is None:
        raise SplinkMissing(
            "identity.suggest is on in the agreement, and Splink is not installed, which it needs. "
            "Install it with `make suggestions`, or take `suggest` out of the agreement."
        )


def suggest(prospects: pa.Table, at_least: float) -> Suggestions:
    """Pairs of different prospects that are one person with a probability of at least `at_least`.

    `prospects` has the columns of TRAITS, a row a prospect. The same prospects in any order give
    the same pairs. Where they are too few, or none agree enough to learn from, there are no pairs.
    Raises SplinkMissing where the library is not installed.
    """
    traits = _without_crowds(prospects.select(TRAITS.names).cast(TRAITS).sort_by("prospect_id"))
    why_none = _cannot_be_learnt(traits)
    if why_none:
        return Suggestions(PAIRS.empty_table(), why_none)
    check_installed()
    with _quiet():
        import splink  # noqa: PLC0415
        from splink.internals.exceptions import SplinkException  # noqa: PLC0415

        try:
            return Suggestions(_pairs(_learnt(splink, traits), at_least))
        except (SplinkException, ValueError) as error:
            return Suggestions(PAIRS.empty_table(), f"there is nothing to learn from: {error}")


def _without_crowds(traits: pa.Table) -> pa.Table:
    """The traits, without values such as `info` and `unknown`, which tell nobody apart."""
    for name in ("name", "mailbox", "phone"):
        counts = traits.group_by(name).aggregate([([], "count_all")])
        crowded = counts.filter(pc.greater(counts["count_all"], _CROWD))[name]
        known = pc.if_else(pc.is_in(traits[name], crowded), None, traits[name])
        traits = traits.set_column(traits.schema.get_field_index(name), TRAITS.field(name), known)
    return traits


def _cannot_be_learnt(traits: pa.Table) -> str | None:
    if traits.num_rows < _FEWEST:
        return f"{traits.num_rows} prospects are too few to learn from, which takes {_FEWEST}"
    known = traits.filter(pc.and_(traits["name"].is_valid(), traits["company"].is_valid()))
    alike = known.group_by(["name", "company"]).aggregate([([], "count_all")])
    if not pc.any(pc.greater(alike["count_all"], 1)).as_py():
        return "no two prospects have the same name and company, so there is nothing to learn from"
    return None


def _learnt(splink: Any, traits: pa.Table) -> Any:
    """A linker whose weights are learnt from these prospects, and from nothing else."""
    linker = _linker(splink, traits, _settings(splink))
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [splink.block_on("name", "company")], recall=_DETERMINISTIC_RECALL
    )
    training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=SEED)
    training.estimate_parameters_using_expectation_maximisation(splink.block_on("name"))
    return _linker(splink, traits, _never_certain(linker.misc.save_model_to_json()))


def _linker(splink: Any, traits: pa.Table, settings: Any) -> Any:
    api = splink.DuckDBAPI()
    # Sums and samples depend on the order of rows, and that on the threads.
    api._con.execute("set threads = 1")
    return splink.Linker(traits, settings, api, set_up_basic_logging=False)


def _never_certain(model: dict[str, Any]) -> dict[str, Any]:
    """The model, in which no trait of one person always agrees, as few pairs may make believe.

    How far a trait agrees that was never seen speaks neither for nor against one person.
    """
    for comparison in model["comparisons"]:
        known = [
            level for level in comparison["comparison_levels"] if not level.get("is_null_level")
        ]
        weights = [max(level.get("m_probability") or 0, _SELDOM) for level in known]
        for level, weight in zip(known, weights, strict=True):
            was_seen = level.get("m_probability") and level.get("u_probability")
            level["m_probability"] = weight / sum(weights)
            level["u_probability"] = level["u_probability"] if was_seen else level["m_probability"]
    return model


def _settings(splink: Any) -> Any:
    from splink import comparison_level_library as levels  # noqa: PLC0415
    from splink import comparison_library as comparisons  # noqa: PLC0415

    # A mailbox is mostly made of the name, so the two are one piece of evidence, not two.
    named = comparisons.CustomComparison(
        output_column_name="name",
        comparison_description="the same name, or the same mailbox",
        comparison_levels=[
            levels.CustomLevel(
                "(name_l is null or name_r is null) and (mailbox_l is null or mailbox_r is null)"
            ).configure(is_null_level=True),
            levels.ExactMatchLevel("name", term_frequency_adjustments=True).configure(
                m_probability=_SAME_NAME
            ),
            levels.CustomLevel(
                "damerau_levenshtein(name_l, name_r) <= 1 or mailbox_l = mailbox_r"
            ).configure(m_probability=_LIKE_NAME),
            levels.ElseLevel().configure(m_probability=1 - _SAME_NAME - _LIKE_NAME),
        ],
    )
    employer = comparisons.CustomComparison(
        output_column_name="company",
        comparison_description="the same company, by name or by domain",
        comparison_levels=[
            levels.CustomLevel(
                "(company_l is null or company_r is null)"
                " and (domain_l is null or domain_r is null)"
            ).configure(is_null_level=True),
            levels.CustomLevel("company_l = company_r or domain_l = domain_r"),
            levels.JaroWinklerLevel("company", 0.92),
            levels.ElseLevel(),
        ],
    )
    return splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="prospect_id",
        comparisons=[
            named,
            employer,
            comparisons.ExactMatch("country"),
            comparisons.ExactMatch("phone").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            splink.block_on("name"),
            splink.block_on("company", "substr(name, 1, 2)"),
            splink.block_on("domain", "substr(name, 1, 2)"),
            splink.block_on("phone", "substr(name, 1, 1)"),
            splink.block_on("mailbox", "substr(name, 1, 1)"),
        ],
        # These tell how far each trait agrees.
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=True,
    )


def _pairs(linker: Any, at_least: float) -> pa.Table:
    found = linker.inference.predict(threshold_match_probability=at_least)
    pairs = sorted(
        (
            *sorted((row["prospect_id_l"], row["prospect_id_r"])),
            round(row["match_probability"], _DECIMALS),
            _agreeing(row),
        )
        for row in found.as_record_dict()
    )
    columns = list(zip(*pairs, strict=True)) or [()] * len(PAIRS)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PAIRS, strict=True)], PAIRS)


def _agreeing(row: Mapping[str, Any]) -> str:
    levels = ((trait, row[f"gamma_{trait}"], words) for trait, words in _WORDS.items())
    return ", ".join(f"{words[level - 1]} {trait}" for trait, level, words in levels if level > 0)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's own account of how it learns."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
