with users as (
    {{ recorded('users', [
        'source', 'stream', 'record_key', 'record_id', 'full_name', 'email', 'role',
        'role_vocabulary', 'valid_from', 'valid_to', 'origin', 'loaded_at', 'run_id',
        'is_deleted',
    ]) }}
),

team_words as (
    select * from {{ source('agreement', 'team_words') }}
),

-- What a user did stays their team's work after the user is gone; a span that was taken back while
-- others of the same user stand is void.
with_live_spans as (
    select
        source,
        stream,
        record_key,
        record_id,
        full_name,
        email,
        role,
        role_vocabulary,
        valid_from,
        valid_to,
        is_deleted,
        origin,
        loaded_at,
        run_id,
        sum(case when is_deleted then 0 else 1 end) over (
            partition by source, record_id
        ) as n_live_spans
    from users
)

select
    {{ key(['users.source', 'users.record_key']) }} as user_validity_key,
    {{ key(['users.source', 'users.record_id']) }} as user_key,
    users.source,
    users.stream,
    users.record_key as source_record_id,
    users.full_name,
    {{ valid_email('users.email') }} as email,
    users.role,
    team_words.team,
    users.valid_from,
    users.valid_to,
    users.is_deleted,
    users.origin,
    users.loaded_at,
    users.run_id,
    {{ fault_columns([
        missing('users.record_id'),
        {
            'when': 'users.is_deleted and users.n_live_spans > 0', 'reason': 'taken_back',
            'detail': "'the source took this span back, others of the same user stand'",
        },
        {
            'when': 'users.valid_to <= users.valid_from', 'reason': 'ends_before_it_starts',
            'detail': "'valid from ' || cast(users.valid_from as string)"
                ~ " || ' to ' || cast(users.valid_to as string)",
        },
    ]) }}
from with_live_spans as users
left join team_words
    on
        users.role_vocabulary = team_words.vocabulary
        and {{ word('users.role') }} = {{ word('team_words.word') }}
