"""What a person is told when something goes wrong, and how it reaches them."""

from orchestration.alerts.alert import (
    Alert,
    Trouble,
    alert_of_failure,
    alert_of_late_tables,
    alert_of_red_checks,
)
from orchestration.alerts.send import AlertNotSent, send_alert

__all__ = [
    "Alert",
    "AlertNotSent",
    "Trouble",
    "alert_of_failure",
    "alert_of_late_tables",
    "alert_of_red_checks",
    "send_alert",
]
