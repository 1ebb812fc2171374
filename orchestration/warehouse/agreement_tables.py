"""The agreement as tables of schema `agreement`, which every dbt model may read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.mapping import TANDEM_VOCABULARY
from orchestration.agreement import EXITS, Agreement
from orchestration.agreement.channels import (
    DEFAULT_CHANNEL_RULES,
    as_looked_up,
    campaign_words,
    channel_words,
)
from orchestration.agreement.free_mail import FREE_MAIL_DOMAINS
from orchestration.agreement.hours import BusinessHours
from orchestration.agreement.phone_regions import phone_regions
from orchestration.warehouse.business_calendar import business_calendar

CALENDAR_STARTS: Final = date(2000, 1, 1)
CALENDAR_YEARS_AHEAD: Final = 2
WHOLE_WEIGHT: Final = 1_000_000
"""So many parts make one conversion, where weights are whole numbers."""
CONVERSIONS: Final = ("mql", "opportunity", "won")

_TEXT: Final[pa.DataType] = pa.string()
_INTEGER: Final[pa.DataType] = pa.int32()
_LONG: Final[pa.DataType] = pa.int64()
_NUMBER: Final[pa.DataType] = pa.float64()
_BOOLEAN: Final[pa.DataType] = pa.bool_()
_DAY: Final[pa.DataType] = pa.date32()
_INSTANT: Final[pa.DataType] = pa.timestamp("us")


def agreement_tables(agreement: Agreement, as_of_day: date) -> dict[str, pa.Table]:
    """Every table of schema `agreement` by its name; the calendar ends two years past the day."""
    return {
        "settings": _settings(agreement),
        "stages": _stages(agreement),
        "stage_words": _stage_words(agreement),
        "team_words": _team_words(agreement),
        "channel_words": _table(
            {"word": _TEXT, "channel": _TEXT},
            channel_words(agreement.channels),
        ),
        "channel_rules": _channel_rules(agreement),
        "campaign_words": _table(
            {"word": _TEXT, "campaign": _TEXT}, campaign_words(agreement.campaigns)
        ),
        "lead_source_words": _table(
            {"word": _TEXT, "team": _TEXT},
            agreement.lead_sources.words(agreement.channels).items(),
        ),
        "sample_campaigns": _table(
            {"campaign": _TEXT},
            ((campaign,) for campaign in agreement.definition_sample.campaigns),
        ),
        "segments": _segments(agreement),
        "commitments": _commitments(agreement),
        "nurture_lags": _table(
            {"lag_days": _INTEGER},
            (
                (days,)
                for days in sorted({agreement.nurture.lag_days, *agreement.nurture.other_lags})
            ),
        ),
        "score_weights": _score_weights(agreement),
        "position_weights": _position_weights(agreement),
        "direct_channels": _table(
            {"channel": _TEXT},
            ((channel,) for channel in sorted(set(agreement.attribution.direct_channels))),
        ),
        "targets": _table(
            {"segment": _TEXT, "won_amount": _NUMBER, "from_day": _DAY, "to_day": _DAY},
            ((t.segment, t.won_amount, t.from_day, t.to_day) for t in agreement.targets),
        ),
        "free_mail_domains": _table(
            {"domain": _TEXT},
            (
                (domain,)
                for domain in sorted({*FREE_MAIL_DOMAINS, *agreement.identity.free_mail_domains})
            ),
        ),
        "phone_regions": _phone_regions(),
        "business_days": _business_days(
            agreement.business_hours, agreement.zone, as_of_day.year + CALENDAR_YEARS_AHEAD
        ),
    }


def _table(columns: Mapping[str, pa.DataType], rows: Iterable[Sequence[Any]]) -> pa.Table:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pa.table(
        {
            name: pa.array(column, type=kind)
            for (name, kind), column in zip(columns.items(), values, strict=True)
        }
    )


def _settings(agreement: Agreement) -> pa.Table:
    handoff, identity = agreement.handoff, agreement.identity
    values: dict[str, tuple[pa.DataType, Any]] = {
        "version": (_TEXT, agreement.version),
        "time_zone": (_TEXT, agreement.time_zone),
        "reporting_currency": (_TEXT, agreement.reporting_currency),
        "fiscal_year_starts_month": (_INTEGER, agreement.fiscal_year_starts_month),
        "segment_by": (_TEXT, agreement.segments.by if agreement.segments else None),
        "answer_within_minutes": (_LONG, agreement.answer_within_minutes),
        "attempts_at_least": (_INTEGER, handoff.attempts.at_least),
        "attempts_within_days": (_INTEGER, handoff.attempts.within),
        "decide_within_days": (_INTEGER, handoff.decide_within),
        "nurture_window_days": (_INTEGER, agreement.nurture.window_days),
        "nurture_lag_days": (_INTEGER, agreement.nurture.lag_days),
        "nurture_trailing_days": (_INTEGER, agreement.nurture.trailing_days),
        "touch_same_within_minutes": (_INTEGER, agreement.touches.same_within_minutes),
        "attribution_window_days": (_INTEGER, agreement.attribution.window_days),
        "attribution_both_teams": (_BOOLEAN, agreement.attribution.both_teams),
        "half_life_days": (_NUMBER, agreement.attribution.half_life_days),
        "max_group_size": (_INTEGER, identity.max_group_size),
        "use_phone": (_BOOLEAN, identity.phone),
        "phone_country": (_TEXT, identity.phone_country),
        "suggest_at_least": (_NUMBER, identity.suggest.at_least if identity.suggest else None),
        "excluded_share_limit": (_NUMBER, agreement.excluded_share_limit),
        "horizon_days": (_INTEGER, agreement.horizon_days),
        "minimum_at_risk": (_INTEGER, agreement.minimum_at_risk),
        "too_few": (_INTEGER, agreement.too_few),
        "confidence_level": (_NUMBER, agreement.confidence_level),
    }
    kinds = {name: kind for name, (kind, _) in values.items()}
    return _table(kinds, [tuple(value for _, value in values.values())])


def _stages(agreement: Agreement) -> pa.Table:
    ladder = [
        (stage.key, stage.label or stage.key, order, stage.owner, False)
        for order, stage in enumerate(agreement.stages, start=1)
    ]
    exits = [(way.key, way.label or way.key, None, None, True) for way in agreement.all_exits]
    columns = {
        "stage": _TEXT,
        "label": _TEXT,
        "stage_order": _INTEGER,
        "owner": _TEXT,
        "is_exit": _BOOLEAN,
    }
    return _table(columns, [*ladder, *exits])


def _stage_words(agreement: Agreement) -> pa.Table:
    own = [(TANDEM_VOCABULARY, stage.key, stage.key) for stage in agreement.stages]
    own += [(TANDEM_VOCABULARY, key, key) for key in EXITS]
    means = [(stage.key, stage.means) for stage in agreement.stages]
    means += [(way.key, way.means) for way in agreement.exits]
    signed = [
        (vocabulary, word, stage)
        for stage, words_by_vocabulary in means
        for vocabulary, words in words_by_vocabulary.items()
        for word in words
    ]
    return _table({"vocabulary": _TEXT, "word": _TEXT, "stage": _TEXT}, [*own, *signed])


def _position_weights(agreement: Agreement) -> pa.Table:
    attribution = agreement.attribution
    # Only a deal that is won has a last touch before it was won; on other paths full path is the W.
    of_models = (
        ("position_u", CONVERSIONS, attribution.position_u),
        ("position_w", CONVERSIONS, attribution.position_w),
        ("full_path", ("mql", "opportunity"), attribution.position_w),
        ("full_path", ("won",), attribution.full_path),
    )
    rows = (
        (model, conversion, role, round(weight * WHOLE_WEIGHT))
        for model, conversions, weights in of_models
        for conversion in conversions
        for role, weight in weights.by_role()
    )
    columns = {"model": _TEXT, "conversion": _TEXT, "role": _TEXT, "weight": _LONG}
    return _table(columns, rows)


def _team_words(agreement: Agreement) -> pa.Table:
    teams = (("marketing", agreement.teams.marketing), ("sales", agreement.teams.sales))
    rows = (
        (vocabulary, word, team)
        for team, means in teams
        for vocabulary, words in means.items()
        for word in words
    )
    return _table({"vocabulary": _TEXT, "word": _TEXT, "team": _TEXT}, rows)


def _channel_rules(agreement: Agreement) -> pa.Table:
    columns = {
        "position": _INTEGER,
        "channel": _TEXT,
        "medium": _TEXT,
        "link_source": _TEXT,
        "click_id": _TEXT,
        "original_source": _TEXT,
    }
    spelled = {as_looked_up(word): channel for word, channel in channel_words(agreement.channels)}
    rows = (
        (position, spelled.get(as_looked_up(rule.channel), rule.channel), *signs)
        for position, rule in enumerate((*agreement.channel_rules, *DEFAULT_CHANNEL_RULES), start=1)
        for signs in rule.signs()
    )
    return _table(columns, rows)


def _segments(agreement: Agreement) -> pa.Table:
    cuts = agreement.segments.cuts if agreement.segments else {}
    columns = {"segment": _TEXT, "position": _INTEGER, "low": _NUMBER, "high": _NUMBER}
    rows = (
        (name, position, low, high)
        for position, (name, (low, high)) in enumerate(cuts.items(), start=1)
    )
    return _table(columns, rows)


def _commitments(agreement: Agreement) -> pa.Table:
    columns = {
        "team": _TEXT,
        "segment": _TEXT,
        "metric": _TEXT,
        "per_month": _NUMBER,
        "at_least": _NUMBER,
        "at_most": _NUMBER,
        "from_day": _DAY,
        "to_day": _DAY,
    }
    rows = (
        (c.team, c.segment, c.metric, c.per_month, c.at_least, c.at_most, c.from_day, c.to_day)
        for c in agreement.commitments
    )
    return _table(columns, rows)


def _score_weights(agreement: Agreement) -> pa.Table:
    score = agreement.score
    rows = (
        (metric, weight, scale.floor, scale.target)
        for metric, weight in score.weights.items()
        for scale in (score.scale_of(metric),)
    )
    columns = {"component": _TEXT, "weight": _NUMBER, "floor": _NUMBER, "target": _NUMBER}
    return _table(columns, rows)


@cache
def _phone_regions() -> pa.Table:
    columns = {
        "region": _TEXT,
        "country_code": _TEXT,
        "speaks_for_code": _BOOLEAN,
        "prefix_pattern": _TEXT,
        "number_pattern": _TEXT,
    }
    return _table(columns, phone_regions())


@lru_cache(maxsize=4)
def _business_days(hours: BusinessHours, zone: ZoneInfo, last_year: int) -> pa.Table:
    """Thousands of days, which every bind of a year has alike."""
    calendar = business_calendar(hours, zone, CALENDAR_STARTS, date(last_year, 12, 31))
    columns = {
        "day": _DAY,
        "is_business_day": _BOOLEAN,
        "business_day_number": _INTEGER,
        "opens_at": _INSTANT,
        "closes_at": _INSTANT,
        "business_minutes_before": _LONG,
    }
    rows = (
        (
            day.day,
            day.is_business_day,
            day.business_day_number,
            day.opens_at,
            day.closes_at,
            day.business_minutes_before,
        )
        for day in calendar
    )
    return _table(columns, rows)
