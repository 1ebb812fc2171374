"""One run at a time on a company's data, whether Dagster started it or a terminal did."""

from collections.abc import Iterator
from contextlib import ExitStack

import dagster as dg
from dagster._core.errors import raise_execution_interrupts
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor

from orchestration.company import Company
from orchestration.locks import hold_turn


class _InTurn(InProcessExecutor):
    """All steps of a run in one process, from when no other run is at work to the run's end."""

    def __init__(self, company: Company) -> None:
        super().__init__(retries=RetryMode.ENABLED)
        self._company = company

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[DagsterEvent]:
        """Wait for the turn, then execute the steps."""
        with ExitStack() as turn:
            # Dagster tells of a person's wish to end the run only where it is asked to.
            with raise_execution_interrupts():
                turn.enter_context(hold_turn(self._company.data, plan_context.log.info))
            yield from super().execute(plan_context, execution_plan)


def executor_in_turn(company: Company) -> dg.ExecutorDefinition:
    """How runs that Dagster starts are executed: one process a run, since its steps are few.

    Two nights whose steps alternated would each build on half of what the other bound. Commands of
    a terminal execute their jobs otherwise, and hold the turn themselves.
    """

    @dg.executor(name="in_turn", requirements=[])
    def in_turn(_: dg.InitExecutorContext) -> _InTurn:
        return _InTurn(company)

    return in_turn
