"""Write what the exports tell into a store that may hold an earlier night's."""

from dataclasses import dataclass, field

import orjson

from connectors.sandbox.hubspot.kinds import KINDS
from connectors.sandbox.hubspot.records import Past, Snapshot, Values, is_system, packed
from connectors.sandbox.hubspot.store import Store


@dataclass
class Wanted:
    """A record as the exports tell it; times are milliseconds."""

    id: int
    values: Values
    created: int
    modified: int = 0
    pasts: dict[str, list[Past]] = field(default_factory=dict)

    def become(self, name: str, past: Past) -> None:
        """Let a property become a value: what comes later is told later."""
        self.pasts.setdefault(name, []).append(past)
        self.values[name] = past.value or None
        self.modified = max(self.modified, past.at)


def write(store: Store, kind: str, wanted: Wanted) -> None:
    """Hold a record as the exports tell it.

    One that is held so already is left alone. One that changed was modified when the exports say;
    where they tell no later date than the one that is known, it is modified now.
    """
    unknown = [
        n for n in wanted.values if n not in store.properties[kind] or is_system(KINDS[kind], n)
    ]
    if unknown:
        raise KeyError(f"no properties of {kind}: {', '.join(unknown)}")
    with store.lock:
        now_packed = packed(dict(sorted(wanted.values.items())))
        held = store.records[kind].by_id.get(wanted.id)
        modified = max(wanted.created, wanted.modified)
        if held is not None:
            if held.packed == now_packed or held.values == orjson.loads(now_packed):
                return
            if modified <= held.modified:
                modified = store.clock.milliseconds()
        snapshot = Snapshot(wanted.id, now_packed, wanted.created, modified)
        store.put(kind, snapshot, wanted.pasts)
