with persons as (
    {{ recorded('persons', [
        'source', 'stream', 'record_key', 'record_id', 'email', 'other_emails', 'phone',
        'full_name', 'external_id', 'merged_into', 'converted_to', 'account', 'company_name', 'country',
        'lead_source', 'campaign', 'owner', 'created_at', 'origin', 'first_loaded_at', 'loaded_at',
        'run_id', 'is_deleted',
    ]) }}
),

with_email as (
    select
        source,
        stream,
        record_key,
        record_id,
        {{ valid_email('email') }} as email,
        other_emails,
        phone,
        full_name,
        external_id,
        merged_into,
        converted_to,
        account,
        company_name,
        country,
        lead_source,
        campaign,
        owner,
        created_at,
        origin,
        first_loaded_at,
        loaded_at,
        run_id,
        is_deleted
    from persons
)

select
    {{ key(['source', 'record_id']) }} as person_key,
    source,
    stream,
    record_key as source_record_id,
    email,
    {{ mailbox('email') }} as email_normalised,
    {{ email_domain('email') }} as email_domain,
    other_emails,
    {{ phone_number('phone') }} as phone,
    full_name,
    external_id,
    {{ reference_key('source', 'merged_into') }} as merged_into_key,
    {{ reference_key('source', 'converted_to') }} as converted_to_key,
    {{ reference_key('source', 'account') }} as account_key,
    company_name,
    country,
    lead_source,
    campaign,
    {{ reference_key('source', 'campaign') }} as campaign_key,
    {{ reference_key('source', 'owner') }} as owner_key,
    created_at,
    is_deleted,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    {{ fault_columns([missing('record_id'), in_the_future('created_at', 'loaded_at')]) }}
from with_email
