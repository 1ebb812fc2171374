-- What ties a record to others: with all that it is tied to, and what that is tied to in turn, it
-- makes a piece of the funnel that depends on no other.
with persons as (
    select * from {{ ref('int_persons_checked') }}
),

accounts as (
    select * from {{ ref('int_accounts_checked') }}
),

deals as (
    select * from {{ ref('int_deals_checked') }}
),

deal_persons as (
    select * from {{ ref('int_deal_persons_checked') }}
),

deal_accounts as (
    select * from {{ ref('int_deal_accounts_checked') }}
),

touches as (
    select * from {{ ref('int_touches_checked') }}
    where person_key is not null and deal_key is not null
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
),

free_domains as (
    select {{ compose('domain') }} as domain
    from free_mail_domains
    group by {{ compose('domain') }}
),

other_addresses as (
    select
        person_key,
        {{ split_to_rows('other_emails', "';'") }} as address
    from persons
    where person_key is not null and other_emails is not null
),

other_mailboxes as (
    select
        person_key,
        {{ valid_email('trim(address)') }} as email
    from other_addresses
),

named_domains as (
    select
        'person ' || person_key as node,
        email_domain as full_domain
    from persons
    where person_key is not null and email_domain is not null
    union all
    select
        'account ' || account_key as node,
        domain as full_domain
    from accounts
    where account_key is not null and domain is not null
),

registered_domains as (
    select
        node,
        full_domain,
        {{ registrable_domain('full_domain') }} as domain
    from named_domains
),

own_domains as (
    select
        registered_domains.node,
        'domain ' || registered_domains.domain as tie
    from registered_domains
    left join free_domains as free_hosts on registered_domains.full_domain = free_hosts.domain
    left join free_domains as free_names on registered_domains.domain = free_names.domain
    where free_hosts.domain is null and free_names.domain is null
),

-- What each record names, or bears: a null ties nothing.
every_tie as (
    {% for kind, relation, tied_by, column in [
        ('person', 'persons', 'person', 'merged_into_key'),
        ('person', 'persons', 'person', 'converted_to_key'),
        ('person', 'persons', 'account', 'account_key'),
        ('person', 'persons', 'external person', 'external_id'),
        ('person', 'persons', 'mailbox', 'email_normalised'),
        ('account', 'accounts', 'account', 'merged_into_key'),
        ('account', 'accounts', 'account', 'parent_key'),
        ('account', 'accounts', 'external account', 'external_id'),
        ('deal', 'deals', 'account', 'account_key'),
        ('deal', 'deals', 'person', 'person_key'),
        ('deal', 'deals', 'external deal', 'external_id'),
        ('deal', 'deal_persons', 'person', 'person_key'),
        ('deal', 'deal_accounts', 'account', 'account_key'),
        ('deal', 'touches', 'person', 'person_key'),
    ] %}
        select
            '{{ kind }} ' || {{ kind }}_key as node,
            '{{ tied_by }} ' || {{ column }} as tie
        from {{ relation }}
        where {{ kind }}_key is not null and {{ column }} is not null
        union all
    {% endfor %}
    select
        'person ' || person_key as node,
        'mailbox ' || {{ mailbox('email') }} as tie
    from other_mailboxes
    where email is not null
    union all
    select
        node,
        tie
    from own_domains
)

select
    node,
    tie
from every_tie
group by node, tie
