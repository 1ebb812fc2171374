"""A published version of a few small filled tables, and the page that is made of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.agreement import Agreement, load_agreement
from orchestration.report.report import render

Rows = Sequence[Mapping[str, Any]]
Tables = Mapping[str, Rows]

AGREEMENT = """\
version: first
time_zone: UTC
reporting_currency: EUR
signed_by: {marketing: Mia, sales: Sam}
commitments:
  - {team: sales, metric: acceptance_rate, at_least: 65 %, from: 2026-01-01}
"""
AS_OF = datetime(2026, 6, 15, 6)
MAY = date(2026, 5, 1)

CATALOGUE: Rows = [
    {
        "table_name": "stage_duration",
        "description": "How long each entry stays in a stage.",
        "published_version": "v1",
        "published_at": AS_OF,
        "as_of": AS_OF,
        "known_at": AS_OF,
        "agreement_version": "first",
    }
]
STAGES: Rows = [
    {"stage": stage, "label": label, "stage_order": place, "owner": owner, "is_exit": place is None}
    for stage, label, place, owner in (
        ("lead", "Lead", 1, "marketing"),
        ("mql", "Marketing qualified", 2, "marketing"),
        ("opportunity", "Opportunity", 3, "sales"),
        ("won", "Won", 4, "sales"),
        ("lost", "Lost", None, None),
        ("disqualified", "Disqualified", None, None),
    )
]


def _journey(furthest: int, outcome: str, is_primary: bool = True) -> dict[str, Any]:
    stages = ("lead", "mql", "opportunity", "won")
    reached = {
        f"{stage}_at": AS_OF if place <= furthest else None for place, stage in enumerate(stages)
    }
    return {**reached, "outcome": outcome, "is_primary": is_primary}


JOURNEYS: Rows = [
    *[_journey(0, "open")] * 40,
    *[_journey(0, "disqualified")] * 20,
    *[_journey(1, "open")] * 15,
    *[_journey(2, "lost")] * 12,
    *[_journey(2, "open")] * 5,
    *[_journey(3, "won")] * 8,
    _journey(3, "won", is_primary=False),
]


def trend(cohort: str, difference: float | None, **more: Any) -> dict[str, Any]:
    """A month of cycle_time_trend, 90 days a year before."""
    told = difference is not None
    return {
        "curve": "lead_to_won",
        "segment": "all",
        "cohort": cohort,
        "cohort_before": cohort.replace("2025", "2024"),
        "horizon_days": 180,
        "n": 61,
        "n_before": 52,
        "share_won": 0.31 if told else None,
        "share_won_before": 0.29 if told else None,
        "p50": 90.0 + difference if difference is not None else None,
        "p50_before": 90.0 if told else None,
        "difference": difference,
        "low": None,
        "high": None,
        "status": "ok" if told else "no year before",
    } | more


def summary(**more: Any) -> dict[str, Any]:
    """A row of cycle_time_summary."""
    return {
        "curve": "lead_to_won",
        "unit": "calendar",
        "from_stage": "lead",
        "segment": "all",
        "cohort": "all",
        "status": "ok",
        "p25": 41,
        "p50": 77,
        "p75": 120,
        "p90": 170,
        "horizon_days": 180,
        "n": 1234,
        "events": 456,
        "won": 123,
        "censored": 778,
        "share_won": 0.234,
        "share_won_low": 0.21,
        "share_won_high": 0.26,
        "share_open": 0.4,
        "restricted_mean": 101.5,
        "naive_mean_closed": 44.4,
        "starts_at_day": 0,
        "n_unknown_start": 3,
        "n_excluded": 0,
    } | more


def curve() -> list[dict[str, Any]]:
    """A curve of cycle_time_curve, whose interval is not defined on its first day."""
    return [
        {
            "curve": "lead_to_won",
            "unit": "calendar",
            "segment": "all",
            "cohort": "all",
            "day": day,
            "at_risk": 1234 - 5 * day,
            "cif_won": 0.0013 * day,
            "cif_won_low": 0.0010 * day if day else None,
            "cif_won_high": 0.0016 * day if day else None,
            "cif_lost": 0.001 * day,
            "cif_disqualified": 0.0005 * day,
        }
        for day in range(0, 181, 10)
    ]


def stage(key: str, p50: int | None, **more: Any) -> dict[str, Any]:
    """A row of stage_duration."""
    return {
        "stage": key,
        "unit": "calendar",
        "segment": "all",
        "slice_kind": "all",
        "slice": "all",
        "status": "ok" if p50 is not None else "too few",
        "p25": p50 // 2 if p50 is not None else None,
        "p50": p50,
        "p50_low": p50 - 1 if p50 is not None else None,
        "p50_high": p50 + 1 if p50 is not None else None,
        "p75": p50 * 2 if p50 is not None else None,
        "p90": None,
        "restricted_mean": 33.3,
        "horizon_days": 180,
        "naive_mean": 11.1,
        "n": 87,
        "events": 66,
    } | more


def bottleneck(**more: Any) -> dict[str, Any]:
    """A row of bottleneck."""
    return {
        "unit": "calendar",
        "segment": "all",
        "stage": "opportunity",
        "status": "ok",
        "restricted_mean": 84.2,
        "p_visit": 0.55,
        "expected_days": 46.3,
        "rank": 1,
        "stage_p25": 31,
        "median_cycle_now": 99,
        "median_cycle_if_p25": 66,
        "walk_status": "ok",
        "untold_share": 0.01,
        "label": "arithmetic, not forecast",
        "horizon_days": 180,
        "n": 321,
    } | more


def occupation(**more: Any) -> dict[str, Any]:
    """A row of stage_occupation."""
    return {
        "unit": "calendar",
        "segment": "all",
        "stage": "opportunity",
        "status": "ok",
        "expected_days": 48.8,
        "low": 40.4,
        "high": 57.7,
        "n": 321,
    } | more


def volume(**more: Any) -> dict[str, Any]:
    """A row of commitment_attainment."""
    return {
        "month": MAY,
        "segment": "all",
        "team": "marketing",
        "metric": "mql",
        "per_month": 45.0,
        "business_days": 20,
        "business_days_in_month": 20,
        "committed": 45.0,
        "delivered": 36.0,
        "n": 45,
        "value": 0.8,
        "low": 0.6,
        "high": 1.02,
        "status": "below target",
    } | more


def quarter(ahead: int, **more: Any) -> dict[str, Any]:
    """A row of now_vs_road_ahead."""
    return {
        "quarter_ahead": ahead,
        "segment": "all",
        "fiscal_year": 2026,
        "fiscal_quarter": 2 + ahead,
        "target": Decimal("550000.00"),
        "won_amount": Decimal("125000.00"),
        "expected_amount": Decimal("340000.00"),
        "expected_deals": 27,
        "coverage": 0.8,
        "coverage_low": 0.5,
        "coverage_high": 1.1,
        "status": "ok",
        "overdue_amount": Decimal("43210.00") if ahead == 0 else None,
        "overdue_deals": 4 if ahead == 0 else None,
        "marketing_touches_now": 250 if ahead == 0 else None,
        "marketing_touches_ahead": 750 if ahead == 0 else None,
        "marketing_share_ahead": 0.75 if ahead == 0 else None,
        "sales_touches_now": 400 if ahead == 0 else None,
        "sales_touches_ahead": 100 if ahead == 0 else None,
        "sales_share_ahead": 0.2 if ahead == 0 else None,
        "spend_now": None,
        "spend_ahead": None,
        "spend_share_ahead": None,
    } | more


def figure(metric: str, value: float | None, month: date = MAY, **more: Any) -> dict[str, Any]:
    """A row of alignment_scorecard, of 100 cases where it has a value."""
    told = value is not None
    return {
        "month": month,
        "segment": "all",
        "slice_kind": "all",
        "slice": "all",
        "slice_label": "all",
        "metric": metric,
        "numerator": round(value * 100) if value is not None else None,
        "denominator": 100 if told else None,
        "n": 100 if told else 0,
        "value": value,
        "low": value - 0.09 if value is not None else None,
        "high": value + 0.09 if value is not None else None,
        "target": None,
        "status": "ok" if told else "no data",
    } | more


def waiting(**more: Any) -> dict[str, Any]:
    """A row of handoff_worklist."""
    return {
        "handoff_id": "h1",
        "why": "overdue",
        "full_name": "Ada Example",
        "email": "ada@example.com",
        "account_name": "Example",
        "segment": "smb",
        "owner_id": "u1",
        "owner_name": "Una Owner",
        "handed_at": AS_OF,
        "waits_for_hours": 9.5,
        "attempts": 0,
        "last_marketing_touch_at": AS_OF,
        "last_marketing_touch": "webinar",
    } | more


def stalled(**more: Any) -> dict[str, Any]:
    """A row of stalled_deals."""
    return {
        "deal_id": "d1",
        "deal_name": "Big deal",
        "account_name": "Example",
        "amount_reporting": Decimal("12345.67"),
        "owner_id": "u1",
        "owner_name": "Una Owner",
        "stage": "opportunity",
        "age_in_stage": 98,
        "stage_p90": 77,
        "won_within_90": 0.12,
        "last_marketing_touch_at": None,
        "last_sales_touch_at": AS_OF,
        "expected_close_on": date(2026, 7, 1),
    } | more


def source(**more: Any) -> dict[str, Any]:
    """A row of catalogue_source."""
    return {
        "source": "crm",
        "required": True,
        "state": "fresh",
        "problem": None,
        "last_synced_at": AS_OF,
        "age_hours": 3.5,
        "stale_after_hours": 48.0,
        "is_stale": False,
        "watermark": AS_OF,
        "row_count": 4321,
        "in_quarantine": 7,
    } | more


def earned(channel: str, conversions: float, **more: Any) -> dict[str, Any]:
    """A row of attribution_channel."""
    return {
        "model": "position_u",
        "conversion": "won",
        "month": MAY,
        "channel": channel,
        "conversions": conversions,
        "amount": Decimal("1000.00"),
        "cost": None,
    } | more


def earned_range(channel: str, least: float, most: float) -> dict[str, Any]:
    """A row of attribution_channel_range."""
    return {
        "conversion": "won",
        "channel": channel,
        "least_share": least,
        "least_model": "last",
        "most_share": most,
        "most_model": "first",
    }


def path(steps: str, paths: int, conversions: int, **more: Any) -> dict[str, Any]:
    """A row of attribution_path, of a path's first step."""
    return {
        "conversion": "won",
        "path": steps,
        "step": 1,
        "paths": paths,
        "conversions": conversions,
        "amount": Decimal("500.00"),
    } | more


