"""The agreement of marketing and sales, typed and validated."""

from orchestration.agreement.agreement import Agreement, agreement_of_text, load_agreement
from orchestration.agreement.hours import BusinessDuration, BusinessHours
from orchestration.agreement.ladder import EXITS, Exit, Stage, WordsInUse

__all__ = [
    "EXITS",
    "Agreement",
    "BusinessDuration",
    "BusinessHours",
    "Exit",
    "Stage",
    "WordsInUse",
    "agreement_of_text",
    "load_agreement",
]
