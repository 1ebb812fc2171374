{%- set told = ['full_name', 'email', 'phone', 'company_name', 'country'] -%}
with persons as (
    select * from {{ ref('input_persons') }}
),

person_links as (
    select * from {{ ref('int_person_link') }}
),

person_accounts as (
    select * from {{ ref('int_person_account') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- The record that speaks first for a prospect: one that is still there and was not made into
-- another, then the earliest.
ranked as (
    select
        person_links.prospect_id,
        persons.person_key,
        persons.full_name,
        persons.email,
        persons.phone,
        persons.company_name,
        persons.country,
        persons.lead_source,
        persons.campaign_key,
        persons.owner_key,
        persons.created_at,
        persons.is_deleted,
        person_accounts.account_id,
        person_accounts.account_by,
        row_number() over (
            partition by person_links.prospect_id
            order by
                case when persons.is_deleted then 1 else 0 end asc nulls last,
                case
                    when persons.merged_into_key is null and persons.converted_to_key is null then 0
                    else 1
                end asc nulls last,
                persons.created_at asc nulls last,
                persons.person_key asc nulls last
        ) as record_rank,
        row_number() over (
            partition by person_links.prospect_id
            order by persons.created_at asc nulls last, persons.person_key asc nulls last
        ) as age_rank
    from persons
    inner join person_links on persons.person_key = person_links.person_key
    left join person_accounts on persons.person_key = person_accounts.person_key
),

firsts as (
    select
        prospect_id,
        count(*) as n_records,
        min(created_at) as created_at,
        min(case when is_deleted then 1 else 0 end) as is_gone,
        {% for field in told %}
            min(case when {{ field }} is not null then record_rank end) as {{ field }}_rank,
        {% endfor %}
        min(case when owner_key is not null then record_rank end) as owner_rank,
        min(case when account_by = 'crm' then record_rank end) as crm_rank,
        min(case when account_by = 'record' then record_rank end) as company_rank,
        min(case when account_by = 'domain' then record_rank end) as domain_rank,
        min(case when lead_source is not null then age_rank end) as lead_source_rank,
        min(case when campaign_key is not null then age_rank end) as campaign_rank
    from ranked
    group by prospect_id
),

prospects as (
    select
        firsts.prospect_id,
        firsts.n_records,
        firsts.created_at,
        firsts.is_gone = 1 as is_deleted,
        max(case when ranked.record_rank = 1 then ranked.person_key end) as person_key,
        {% for field in told %}
            max(
                case when ranked.record_rank = firsts.{{ field }}_rank then ranked.{{ field }} end
            ) as {{ field }},
        {% endfor %}
        max(case when ranked.record_rank = firsts.owner_rank then ranked.owner_key end) as owner_id,
        max(
            case
                when
                    ranked.record_rank
                    = coalesce(firsts.crm_rank, firsts.company_rank, firsts.domain_rank)
                    then ranked.account_id
            end
        ) as account_id,
        max(case when ranked.age_rank = firsts.lead_source_rank then ranked.lead_source end)
            as lead_source,
        max(case when ranked.age_rank = firsts.campaign_rank then ranked.campaign_key end)
            as campaign_id
    from firsts
    inner join ranked on firsts.prospect_id = ranked.prospect_id
    group by firsts.prospect_id, firsts.n_records, firsts.created_at, firsts.is_gone
)

select
    prospects.prospect_id,
    prospects.person_key,
    prospects.full_name,
    prospects.email,
    prospects.phone,
    prospects.company_name,
    prospects.account_id,
    prospects.country,
    case
        when settings.segment_by is null then 'all'
        when settings.segment_by = 'person.country' then coalesce(prospects.country, 'unknown')
        when settings.segment_by = 'person.lead_source'
            then coalesce(prospects.lead_source, 'unknown')
        else coalesce(accounts.segment, 'unknown')
    end as segment,
    prospects.lead_source,
    prospects.campaign_id,
    prospects.owner_id,
    prospects.created_at,
    prospects.n_records,
    prospects.is_deleted
from prospects
cross join settings
left join accounts on prospects.account_id = accounts.account_id
