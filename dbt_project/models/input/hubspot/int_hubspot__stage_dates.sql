-- When contacts and deals entered their stages last, as their own properties tell it.
with contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

parts as (
    select
        source,
        'contacts' as stream,
        'person' as subject_kind,
        id as subject,
        'lifecyclestage' as property,
        {{ split_to_rows('stages_entered', "';'") }} as part,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contacts
    where stages_entered is not null
    union all
    select
        source,
        'deals' as stream,
        'deal' as subject_kind,
        id as subject,
        'dealstage' as property,
        {{ split_to_rows('stages_entered', "';'") }} as part,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from deals
    where stages_entered is not null
),

cut as (
    select
        source,
        stream,
        subject_kind,
        subject,
        property,
        split_part(part, '=', 1) as value,
        replace(replace(split_part(part, '=', 2), 'T', ' '), 'Z', '') as told_at,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from parts
)

-- What is no time stays, undated, and is told among what is wrong with the source's records.
select
    source,
    stream,
    subject || '|' || property || '|' || value || '|entered' as record_key,
    subject_kind,
    subject,
    property,
    value,
    case
        when
            {{ matches_whole(
                'told_at',
                "'[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?'"
            ) }}
            then cast(told_at as timestamp)
    end as entered_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from cut
