-- Why leads and opportunities left the ladder.
with claims as (
    select * from {{ ref('int_salesforce__stage_claims') }}
),

history as (
    select * from {{ ref('stg_salesforce__lead_history') }}
),

leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
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
        history.lead_id as subject,
        history.new_value as value,
        history.old_value as previous_value,
        history.created_date as changed_at,
        history.record_key as nth
    from history
    cross join clock
    inner join chosen_fields
        on
            history.source = chosen_fields.source
            and chosen_fields.stream = 'lead_history'
            and lower(history.field) = lower(chosen_fields.field)
    where history.created_date <= clock.as_of
),

present_reasons as (
    select
        source,
        'person' as subject_kind,
        id as subject,
        disqualification_reason as value
    from leads
    union all
    select
        source,
        'deal' as subject_kind,
        id as subject,
        close_reason as value
    from opportunities
),

{{ exit_reasons() }}

select
    source,
    record_key,
    reason
from exit_reasons
where reason is not null
