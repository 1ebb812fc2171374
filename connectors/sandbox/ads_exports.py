"""What advertising cost, day by day, and what foreign money was worth."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from connectors.sandbox.calendar import DAY, day_number
from connectors.sandbox.draws import Floats, Ints, whole
from connectors.sandbox.formats import Exports, money
from connectors.sandbox.parameters import SEASON
from connectors.sandbox.world import PAID_SEARCH, PAID_SOCIAL, VARIANTS, World

_SEARCH_A_PROSPECT: Final = 34.0
_SOCIAL_A_PROSPECT: Final = 26.0
_DAYS_A_MONTH: Final = 30.4
_WEEKEND: Final = 0.45
_SATURDAY: Final = 5

# US dollars for one of each, on average, and by how much it swings.
_RATES: Final = (("EUR", 1.10, 0.04), ("GBP", 1.28, 0.05))
_WEEKS_A_NODE: Final = 3


def write_ads(exports: Exports, world: World) -> None:
    """Spend of each campaign and day: search in euros, with decimal commas; social in dollars."""
    first, days = world.start // DAY, (world.end - world.start) // DAY
    calendar = [date(1970, 1, 1) + timedelta(days=first + step) for step in range(days)]
    weights = np.array(
        [
            SEASON[day.month - 1] / 100 * (_WEEKEND if day.weekday() >= _SATURDAY else 1.2)
            for day in calendar
        ]
    )
    rate = world.parameters.prospects / world.parameters.months / _DAYS_A_MONTH
    months = sorted({f"{day:%Y-%m}" for day in calendar})
    search = _cents(world, "search", weights * rate * _SEARCH_A_PROSPECT)
    social = _cents(world, "social", weights * rate * _SOCIAL_A_PROSPECT)
    for month in months:
        rows = [place for place, day in enumerate(calendar) if f"{day:%Y-%m}" == month]
        lines = [(calendar[place], v, place) for place in rows for v in range(VARIANTS)]
        cost = [int(search[place, v]) for _, v, place in lines]
        exports.append(
            f"ads/search/{month}.csv",
            pa.table(
                {
                    "Tag": [f"{day:%d.%m.%Y}" for day, _, _ in lines],
                    "Kampagne": [_campaign(PAID_SEARCH, day, v) for day, v, _ in lines],
                    "Klicks": [cents // 310 for cents in cost],
                    "Kosten": [_german(cents) for cents in cost],
                    "Währung": ["EUR"] * len(lines),
                }
            ),
            delimiter=";",
        )
        cost = [int(social[place, v]) for _, v, place in lines]
        exports.append(
            f"ads/social/{month}.parquet",
            pa.table(
                {
                    "date": pa.array([day for day, _, _ in lines], pa.date32()),
                    "campaign_id": [_campaign(PAID_SOCIAL, day, v) for day, v, _ in lines],
                    "clicks": pa.array([cents // 420 for cents in cost], pa.int64()),
                    "spend": money(np.array(cost, dtype=np.int64)),
                    "currency": ["USD"] * len(lines),
                }
            ),
        )


def _cents(world: World, purpose: str, mean: Floats) -> Ints:
    keys = (world.start // DAY + np.arange(len(mean)))[:, None] * VARIANTS + np.arange(VARIANTS)
    noise = 0.7 + 0.6 * world.draw(f"spend {purpose}", keys)
    return whole(mean[:, None] / VARIANTS * noise * 100)


def _campaign(channel: int, day: date, variant: int) -> str:
    quarter = (day.year - 1970) * 4 + (day.month - 1) // 3
    return f"C{(channel * 10_000 + quarter) * VARIANTS + variant}"


def _german(cents: int) -> str:
    thousands = f"{cents // 100:,}".replace(",", ".")
    return f"{thousands},{cents % 100:02d}"


def write_rates(exports: Exports, world: World) -> None:
    """What a euro and a pound were worth in dollars, every day from a month before the history."""
    first = world.start // DAY - 31
    last = day_number(world.parameters.until)
    days = np.arange(first, last + 1, dtype=np.int64)
    node, part = days // (7 * _WEEKS_A_NODE), (days % (7 * _WEEKS_A_NODE)) / (7.0 * _WEEKS_A_NODE)
    text = np.datetime_as_string((days * DAY).astype("datetime64[s]"), unit="D").tolist()
    rows: list[tuple[str, str, str]] = []
    for currency, middle, swing in _RATES:
        low = world.draw(f"rate {currency}", node)
        high = world.draw(f"rate {currency}", node + 1)
        rate = middle + swing * (2.0 * (low + part * (high - low)) - 1.0)
        pips = whole(rate * 10_000)
        rows += [
            (day, currency, f"{pip // 10_000}.{pip % 10_000:04d}")
            for day, pip in zip(text, pips.tolist(), strict=True)
        ]
    exports.append(
        "finance/exchange_rates.csv",
        pa.table(
            {
                name: [row[place] for row in rows]
                for place, name in enumerate(("day", "currency", "usd"))
            }
        ),
    )
