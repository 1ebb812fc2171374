"""Moments as people write them: a day, which stands for its end, or an instant."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from orchestration.warehouse.freshness import BindError


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant (naive, UTC) that a text names: `2026-06-30`, or `2026-06-30T12:00:00Z`.

    A day stands for its last microsecond in `zone`, the business time zone; so does the time of an
    instant that names no zone. Raises BindError where there is no such day or instant.
    """
    try:
        found = datetime.combine(date.fromisoformat(text), time.max)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise BindError(
                f"There is no such day as {text!r}. Write a day as 2026-06-30, or an instant as "
                "2026-06-30T12:00:00Z."
            ) from None
    return found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC).replace(tzinfo=None)


def name_of(instant: datetime, zone: ZoneInfo) -> str:
    """A name for files of an instant (naive, UTC): the day at whose end in `zone` it is, if any."""
    local = instant.replace(tzinfo=UTC).astimezone(zone)
    if local.time() == time.max:
        return f"{local:%Y-%m-%d}"
    return f"{instant:%Y%m%dT%H%M%S%fZ}"
