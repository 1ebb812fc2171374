"""The agreement of marketing and sales, typed and validated."""

from orchestration.agreement.agreement import Agreement, load_agreement
from orchestration.agreement.hours import BusinessDuration, BusinessHours
from orchestration.agreement.ladder import EXITS, TANDEM_VOCABULARY, Exit, Stage

__all__ = [
    "EXITS",
    "TANDEM_VOCABULARY",
    "Agreement",
    "BusinessDuration",
    "BusinessHours",
    "Exit",
    "Stage",
    "load_agreement",
]
