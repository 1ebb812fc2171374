with companies as (
    select * from {{ ref('stg_hubspot__companies') }}
),

merged_parts as (
    select
        source,
        id as survivor,
        is_deleted,
        {{ split_to_rows('hs_merged_object_ids', "';'") }} as loser
    from companies
    where hs_merged_object_ids is not null
),

-- A survivor that still stands goes before one that was itself merged away since.
survivors as (
    select
        source,
        trim(loser) as loser,
        coalesce(min(case when not is_deleted then survivor end), min(survivor)) as survivor
    from merged_parts
    where trim(loser) <> survivor
    group by source, trim(loser)
)

select
    companies.source,
    'companies' as stream,
    companies.record_key,
    companies.id as record_id,
    companies.name,
    companies.domain,
    companies.salesforceaccountid as external_id,
    survivors.survivor as merged_into,
    companies.industry,
    companies.numberofemployees as employees,
    companies.country,
    companies.hs_parent_company_id as parent,
    companies.createdate as created_at,
    companies.origin,
    companies.loaded_at,
    companies.run_id,
    companies.is_deleted
from companies
left join survivors
    on companies.source = survivors.source and companies.id = survivors.loser
