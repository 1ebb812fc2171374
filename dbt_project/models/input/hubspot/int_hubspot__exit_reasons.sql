-- Why contacts and deals left the ladder.
with claims as (
    select * from {{ ref('int_hubspot__stage_claims') }}
),

history as (
    select * from {{ ref('stg_hubspot__contact_history') }}
),

contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

chosen_fields as (
    select * from {{ source('bound', 'chosen_fields') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

told_reasons as (
    select
        history.source,
        'person' as subject_kind,
        history.contact_id as subject,
        history.value,
        cast(null as string) as previous_value,
        history.changed_at,
        history.nth
    from history
    cross join clock
    inner join chosen_fields
        on
            history.source = chosen_fields.source
            and chosen_fields.stream = 'contact_history'
            and history.property = chosen_fields.field
    where history.changed_at <= clock.as_of
),

present_reasons as (
    select
        source,
        'person' as subject_kind,
        id as subject,
        disqualification_reason as value
    from contacts
    union all
    select
        source,
        'deal' as subject_kind,
        id as subject,
        closed_lost_reason as value
    from deals
),

{{ exit_reasons() }}

select
    source,
    record_key,
    reason
from exit_reasons
where reason is not null
