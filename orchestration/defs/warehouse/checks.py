"""Checks of the warehouse that no test of dbt makes: they hold figures against operations.yml."""

from typing import Final

import dagster as dg

from orchestration.checks.landing import verdict_on_unmatched
from orchestration.checks.verdict import Verdict
from orchestration.company import Company
from orchestration.defs.failures import explained
from orchestration.defs.verdicts import check_result, told_checks
from orchestration.warehouse.connection import open_warehouse
from orchestration.warehouse.hold import hold_warehouse

_ORPHANS: Final = dg.AssetKey(["marts", "orphan_touch"])
_PLACES: Final = dg.AssetKey(["intermediate", "int_touch_place"])
_UNMATCHED: Final = "unmatched"


def unmatched_check(company: Company) -> dg.AssetChecksDefinition:
    """The check of how many touches belong to no journey; a touch that is there twice is none."""

    @dg.asset_check(
        asset=_ORPHANS,
        name=_UNMATCHED,
        additional_deps=[_PLACES],
        description="No more touches than usual belong to no journey.",
    )
    def unmatched(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        with explained(context.op_execution_context), hold_warehouse(company):
            verdict = _verdict(company)
        result = check_result(_ORPHANS, _UNMATCHED, verdict)
        for line in told_checks("orphan_touch", [result]):
            context.log.warning(line)
        return result

    return unmatched


def _verdict(company: Company) -> Verdict:
    with open_warehouse(company.warehouse) as connection:
        [(places,)] = connection.execute(
            "select count(*) from intermediate.int_touch_place"
        ).fetchall()
        reasons = dict(
            connection.execute(
                "select reason, count(*) from marts.orphan_touch group by reason"
            ).fetchall()
        )
    copies = reasons.pop("duplicate", 0)
    at_most = company.operations.checks.unmatched_at_most
    return verdict_on_unmatched(places - copies, reasons, at_most)
