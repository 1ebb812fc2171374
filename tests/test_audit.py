"""`make audit` finds a vulnerability that is known: its program, asked of a service on loopback."""

import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.end_to_end.running import REPOSITORY

pytestmark = pytest.mark.slow

# The package and the digest are made up: nothing is installed of what is audited.
PINNED = f"leftpad==1.0.0 --hash=sha256:{'0' * 64}\nsound==2.0.0 --hash=sha256:{'1' * 64}\n"


class _Osv(BaseHTTPRequestHandler):
    """Answers as OSV does: of one package one vulnerability is known."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {
            "id": "GHSA-aaaa-bbbb-cccc",
            "aliases": ["CVE-2026-0001"],
            "details": "It pads to the right.",
            "affected": [
                {
                    "package": {"ecosystem": "PyPI", "name": "leftpad"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "1.0.1"}]}],
                }
            ],
        }
        is_known = asked["package"]["name"] == "leftpad" and asked["version"] == "1.0.0"
        body = json.dumps({"vulns": [known]} if is_known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Osv) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


def _audit(folder: Path, service: str, pinned: str) -> subprocess.CompletedProcess[str]:
    """`make audit` of a lock of these lines, with another service to ask."""
    (folder / "tried.lock").write_text(pinned)
    return subprocess.run(
        [
            "make", "audit", f"LOCKS={folder / 'tried'}", "LOCK_FOLDER=",
            f"AUDIT_OPTIONS=--vulnerability-service osv --osv-url {service}",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_a_pin_with_a_known_vulnerability_is_told_and_fails_the_audit(
    tmp_path: Path, service: str
) -> None:
    audited = _audit(tmp_path, service, PINNED)
    told = audited.stdout + audited.stderr
    assert audited.returncode != 0, told
    assert "Found 1 known vulnerability in 1 package" in told
    assert "leftpad" in audited.stdout
    assert "1.0.1" in audited.stdout
    assert "sound" not in audited.stdout


def test_pins_of_which_none_is_known_pass_the_audit(tmp_path: Path, service: str) -> None:
    audited = _audit(tmp_path, service, PINNED.splitlines()[1] + "\n")
    assert audited.returncode == 0, audited.stdout + audited.stderr
