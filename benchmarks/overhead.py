"""Where the seconds of a night go in which nothing is new.

`python -m benchmarks.overhead` loads, builds and publishes the simulated company once in a folder
of its own, and then runs its night again, in which no record is new. A thread of that night looks
a hundred times a second at what the main one does, and counts the look for the first of PARTS that
is in its stack, the innermost call first. Seconds are told of the clock, where waiting for the
simulated company's servers counts for the load, and of the main thread's processor time, which
other work on the machine does not lengthen. `--data` keeps the folder, and takes the one that is
there.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
PARTS: Final = {
    "imports": ("<frozen importlib",),
    "the simulated company's servers start": ("orchestration/sandbox.py",),
    "dbt's project is read": ("warehouse/dbt_project.py", "publish/recipes.py"),
    "Dagster's definitions": ("orchestration/definitions.py", "definitions/resolved"),
    "load": ("orchestration/loading/", "connectors/"),
    "bind": ("warehouse/bind.py",),
    "report": ("orchestration/report/",),
    "publish": ("orchestration/publish/",),
    "Dagster's events and steps": ("dagster/",),
}
_EVERY_SECONDS: Final = 0.01


def part_of(frame: FrameType | None) -> str:
    """The part that a stack is in: that of its innermost call that is in any."""
    while frame is not None:
        file = frame.f_code.co_filename
        for part, files in PARTS.items():
            if any(name in file for name in files):
                return part
        frame = frame.f_back
    return "all else"


def watched_night() -> None:
    """Run a night in this process, and write how many seconds each part of it took."""
    began = time.monotonic()
    seconds: dict[str, float] = defaultdict(float)
    processor: dict[str, float] = defaultdict(float)
    watched = threading.get_ident()
    clock = time.pthread_getcpuclockid(watched)
    is_over = threading.Event()

    def look() -> None:
        then, used = began, time.clock_gettime(clock)
        while not is_over.wait(_EVERY_SECONDS):
            part = part_of(sys._current_frames().get(watched))
            now, using = time.monotonic(), time.clock_gettime(clock)
            seconds[part] += now - then
            processor[part] += using - used
            then, used = now, using

    thread = threading.Thread(target=look)
    thread.start()
    try:
        # A part of what is measured.
        from orchestration.__main__ import main  # noqa: PLC0415

        code = main(["run"])
    finally:
        is_over.set()
        thread.join()
    print("| part | seconds | processor |\n|---|---:|---:|")
    for part in sorted(seconds, key=seconds.__getitem__, reverse=True):
        print(f"| {part} | {seconds[part]:.1f} | {processor[part]:.1f} |")
    whole, used = sum(seconds.values()), sum(processor.values())
    print(f"| **the whole night** | {whole:.1f} | {used:.1f} |")
    sys.exit(code)


def main() -> None:
    """Make the company where it is not there yet, and watch a night of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="where the company's data is kept")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.watched:
        return watched_night()
    with tempfile.TemporaryDirectory() as scratch:
        data = asked.data or Path(scratch)
        environment = {**os.environ, "TANDEM_COMPANY": str(REPOSITORY), "TANDEM_DATA": str(data)}
        if not (data / "sandbox" / "published").exists():
            command = [sys.executable, "-m", "orchestration", "run"]
            subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)
        command = [sys.executable, "-m", "benchmarks.overhead", "--watched"]
        subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)
    return None


if __name__ == "__main__":
    main()