def full() -> dict[str, Rows]:
    """Tables of a company of which everything can be told."""
    return {
        "catalogue": CATALOGUE,
        "dim_stage": STAGES,
        "fct_funnel": JOURNEYS,
        "cycle_time_trend": [
            trend("2025-03", None),
            trend("2025-04", 4.0, low=-3.0, high=11.0),
            trend("2025-05", -13.0, low=-21.0, high=-5.0),
        ],
        "cycle_time_summary": [summary()],
        "cycle_time_curve": curve(),
        "stage_duration": [stage("lead", 26), stage("mql", 3), stage("opportunity", 62)],
        "bottleneck": [
            bottleneck(),
            bottleneck(stage="mql", status="too few", expected_days=None, walk_status="none won"),
        ],
        "stage_occupation": [occupation()],
        "commitment_attainment": [
            volume(),
            volume(
                team="sales",
                metric="won_amount",
                segment="smb",
                committed=1000.0,
                delivered=2500.0,
                value=2.5,
                low=None,
                high=None,
                n=3,
                status="too few",
            ),
        ],
        "now_vs_road_ahead": [
            quarter(0),
            quarter(1, target=None, coverage=None, coverage_low=None, status="no target"),
        ],
        "alignment_scorecard": [
            figure("commitment_attainment", 0.8, target=1.0, status="below target"),
            figure("rejection_mix.no_budget", 0.4, segment="all"),
            figure("acceptance_rate", 0.71, target=0.65, status="on target"),
            figure("acceptance_rate", 0.6, date(2026, 4, 1), target=0.65, status="below target"),
            figure("acceptance_rate", 0.1, date(2026, 6, 1)),
            figure("joint_nurture_coverage", 0.43),
            figure("joint_nurture_coverage", None, date(2026, 4, 1)),
            figure("now_vs_road_ahead", 0.8, target=1.0),
            figure("joint_nurture_coverage.longest_silence_sales", 17.0, numerator=None, n=44),
            figure(
                "response_time",
                3.5,
                target=4.0,
                status="on target",
                numerator=None,
                denominator=None,
                low=2.5,
                high=None,
            ),
            figure("definition_agreement", 0.5, status="too few", n=8),
            figure("role_separation", None),
            figure("sourced.recorded", 0.55),
        ],
        "handoff_worklist": [
            waiting(),
            waiting(handoff_id="h2", why="ignored", full_name="Bo", owner_id=None, owner_name=None),
        ],
        "stalled_deals": [stalled()],
        "attribution_channel": [
            earned("Email", 4.0),
            earned("Email", 2.0, month=date(2026, 4, 1)),
            earned("Event", 2.0, cost=Decimal("700.00")),
            earned("Email", 9.0, model="last"),
            earned("unattributed", 3.0),
        ],
        "attribution_channel_range": [
            earned_range("Email", 0.5, 0.875),
            earned_range("Event", 0.125, 0.5),
        ],
        "attribution_path": [
            path("Event > Email", 20, 5),
            path("Event > Email", 20, 5, step=2),
            path("Email", 4, 1, month=date(2026, 4, 1)),
            path("unattributed", 90, 3),
        ],
        "catalogue_source": [source(), source(source="ads", required=False, problem="cut off")],
        "excluded_share": [
            {
                "entity": "touches",
                "n_records": 43586,
                "n_excluded": 5,
                "excluded_share": 5 / 43586,
                "excluded_share_limit": 0.01,
                "is_within_limit": True,
                "detail": "5 of 43586 touches are left out",
            }
        ],
    }


def agreement_in(folder: Path) -> Agreement:
    """The agreement of the company whose tables are filled here."""
    file = folder / "agreement.yml"
    file.write_text(AGREEMENT)
    return load_agreement(file)


def published(folder: Path, tables: Tables) -> Path:
    """A version's DuckDB file with these tables in its schema marts."""
    file = folder / "tandem.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        for name, rows in tables.items():
            connection.register("_rows", pa.Table.from_pylist([dict(row) for row in rows]))
            connection.execute(f"create table marts.{name} as from _rows")
            connection.unregister("_rows")
    return file


def page(folder: Path, tables: Tables) -> str:
    """The page of these tables."""
    return render(published(folder, tables), "acme", agreement_in(folder))


class Seen(HTMLParser):
    """What is on a page: its tags, their attributes, its text and what a screen reader says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.words.append(self.tags[-1][1].get("aria-label") or "")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """All text, with single spaces."""
        return " ".join(" ".join(self.words).split())
