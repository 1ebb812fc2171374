"""On a disk so full that not even the history of runs can be written, people are told of that."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.defs.failures import DISK_FULL
from tests.end_to_end.running import REPOSITORY
from tests.end_to_end.small_company import small_company
from tests.orchestration.alerts.receivers import webhook

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
ON_A_SMALL_DISK = 'mount -t tmpfs -o size=4m tmpfs "$1/data" && exec "$2" -m "$3" "$1"'


def _can_mount() -> bool:
    try:
        return subprocess.run([*IN_A_NAMESPACE, "true"], check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not _can_mount(), reason="this machine lets nobody mount a disk")
def test_a_night_on_a_full_disk_is_told_and_the_next_one_with_room_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_company(tmp_path).folder
    (folder / "data").mkdir()
    (folder / "operations.yml").write_text("alerts: {to: [{kind: webhook, url_variable: HOOK}]}")
    with webhook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        ran = subprocess.run(
            [
                *IN_A_NAMESPACE,
                *("sh", "-c", ON_A_SMALL_DISK, "sh"),
                *(str(folder), sys.executable, "tests.orchestration.full_disk"),
            ],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
    assert ran.returncode == 0, ran.stdout
    on_a_full_disk, with_room = ran.stdout.split("now there is room")
    assert DISK_FULL in on_a_full_disk
    assert "the night did its work" in with_room
    assert {"what": "nightly", "reason": DISK_FULL} in hook.posted[0]["troubles"]
