-- A deal that stands in several systems is one: the record of the system whose own id they share.
with deals as (
    select * from {{ ref('int_deals_checked') }}
),

ranked as (
    select
        deal_key,
        external_id,
        row_number() over (
            partition by external_id
            order by
                case when record_id like external_id || '%' then 0 else 1 end asc nulls last,
                source asc nulls last,
                deal_key asc nulls last
        ) as place
    from deals
    where external_id is not null and not is_deleted and fault_reason is null
),

originals as (
    select
        deal_key,
        external_id
    from ranked
    where place = 1
)

select
    ranked.deal_key,
    originals.deal_key as same_as_key,
    'external_id' as found_by
from ranked
inner join originals on ranked.external_id = originals.external_id
where ranked.place > 1
