"""Write the simulated company's exports and truth into a folder, unless they are there already."""

import json
import shutil
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from connectors.errors import PermanentError
from connectors.sandbox.ads_exports import write_ads, write_rates
from connectors.sandbox.crm_exports import write_crm, write_users
from connectors.sandbox.faults import Faults
from connectors.sandbox.formats import Exports
from connectors.sandbox.history import histories
from connectors.sandbox.marketing_exports import write_campaigns, write_marketing
from connectors.sandbox.parameters import GENERATOR_VERSION, Parameters
from connectors.sandbox.records import make_records
from connectors.sandbox.staff import make_staff
from connectors.sandbox.truth import write_truth
from connectors.sandbox.world import make_world

FINGERPRINT: Final = "simulated.json"
"""In the truth's folder: what the history was drawn from, and how many rows each file has."""

_UNFINISHED: Final = ".unfinished"


@dataclass(frozen=True)
class Simulated:
    """A simulated history: what it was drawn from, rows of each file, and whether it is new."""

    parameters: Parameters
    rows: dict[str, int]
    is_new: bool


def simulate(parameters: Parameters, folder: Path) -> Simulated:
    """Write `folder/exports` and `folder/truth`, unless they hold that history already.

    Where they hold the same company's history up to an earlier day, it is extended: what happened
    stays as it was, and its first day too. Files that do not change keep their modification time.

    Raises PermanentError where they hold another company's history: what was loaded of that one
    would mix with this one's.
    """
    fingerprint = folder / "truth" / FINGERPRINT
    found = _read(fingerprint)
    parameters = (_continued(parameters, found, folder) if found else parameters).anchored()
    wanted = _as_json(parameters)
    if found and found["parameters"] == wanted and found["is_complete"]:
        return Simulated(parameters, found["rows"], is_new=False)
    unfinished = folder / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    rows = _write(parameters, unfinished)
    mark = {"generator": GENERATOR_VERSION, "parameters": wanted, "rows": rows}
    # What is cut off between the two is told by it, and is written anew.
    _write_json(fingerprint, mark | {"is_complete": False})
    for part in ("exports", "truth"):
        _replace(unfinished / part, folder / part)
    _write_json(fingerprint, mark | {"is_complete": True})
    shutil.rmtree(unfinished)
    return Simulated(parameters, rows, is_new=True)


def _write(parameters: Parameters, folder: Path) -> dict[str, int]:
    world = make_world(parameters)
    faults = Faults(world)
    with Exports(folder / "exports") as exports, Exports(folder / "truth") as truth:
        write_users(exports, make_staff(world), world)
        write_campaigns(exports, world)
        write_ads(exports, world)
        write_rates(exports, world)
        for history in histories(world):
            records = make_records(history)
            write_marketing(exports, history, records, faults)
            write_crm(exports, history, records, faults)
            write_truth(truth, history, records)
        truth.append("faults.parquet", faults.table())
        truth.append("parameters.parquet", pa.Table.from_pylist([_as_json(parameters)]))
        return dict(sorted({**exports.rows, **truth.rows}.items()))


def _replace(new: Path, old: Path) -> None:
    """Put the new files in the place of the old ones; the same bytes stay untouched."""
    files = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
    for path in sorted(old.rglob("*")):
        if path.is_file() and path.relative_to(old) not in files and path.name != FINGERPRINT:
            path.unlink()
    for name in sorted(files):
        target = old / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != (new / name).read_bytes():
            (new / name).replace(target)


def _continued(parameters: Parameters, found: dict[str, Any], folder: Path) -> Parameters:
    """The parameters with the first day of the history that they repeat or extend."""
    held = found["parameters"]
    since = parameters.since or date.fromisoformat(held["since"])
    wanted = replace(parameters, since=since)
    differs = [name for name, value in _as_json(wanted).items() if held.get(name) != value]
    if parameters.until >= date.fromisoformat(held["until"]):
        differs = [name for name in differs if name != "until"]
    if found["generator"] != GENERATOR_VERSION:
        differs.append("the generator's version")
    if differs:
        raise PermanentError(
            f"there is another simulated company already, which differs in {', '.join(differs)}",
            where=str(folder),
            fix="Remove that folder, and all that was loaded from it, to start afresh; "
            "a later `until` alone goes on with the company that is there",
        )
    return wanted


def _as_json(parameters: Parameters) -> dict[str, Any]:
    values = asdict(parameters)
    return {f.name: _plain(values[f.name]) for f in fields(Parameters)}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _read(path: Path) -> dict[str, Any] | None:
    """What the folder was drawn from; None where nothing was written yet."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
