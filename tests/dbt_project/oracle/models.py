"""A company put where the pipeline begins, and what the models make of it."""

from decimal import Decimal
from typing import Any

from tests.dbt_project.compiled import Database, Row
from tests.dbt_project.oracle.agreement import fill_agreement
from tests.dbt_project.oracle.owners import staff
from tests.dbt_project.oracle.records import (
    Amount,
    Change,
    Company,
    Contact,
    Deal,
    OwnerChange,
    Person,
    Touch,
    Version,
    identifier,
)

TABLES = (
    "fct_funnel",
    "fct_funnel_event",
    "fct_touch",
    "orphan_touch",
    "fct_handoff",
    "bridge_deal_prospect",
    "fct_deal",
    "fct_deal_stage",
    "fct_deal_amount",
    "fct_pipeline_daily",
)
BESIDE = (
    "account_review",
    "bridge_deal_account",
    "bridge_record_account",
    "bridge_record_prospect",
    "dim_account",
    "dim_segment",
    "fct_spend",
    "funnel_conversion",
    "int_account_link",
    "int_deal_touch",
    "int_funnel_excluded",
)
"""Tables that other marts and the tests of the funnel read beside them; `build` leaves them out."""
# Records that play no part in the rules that are tested here.
ELSEWHERE = (
    "input_users",
    "input_campaigns",
    "input_spend",
    "input_exchange_rates",
    "int_campaign_group",
)
ENTITIES = (
    "persons",
    "deals",
    "deal_persons",
    "stage_changes",
    "owner_changes",
    "deal_amounts",
    "touches",
)
Rows = list[tuple[Any, ...]]


def build(database: Database, company: Company) -> None:
    """Fill the lake's relations with a company and build the funnel on them."""
    fill_agreement(database, company.ladder, company.as_of, company.decide_within_days, company.cap)
    database.update(
        "agreement.settings", f"touch_same_within_minutes = {company.same_within_minutes}"
    )
    clock = {"as_of": company.as_of, "known_at": company.known_at}
    database.fill("bound.clock", [clock])
    words = [
        {"vocabulary": "tandem", "word": stage, "stage": stage}
        for stage in (*company.ladder, "lost", "disqualified", "recycled")
    ]
    database.fill("agreement.stage_words", words)
    rows: dict[str, list[Row]] = {name: [] for name in ENTITIES}
    for version in company.versions:
        rows[version.record.told_apart_by[0]].append(_bound(version))
    for entity, versions in rows.items():
        database.fill(f"raw_files.{entity}", versions)
    for name in ELSEWHERE:
        database.fill(name, staff() if name == "input_users" else [])
    database.build_with_parents(*TABLES, given=ELSEWHERE)


def _bound(version: Version) -> Row:
    record = version.record
    entity, source, *_ = record.told_apart_by
    record_key, fields = _fields(record)
    row = {
        "source": source,
        "stream": entity,
        "record_key": record_key,
        "_record_id": record_key,
        "_fill": 0,
        "_origin": f"{entity}.csv",
        "_seq": version.seq,
        "_loaded_at": version.loaded_at,
        "_run_id": "run",
        "_deleted": version.is_gone,
    }
    return {**row, "record_key": None} if version.is_gone else {**row, **fields}


def _fields(record: Any) -> tuple[str, dict[str, Any]]:  # noqa: PLR0911
    match record:
        case Person():
            return record.id, {
                "record_id": record.id,
                "email": record.email,
                "external_id": record.external_id,
                "merged_into": record.merged_into,
                "converted_to": record.converted_to,
                "created_at": record.created_at,
            }
        case Deal():
            return record.id, {
                "record_id": record.id,
                "person": record.person,
                "stage": record.stage,
                "stage_vocabulary": "tandem",
                "amount": record.amount,
                "created_at": record.created_at,
                "closed_at": record.closed_at,
            }
        case Contact():
            return f"{record.deal}|{record.person}", {
                "deal": record.deal,
                "person": record.person,
                "role": record.role,
                "is_primary": record.is_primary,
            }
        case Change():
            return record.record_id, {
                "subject_kind": record.kind,
                "subject": record.subject,
                "stage": record.stage,
                "stage_vocabulary": "tandem",
                "changed_at": record.at,
                "evidence": record.evidence,
            }
        case OwnerChange():
            return record.record_id, {
                "subject_kind": record.kind,
                "subject": record.subject,
                "owner": record.owner,
                "changed_at": record.at,
                "changed_by": record.by,
            }
        case Amount():
            return record.record_id, {
                "deal": record.deal,
                "amount": record.amount,
                "changed_at": record.at,
                "changed_by": record.by,
            }
        case Touch():
            return record.id, {
                "record_id": record.id,
                "person": record.person,
                "deal": record.deal,
                "occurred_at": record.at,
                "kind": record.kind,
                "channel": record.channel,
                "team": record.team,
                "direction": record.direction,
                "is_two_way": record.is_two_way,
                "is_automated": record.is_automated,
                "is_day_only": record.is_day_only,
            }
    raise TypeError(record)


