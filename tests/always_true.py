"""The promises that docs/truth.md makes of every funnel, and the data tests that hold them."""

import json
import re
from pathlib import Path

_ROW = re.compile(r"^\| ([^|]+) \| `(\w+)` \|$", re.MULTILINE)


def promises(repository: Path) -> dict[str, str]:
    """Each promise with the name of its data test, as the page's first table has them."""
    page = (repository / "docs" / "truth.md").read_text()
    return dict(_ROW.findall(page))


def kept(state: Path, repository: Path) -> dict[str, str]:
    """What the last build of a company says of the test of each promise: `good`, if it passed."""
    tests = json.loads((state / "gate.json").read_text())["tests"].values()
    ended = {test["name"]: test["status"] for test in tests}
    return {name: ended.get(name, "not run") for name in promises(repository).values()}
