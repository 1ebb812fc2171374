"""Tandem's command line: `python -m orchestration run`, `rebuild`, `compare`, `check`, `ui` ..."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from connectors.errors import ConnectorError
from connectors.typed_yaml import ConfigurationError
from orchestration.company import Company, load_company
from orchestration.distributed import NoEngine
from orchestration.erasure.forget import NotAnAddress
from orchestration.instance import HistoryDriverMissing, instance_environment
from orchestration.loading.check import check_sources, told
from orchestration.locks import TerminalBusy
from orchestration.publish.agreement_change import TOLD_COLUMNS, compare_agreements
from orchestration.publish.compare import Comparison, compare, compare_with_last
from orchestration.publish.gate import GateClosed
from orchestration.publish.publish import PublishError
from orchestration.publish.rebuild import rebuild
from orchestration.publish.semantic_layer import MetricFlowMissing, SemanticLayer
from orchestration.publish.summary import summary
from orchestration.sandbox import sandbox_servers
from orchestration.serve import become, code, daemon, try_out, web
from orchestration.statistics.suggest import SplinkMissing
from orchestration.warehouse.connection import WarehouseError
from orchestration.warehouse.dbt_docs import make_docs, served
from orchestration.warehouse.dbt_project import DbtFailed, read_project
from orchestration.warehouse.freshness import BindError
from orchestration.warehouse.moments import moment
from orchestration.warehouse.query import QueryError, answers, table

_WRONG_CONFIGURATION: Final = 2
_EMAIL: Final = "TANDEM_EMAIL"
# These say what is wrong and what to do, so no traceback goes with them.
_EXPLAINED: Final = (
    BindError,
    ConfigurationError,
    ConnectorError,
    DbtFailed,
    SplinkMissing,
    GateClosed,
    MetricFlowMissing,
    HistoryDriverMissing,
    NoEngine,
    NotAnAddress,
    PublishError,
    QueryError,
    TerminalBusy,
    WarehouseError,
)


def _run(company: Company, asked: argparse.Namespace) -> int:
    # Dagster takes a second to import, and an error in a configuration file none to tell.
    from orchestration.terminal import run_in_terminal  # noqa: PLC0415

    with sandbox_servers(company):
        return run_in_terminal(company, must_build=asked.rebuild)


def _rebuild(company: Company, asked: argparse.Namespace) -> int:
    started = time.monotonic()
    zone = company.agreement.zone
    as_of = moment(asked.as_of, zone)
    known_at = moment(asked.known_at, zone) if asked.known_at else None
    rebuilt, _ = rebuild(company, read_project(company), as_of, known_at, _say)
    for line in summary(rebuilt, time.monotonic() - started):
        _say(line)
    return 0


def _spark(company: Company, asked: argparse.Namespace) -> int:
    try:
        from orchestration.distributed.build import build  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise NoEngine(
            f"{missing.name} is not installed here: `make spark` has what it takes."
        ) from missing

    zone = company.agreement.zone
    as_of = moment(asked.as_of, zone) if asked.as_of else None
    known_at = moment(asked.known_at, zone) if asked.known_at else None
    on_spark = company.on_spark()
    built = build(on_spark, read_project(on_spark), _say, as_of, known_at)
    _say(
        f"{built.models} models and {built.statistics} statistics in {on_spark.tables}, "
        f"as of {built.binding.as_of} UTC; {built.tests} data tests passed"
    )
    return 0


def _compare(company: Company, asked: argparse.Namespace) -> int:
    found = _moved(company, asked)
    _say("")
    for line in table(("measure", "was", "appeared", "vanished", "changed", "now"), found.told):
        _say(line)
    _say("")
    _say(f"Which journeys, and which of their fields: {found.changes}")
    _say(f"The totals above: {found.totals}")
    return 0


def _moved(company: Company, asked: argparse.Namespace) -> Comparison:
    if not (asked.as_of or asked.known_at or asked.and_at):
        return compare_with_last(company, read_project(company), _say)
    if not (asked.as_of and asked.known_at):
        raise BindError("Give both AS_OF and KNOWN_AT, or neither to compare with the last night.")
    zone = company.agreement.zone
    as_of, known_at = moment(asked.as_of, zone), moment(asked.known_at, zone)
    and_at = moment(asked.and_at, zone) if asked.and_at else None
    return compare(company, read_project(company), as_of, (known_at, and_at), _say)


def _compare_agreements(company: Company, asked: argparse.Namespace) -> int:
    earlier = Path(asked.before) if asked.before else None
    change, file = compare_agreements(company, read_project(company), earlier, _say)
    _say("")
    if change.told:
        for line in table(TOLD_COLUMNS, change.told):
            _say(line)
    else:
        _say("Nothing moved.")
    _say("")
    _say(f"Every cell, and every slice: {file}")
    _say(f"Reckoned in {change.seconds:.0f} s")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _check(company: Company, _: argparse.Namespace) -> int:
    """Tell whether a load of each source would succeed; 1 where a required one is not ready."""
    is_ready = True
    with sandbox_servers(company):
        for checked in check_sources(company):
            sys.stdout.writelines(f"{line}\n" for line in told(checked))
            sys.stdout.flush()
            is_ready &= checked.report.is_ready or not checked.source.required
    return 0 if is_ready else 1


def _query(company: Company, asked: argparse.Namespace) -> int:
    for line in answers(company, asked.sql if asked.sql is not None else sys.stdin.read()):
        sys.stdout.write(f"{line}\n")
    return 0


def _metrics(company: Company, asked: argparse.Namespace) -> int:
    layer = SemanticLayer(company)
    if not asked.metric:
        for metric in layer.metrics():
            _say(f"{metric.name}: {metric.description}\n    by {', '.join(metric.dimensions)}")
        return 0
    for line in table(*layer.answer(asked.metric, asked.by, asked.where)):
        _say(line)
    return 0


def _docs(company: Company, asked: argparse.Namespace) -> int:
    with served(make_docs(company), asked.port) as server:
        _say(f"The tables' pages are at http://127.0.0.1:{asked.port}; end it with Ctrl-C.")
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return 0


def _maintain(company: Company, _: argparse.Namespace) -> int:
    from orchestration.terminal import maintain_in_terminal  # noqa: PLC0415

    return maintain_in_terminal(company)


def _forget(company: Company, asked: argparse.Namespace) -> int:
    from orchestration.terminal import forget_in_terminal  # noqa: PLC0415

    given = asked.email or os.environ.pop(_EMAIL, "").split()
    return forget_in_terminal(company, given or sys.stdin.readlines(), is_sure=asked.yes)


def _ui(company: Company, asked: argparse.Namespace) -> int:
    _say(f"The web UI opens at http://127.0.0.1:{asked.port}; end it with Ctrl-C.")
    become(company, try_out(asked.port))


def _serve(company: Company, asked: argparse.Namespace) -> int:
    become(company, asked.part(asked))


def _migrate(_: Company, __: argparse.Namespace) -> int:
    from orchestration.terminal import migrate_in_terminal  # noqa: PLC0415

    return migrate_in_terminal()


_COMMANDS: Final[Mapping[str, Callable[[Company, argparse.Namespace], int]]] = {
    "run": _run,
    "rebuild": _rebuild,
    "spark": _spark,
    "compare": _compare,
    "compare-agreements": _compare_agreements,
    "check": _check,
    "query": _query,
    "ui": _ui,
    "serve": _serve,
    "migrate": _migrate,
    "metrics": _metrics,
    "docs": _docs,
    "maintain": _maintain,
    "forget": _forget,
}


def parser() -> argparse.ArgumentParser:
    """What can be asked for on the command line."""
    whole = argparse.ArgumentParser(prog="python -m orchestration", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="load the sources, build the warehouse, publish")
    run.add_argument(
        "--rebuild", action="store_true", help="build and publish even where nothing is new"
    )
    past = commands.add_parser("rebuild", help="build the funnel as it stood at a past moment")
    past.add_argument(
        "--as-of", required=True, help="what had happened by the end of this day, or by an instant"
    )
    past.add_argument("--known-at", help="as known then; without it, as known now")
    spark = commands.add_parser("spark", help="build what was loaded on a distributed engine")
    spark.add_argument("--as-of", help="what had happened by this day or instant")
    spark.add_argument("--known-at", help="as known then; without it, as known now")
    moved = commands.add_parser("compare", help="tell what moved in the funnel of a past moment")
    moved.add_argument("--as-of", help="by this day or instant; without it, as last published")
    moved.add_argument("--known-at", help="from how it was known then")
    moved.add_argument("--and-at", help="to how it was known then; without it, to how it is now")
    agreements = commands.add_parser(
        "compare-agreements", help="tell what another agreement moves on the scorecard"
    )
    agreements.add_argument("--before", help="the file of an earlier one; without it, the last")
    commands.add_parser("check", help="look whether every source can be loaded; changes nothing")
    query = commands.add_parser("query", help="ask the warehouse of the last run; changes nothing")
    query.add_argument("sql", nargs="?", help="one or more queries; without it, standard input's")
    ui = commands.add_parser("ui", help="open the Dagster web UI on loopback, with its daemon")
    ui.add_argument("--port", type=int, default=3000)
    _add_serving(commands.add_parser("serve", help="be one of the servers of a production set-up"))
    commands.add_parser("migrate", help="bring Dagster's history to the form that it has now")
    metrics = commands.add_parser("metrics", help="ask for measures by name; without one, list all")
    metrics.add_argument("metric", nargs="*", help="its name; of several, all in one table")
    metrics.add_argument(
        "--by", action="append", default=[], help="a dimension; as often as needed"
    )
    metrics.add_argument(
        "--where", action="append", default=[], help="a condition in MetricFlow's words"
    )
    docs = commands.add_parser("docs", help="show what each table is and reads, on loopback")
    docs.add_argument("--port", type=int, default=8080)
    commands.add_parser("maintain", help="compact the raw lake and clean up its logs")
    forget = commands.add_parser("forget", help="remove a person from all data, for good")
    forget.add_argument(
        "--email",
        action="append",
        help=f"an address of theirs, as often as needed; without it, those that {_EMAIL} holds, "
        "else standard input's, one a line",
    )
    forget.add_argument("--yes", action="store_true", help="don't ask before anything is removed")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the process's exit code: 0 where all that is required went well."""
    asked = parser().parse_args(arguments)
    try:
        company = load_company()
        os.environ.update(instance_environment(company))
        return _COMMANDS[asked.command](company, asked)
    except _EXPLAINED as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_CONFIGURATION


def _add_serving(serve: argparse.ArgumentParser) -> None:
    """The three servers, each with the options that it has."""
    parts = serve.add_subparsers(dest="server", required=True)
    for name, part, port, what in (
        ("code", code, 4000, "runs the jobs; the other two ask it what there is"),
        ("web", web, 3000, "the web UI"),
        ("daemon", daemon, None, "starts what is due: the night, the build after it, the alerts"),
    ):
        server = parts.add_parser(name, help=what)
        if port:
            server.add_argument("--host", default="127.0.0.1", help="on which address it listens")
            server.add_argument("--port", type=int, default=port)
        if part is not code:
            server.add_argument("--code", default="127.0.0.1:4000", help="where `serve code` is")
        if part is web:
            server.add_argument("--path", default="", help="below which path a proxy shows it")
            server.add_argument("--read-only", action="store_true", help="nobody can start a run")
        server.set_defaults(part=part)


if __name__ == "__main__":
    sys.exit(main())
