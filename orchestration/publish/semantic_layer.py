"""Measures by name: MetricFlow writes the query, the published tables answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.company import Company
from orchestration.publish.publish import PublishError
from orchestration.publish.versions import current
from orchestration.warehouse.dbt_project import read_project
from orchestration.warehouse.query import QueryError
from orchestration.warehouse.sql import identifier, literal

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine


class MetricFlowMissing(Exception):
    """Measures are asked for by name, and what that needs is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Measures by name need metricflow, which is not installed: `make metrics` installs it. "
            "The tables have every figure without it."
        )


@dataclass(frozen=True)
class Metric:
    """A measure that can be asked for, and by what it can be told apart."""

    name: str
    description: str
    dimensions: tuple[str, ...]


class SemanticLayer:
    """The measures that the models' yml files name, and the published tables of a company.

    Raises MetricFlowMissing where it can't be had, DbtFailed where dbt can't parse the project.
    """

    def __init__(self, company: Company) -> None:
        if find_spec("metricflow") is None:
            raise MetricFlowMissing
        self._company = company
        self._engine = _engine(read_project(company).semantic_manifest)

    def metrics(self) -> tuple[Metric, ...]:
        """All of them, by name."""
        listed = self._engine.list_metrics(include_dimensions=False)
        return tuple(
            Metric(metric.name, metric.description or "", self._dimensions(metric.name))
            for metric in sorted(listed, key=lambda metric: metric.name)
        )

    def sql(self, names: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
        """The query that answers what is asked.

        Raises QueryError where a name is none, where the measures can't be told apart by a
        dimension, and where a condition can't be read.
        """
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest  # noqa: PLC0415
        from metricflow_semantics.errors.error_classes import MetricFlowException  # noqa: PLC0415

        request = MetricFlowQueryRequest.create(
            metric_names=tuple(names),
            group_by_names=tuple(by),
            where_constraints=tuple(where) or None,
            order_by_names=tuple(by),
        )
        try:
            return str(self._engine.explain(request).sql_statement.without_descriptions.sql)
        except MetricFlowException as error:
            raise QueryError(str(error)) from error

    def answer(
        self, names: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of what is asked, from the tables last published.

        Raises QueryError as `sql` does and where the tables can't answer, PublishError where
        nothing was published yet.
        """
        query = self.sql(names, by, where)
        with _published(self._company) as connection:
            try:
                result = connection.execute(query)
                return [column[0] for column in result.description], result.fetchall()
            except duckdb.Error as error:
                raise QueryError(str(error)) from error

    def _dimensions(self, metric: str) -> tuple[str, ...]:
        found = self._engine.simple_dimensions_for_metrics([metric])
        return tuple(sorted({dimension.dunder_name for dimension in found}))


def _engine(manifest: str) -> "MetricFlowEngine":
    """MetricFlow over what dbt has parsed; it takes a second to import."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine  # noqa: PLC0415
    from metricflow.protocols.sql_client import SqlEngine  # noqa: PLC0415
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer  # noqa: PLC0415
    from metricflow_semantics.model.dbt_manifest_parser import (  # noqa: PLC0415
        parse_manifest_from_dbt_generated_manifest,
    )
    from metricflow_semantics.model.semantic_manifest_lookup import (  # noqa: PLC0415
        SemanticManifestLookup,
    )

    class Dialect:
        """All that is needed of a client where the queries are run elsewhere."""

        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

    lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(manifest))
    return MetricFlowEngine(lookup, Dialect())  # type: ignore[arg-type]


def _published(company: Company) -> duckdb.DuckDBPyConnection:
    """The tables last published, by the names that the dbt project gives them."""
    published = current(company)
    if published is None:
        raise PublishError("Nothing was published yet: `make run` publishes.")
    file = published[0] / "tandem.duckdb"
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    database = identifier(company.warehouse.stem)
    connection.execute(f"attach {literal(str(file))} as {database} (read_only)")
    return connection
