"""What ties rows of the lake to one another, as far as the models join them.

Two rows with a tie in common are of one piece, and so are those that they are tied to in turn. What
a model makes of one piece must not depend on any other. Ties that are too coarse only make the
pieces larger; one too few makes wrong tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ENGAGEMENTS: Final = ("calls", "emails", "meetings", "tasks")


@dataclass(frozen=True)
class Tied:
    """How the rows of a relation are tied, as SQL over its columns.

    `own` is what versions of one record share. `ties` are lists of what tells of other records.
    `asks` are records of what is read whole: whoever asks for one that changed, changed.
    """

    own: str
    ties: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    """A relation that every night reads whole, since it is small and told of by all.

    `named` is what others ask for, as SQL of a list, where only those who ask are touched by a
    change; without it, a change touches everybody. Where `is_apart`, no table by records reads it.
    """

    named: str | None = None
    is_apart: bool = False


def _named(kind: str, column: str) -> str:
    return f"source || ' {kind} ' || {_said(column)}"


def _one(kind: str, column: str) -> str:
    return f"[{_named(kind, column)}]"


def _several(kind: str, column: str) -> str:
    return f"list_transform(string_split({column}, ';'), lambda one: {_named(kind, 'one')})"


def _mail(column: str) -> str:
    return f"['mail ' || lower({_said(column)})]"


def _mails(column: str) -> str:
    return (
        f"list_transform(string_split({column}, ';'), lambda one: 'mail ' || lower({_said('one')}))"
    )


def _salesforce(column: str) -> str:
    # HubSpot keeps ids of 15 or 18 characters; the last three only check the others.
    return f"['salesforce ' || substr({_said(column)}, 1, 15)]"


def _said(column: str) -> str:
    """What a column says; null where it says nothing, which ties nobody to anybody."""
    return f"nullif(trim({column}), '')"


def _sends(column: str) -> str:
    """Of a list in JSON, of ids that are numbers."""
    ids = f"string_split(regexp_replace({column}, '[\\[\\]\"]', '', 'g'), ',')"
    return f"list_transform({ids}, lambda one: {_named('send', 'one')})"


def _record(relation: str) -> str:
    return f"source || ' {relation} record ' || _record_id"


def _hubspot() -> dict[str, Tied | Whole]:
    def tied(stream: str, *ties: str, asks: tuple[str, ...] = ()) -> Tied:
        return Tied(_record(stream), ties, asks)

    def associated(kind: str) -> tuple[str, str]:
        other = "[source || ' ' || to_type || ' ' || to_id]"
        return _one(kind, "from_id"), other

    streams: dict[str, Tied | Whole] = {
        "contacts": tied(
            "contacts",
            _one("contacts", "id"),
            _one("companies", "associatedcompanyid"),
            _several("contacts", "hs_merged_object_ids"),
            _mail("email"),
            _mails("hs_additional_emails"),
            _salesforce("salesforceleadid"),
            _salesforce("salesforcecontactid"),
        ),
        "contact_history": tied("contact_history", _one("contacts", "contact_id")),
        "companies": tied(
            "companies",
            _one("companies", "id"),
            _one("companies", "hs_parent_company_id"),
            _several("companies", "hs_merged_object_ids"),
            _salesforce("salesforceaccountid"),
        ),
        "deals": tied(
            "deals",
            _one("deals", "id"),
            _one("companies", "hs_primary_associated_company"),
            _several("deals", "hs_merged_object_ids"),
            _salesforce("hs_salesforceopportunityid"),
        ),
        "deal_history": tied("deal_history", _one("deals", "deal_id")),
        "deal_associations": tied("deal_associations", *associated("deals")),
        "email_events": tied(
            "email_events", _mail("recipient"), asks=(_named("send", "email_campaign_id"),)
        ),
        "form_submissions": tied(
            "form_submissions", _mail("email"), asks=(_named("FORM", "form_id"),)
        ),
        "marketing_event_participations": tied(
            "marketing_event_participations",
            _one("contacts", "contact_id"),
            _mail("email"),
            asks=(_named("MARKETING_EVENT", "event_id"),),
        ),
        "marketing_emails": Whole(_sends("email_campaign_ids")),
        "marketing_events": Whole(_one("MARKETING_EVENT", "id")),
        "forms": Whole(_one("FORM", "id")),
        "campaign_assets": Whole("[source || ' ' || asset_type || ' ' || asset_id]"),
        "campaigns": Whole(is_apart=True),
        "campaign_spend": Whole(is_apart=True),
        "owners": Whole(),
        "pipeline_stages": Whole(),
    }
    for kind in _ENGAGEMENTS:
        streams[kind] = tied(kind, _one(kind, "id"))
        stream = f"{kind.removesuffix('s')}_associations"
        streams[stream] = tied(stream, *associated(kind))
    return streams


def _salesforce_streams() -> dict[str, Tied | Whole]:
    def tied(stream: str, *columns: str, mail: bool = False, asks: tuple[str, ...] = ()) -> Tied:
        ties = tuple(_salesforce(column) for column in columns)
        return Tied(_record(stream), (*ties, _mail("email")) if mail else ties, asks)

    return {
        "accounts": tied("accounts", "id", "master_record_id", "parent_id"),
        "contacts": tied("contacts", "id", "master_record_id", "account_id", mail=True),
        "leads": tied(
            "leads",
            "id",
            "master_record_id",
            "converted_account_id",
            "converted_contact_id",
            "converted_opportunity_id",
            mail=True,
        ),
        "lead_history": tied("lead_history", "lead_id"),
        "opportunities": tied("opportunities", "id", "account_id", "contact_id"),
        "opportunity_contact_roles": tied(
            "opportunity_contact_roles", "opportunity_id", "contact_id"
        ),
        "opportunity_history": tied("opportunity_history", "opportunity_id"),
        "opportunity_field_history": tied("opportunity_field_history", "opportunity_id"),
        "tasks": tied("tasks", "id", "who_id", "what_id", "account_id"),
        "events": tied("events", "id", "who_id", "what_id", "account_id"),
        "campaign_members": tied(
            "campaign_members", "lead_id", "contact_id", asks=(_named("campaign", "campaign_id"),)
        ),
        "campaigns": Whole(_one("campaign", "id")),
        "users": Whole(),
        "user_roles": Whole(),
        "currency_types": Whole(is_apart=True),
        "dated_conversion_rates": Whole(is_apart=True),
    }


def _files() -> dict[str, Tied | Whole]:
    def tied(entity: str, *ties: str) -> Tied:
        same_record = f"[source || ' {entity} key ' || record_key]"
        return Tied("source || ' ' || stream || ' row ' || _record_id", (same_record, *ties))

    person, deal, account = _one("person", "person"), _one("deal", "deal"), "account"
    subject = f"[source || ' ' || subject_kind || ' ' || {_said('subject')}]"
    return {
        "persons": tied(
            "persons",
            _one("person", "record_id"),
            _one("person", "merged_into"),
            _one("person", "converted_to"),
            _one(account, "account"),
            _mail("email"),
            _mails("other_emails"),
        ),
        "accounts": tied(
            "accounts",
            _one(account, "record_id"),
            _one(account, "merged_into"),
            _one(account, "parent"),
        ),
        "deals": tied("deals", _one("deal", "record_id"), _one(account, "account"), person),
        "deal_persons": tied("deal_persons", deal, person),
        "deal_accounts": tied("deal_accounts", deal, _one(account, "account")),
        "deal_amounts": tied("deal_amounts", deal),
        "stage_changes": tied("stage_changes", subject),
        "owner_changes": tied("owner_changes", subject),
        "touches": tied("touches", person, deal),
        "rejects": Tied("source || ' ' || stream || ' row ' || source_record_id"),
        "users": Whole(),
        "campaigns": Whole(is_apart=True),
        "spend": Whole(is_apart=True),
        "exchange_rates": Whole(is_apart=True),
    }


TIES: Final[Mapping[tuple[str, str], Tied | Whole]] = {
    **{("bound_hubspot", name): how for name, how in _hubspot().items()},
    **{("bound_salesforce", name): how for name, how in _salesforce_streams().items()},
    **{("raw_files", name): how for name, how in _files().items()},
}
"""How every relation of the lake that a model may read is tied, by schema and name."""
