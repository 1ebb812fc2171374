with persons as (
    select * from {{ ref('input_persons') }}
),

phones as (
    select * from {{ ref('int_person_phone') }}
),

-- Whoever was merged into one record is one person, whether that record itself was loaded or not.
merged as (
    select
        person_key,
        merged_into_key as shared_value
    from persons
    where merged_into_key is not null
),

converted as (
    select
        person_key,
        converted_to_key as shared_value
    from persons
    where converted_to_key is not null
),

merge_targets as (
    select persons.person_key
    from persons
    inner join merged on persons.person_key = merged.shared_value
    group by persons.person_key
),

conversion_targets as (
    select persons.person_key
    from persons
    inner join converted on persons.person_key = converted.shared_value
    group by persons.person_key
),

other_addresses as (
    select
        person_key,
        {{ split_to_rows('other_emails', "';'") }} as address
    from persons
    where other_emails is not null
),

valid_addresses as (
    select
        person_key,
        {{ valid_email('trim(address)') }} as email
    from other_addresses
),

mailboxes as (
    select
        person_key,
        email_normalised as mailbox
    from persons
    where email_normalised is not null
    union all
    select
        person_key,
        {{ mailbox('email') }} as mailbox
    from valid_addresses
    where email is not null
),

borne as (
    select
        person_key,
        'merge' as rule,
        {{ rule_order('merge') }} as rule_order,
        shared_value
    from merged
    where shared_value <> person_key
    union all
    select
        person_key,
        'merge' as rule,
        {{ rule_order('merge') }} as rule_order,
        person_key as shared_value
    from merge_targets
    union all
    select
        person_key,
        'conversion' as rule,
        {{ rule_order('conversion') }} as rule_order,
        shared_value
    from converted
    where shared_value <> person_key
    union all
    select
        person_key,
        'conversion' as rule,
        {{ rule_order('conversion') }} as rule_order,
        person_key as shared_value
    from conversion_targets
    union all
    select
        person_key,
        'external_id' as rule,
        {{ rule_order('external_id') }} as rule_order,
        external_id as shared_value
    from persons
    where external_id is not null
    union all
    select
        person_key,
        'email' as rule,
        {{ rule_order('email') }} as rule_order,
        mailbox as shared_value
    from mailboxes
    group by person_key, mailbox
    union all
    select
        person_key,
        'phone' as rule,
        {{ rule_order('phone') }} as rule_order,
        e164 as shared_value
    from phones
    where e164 is not null
)

select
    person_key,
    rule,
    rule_order,
    shared_value,
    count(*) over (partition by rule, shared_value) as n_records
from borne
