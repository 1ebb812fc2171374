"""The commands of a production set-up: each is one that Tandem has, and listens on loopback."""

import re
import shlex
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from orchestration.__main__ import parser
from orchestration.serve import code, daemon, web

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = ("code", "daemon", "web", "migrate")


def _asked(*arguments: str) -> Namespace:
    return parser().parse_args(arguments)


def _compose() -> Any:
    return YAML(typ="safe").load(DEPLOY / "compose.yml")


def test_a_server_listens_on_loopback_unless_it_is_told_otherwise() -> None:
    for server in ("code", "web"):
        asked = _asked("serve", server)
        served = asked.part(asked)
        assert served[served.index("--host") + 1] == "127.0.0.1"


def test_the_page_and_the_daemon_ask_the_server_of_code_that_they_are_told_of() -> None:
    for part, name in ((web, "web"), (daemon, "daemon")):
        served = part(_asked("serve", name, "--code", "code:4001"))
        assert served[-4:] == ("--grpc-host", "code", "--grpc-port", "4001")


def test_the_server_of_code_knows_the_definitions() -> None:
    assert code(_asked("serve", "code"))[-2:] == ("--module-name", "orchestration.definitions")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_of_systemd_starts_a_command_that_there_is(unit: Path) -> None:
    text = unit.read_text()
    ports = dict(re.findall(r"(\w+_PORT)=(\d+)", text))
    started = [
        re.sub(r"\$\{(\w+)\}", lambda name: ports[name[1]], command)
        for command in re.findall(r"^ExecStart(?:Pre)?=(.+)$", text, re.MULTILINE)
    ]
    assert started
    for command in started:
        program, *arguments = shlex.split(command)
        assert program == "/opt/tandem/.venv/bin/python"
        assert arguments[:2] == ["-m", "orchestration"]
        assert _asked(*arguments[2:]).command in ("serve", "migrate")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_of_compose_starts_a_command_that_there_is(service: str) -> None:
    assert _asked(*_compose()["services"][service]["command"]).command in ("serve", "migrate")


def test_compose_shows_nothing_to_other_machines() -> None:
    services = _compose()["services"]
    shown = [port for service in services.values() for port in service.get("ports", ())]
    assert shown == ["127.0.0.1:3000:3000"]


def test_what_compose_names_is_there() -> None:
    compose = _compose()
    for name, service in compose["services"].items():
        for needed in service.get("depends_on", ()):
            assert needed in compose["services"], name
        assert set(service.get("secrets", ())) <= set(compose["secrets"]), name
        named = {volume.split(":")[0] for volume in service.get("volumes", ())}
        assert {v for v in named if not v.startswith(".")} <= set(compose["volumes"]), name