class Told:
    """What the models say, with journeys and records by the oracle's names."""

    def __init__(self, database: Database, company: Company) -> None:
        self.database = database
        self.ladder = company.ladder
        records: dict[str, list[str]] = {}
        for row in database.rows(
            "select prospect_id, source, source_record_id from {int_person_link}"
        ):
            names = records.setdefault(row["prospect_id"], [])
            names.append(f"{row['source']}/{row['source_record_id']}")
        self.prospects = {key: tuple(sorted(names)) for key, names in records.items()}
        self.deal_ids = {
            identifier(version.record.source, version.record.id): version.record.id
            for version in company.versions
            if isinstance(version.record, Deal)
        }
        self.journeys = {
            row["journey_id"]: (
                self.prospects.get(row["prospect_id"]),
                row["journey_seq"],
                None if row["prospect_id"] else self.deal_ids[row["deal_id"]],
            )
            for row in database.rows("select * from {fct_funnel}")
        }

    def _rows(self, table: str, columns: str) -> Rows:
        """Rows whose first columns are the journey and others as they are."""
        rows = self.database.rows(f"select journey_id, {columns} from {{{table}}}")
        return [
            (self.journeys.get(row["journey_id"]), *list(row.values())[1:])
            for row in (self._named(row) for row in rows)
        ]

    def _named(self, row: dict[str, Any]) -> dict[str, Any]:
        named = dict(row)
        for column in ("deal_id", "member_of_deal_id"):
            if named.get(column):
                named[column] = self.deal_ids[named[column]]
        if named.get("prospect_id"):
            named["prospect_id"] = self.prospects[named["prospect_id"]]
        return named

    def funnel(self) -> Rows:
        reached = [f"{stage}_at" for stage in self.ladder[1:-1]]
        return self._rows(
            "fct_funnel",
            ", ".join(
                [
                    "deal_id, member_of_deal_id, is_primary, origin_team, first_channel, aware_at",
                    *reached,
                    "coalesce(won_at, lost_at, disqualified_at), outcome",
                    "cast(amount as integer), marketing_touches, sales_touches",
                    "regressions, recycles, excluded_from_cycle",
                ]
            ),
        )

    def events(self) -> Rows:
        return self._rows(
            "fct_funnel_event",
            "event, stage, occurred_at, exited_at, entry_seq, is_regression, n_skipped, team, "
            "evidence, counts, is_of_deal, source_record_id",
        )

    def touches(self) -> Rows:
        placed = self._rows(
            "fct_touch",
            "source || '/' || source_record_id, prospect_id, counts, post_close, is_path_of_mql",
        )
        orphans = self.database.rows(
            "select source || '/' || source_record_id as name from {orphan_touch}"
        )
        return [(row[1], row[0], *row[2:]) for row in placed] + [
            (row["name"], None, None, None, None, None) for row in orphans
        ]

    def bridge(self) -> Rows:
        rows = self._rows("bridge_deal_prospect", "deal_id, is_primary")
        return [(deal, journey, is_primary) for journey, deal, is_primary in rows]

    def handoffs(self) -> Rows:
        return self._rows(
            "fct_handoff",
            "handoff_seq, handed_at, first_attempt_at, two_way_at, decided_at, decision, attempts, "
            "assigned_at, owner_id",
        )

    def deals(self) -> Rows:
        rows = self._rows(
            "fct_deal",
            "deal_id, outcome, started_at, closed_at, reopenings, owner_id, "
            "cast(amount as integer), cast(amount_at_creation as integer)",
        )
        return [(row[1], row[0], *row[2:]) for row in rows]

    def pipeline(self) -> Rows:
        rows = self.database.rows(
            "select day, stage, owner_id, sum(open_deals), sum(deals_without_amount), "
            "sum(amount_reporting) from {fct_pipeline_daily} group by day, stage, owner_id"
        )
        return [tuple(int(v) if isinstance(v, Decimal) else v for v in r.values()) for r in rows]
