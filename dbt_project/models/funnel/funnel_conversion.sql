-- Of those that entered a stage in a month, how many went on, left, or are still there.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts or evidence = 'inferred'
),

campaigns as (
    select * from {{ ref('dim_campaign') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- From here on a stage is a deal's: a deal with several contacts is in it once.
deal_stages as (
    select
        coalesce(
            min(case when stage = 'opportunity' then stage_order end), max(stage_order)
        ) as first_order
    from stages
),

-- Each journey's first entry to each stage; a member journey of a deal has its own part alone.
entries as (
    select
        events.journey_id,
        events.stage,
        stages.stage_order,
        events.counts as is_observed,
        min(events.occurred_at) as entered_at
    from events
    inner join stages on events.stage = stages.stage
    inner join journeys on events.journey_id = journeys.journey_id
    cross join deal_stages
    where
        journeys.is_primary
        or (
            events.counts
            and not events.is_of_deal
            and stages.stage_order < deal_stages.first_order
        )
    group by events.journey_id, events.stage, stages.stage_order, events.counts
),

-- The last time that each journey entered each stage, through a deal that it is a member of too.
last_entries as (
    select
        events.journey_id,
        stages.stage_order,
        max(events.occurred_at) as entered_at
    from events
    inner join stages on events.stage = stages.stage
    where events.counts
    group by events.journey_id, stages.stage_order
),

progress as (
    select
        entries.journey_id,
        entries.stage_order,
        max(case when last_entries.stage_order = entries.stage_order + 1 then 1 else 0 end)
            as went_to_next,
        max(1) as went_on
    from entries
    inner join last_entries
        on
            entries.journey_id = last_entries.journey_id
            and entries.stage_order < last_entries.stage_order
            and entries.entered_at <= last_entries.entered_at
    where entries.is_observed
    group by entries.journey_id, entries.stage_order
),

told as (
    select
        {{ local_month('entries.entered_at', 'settings.time_zone') }} as month,
        entries.stage,
        entries.stage_order,
        coalesce(journeys.first_channel, 'unknown') as channel,
        journeys.first_campaign_id as campaign_id,
        journeys.segment,
        journeys.outcome,
        entries.is_observed,
        coalesce(progress.went_to_next, 0) = 1 as went_to_next,
        coalesce(progress.went_on, 0) = 1
        or (journeys.outcome = 'won' and entries.stage <> 'won') as went_on
    from entries
    inner join journeys on entries.journey_id = journeys.journey_id
    cross join settings
    left join progress
        on
            entries.journey_id = progress.journey_id
            and entries.stage_order = progress.stage_order
),

counted as (
    select
        month,
        stage,
        stage_order,
        channel,
        campaign_id,
        segment,
        sum(case when is_observed then 1 else 0 end) as entered,
        sum(case when is_observed and went_to_next then 1 else 0 end) as went_to_next,
        sum(case when is_observed and went_on then 1 else 0 end) as went_on,
        sum(case when is_observed and outcome = 'won' then 1 else 0 end) as won,
        sum(case when is_observed and not went_on and outcome = 'open' then 1 else 0 end)
            as still_open,
        sum(
            case
                when is_observed and not went_on and outcome in ('lost', 'disqualified') then 1
                else 0
            end
        ) as exited,
        sum(case when is_observed then 0 else 1 end) as passed_unseen
    from told
    group by month, stage, stage_order, channel, campaign_id, segment
)

select
    counted.month,
    counted.stage,
    counted.stage_order,
    counted.channel,
    counted.campaign_id,
    campaigns.name as campaign_name,
    counted.segment,
    cast(counted.entered as bigint) as entered,
    cast(counted.went_to_next as bigint) as went_to_next,
    cast(counted.went_on as bigint) as went_on,
    cast(counted.still_open as bigint) as still_open,
    cast(counted.exited as bigint) as exited,
    cast(counted.won as bigint) as won,
    cast(counted.passed_unseen as bigint) as passed_unseen,
    cast(counted.went_to_next as double) / nullif(cast(counted.entered as double), 0)
        as share_to_next,
    cast(counted.went_on as double) / nullif(cast(counted.entered as double), 0) as share_went_on,
    cast(counted.still_open as double) / nullif(cast(counted.entered as double), 0)
        as share_still_open,
    cast(counted.exited as double) / nullif(cast(counted.entered as double), 0) as share_exited,
    cast(counted.won as double) / nullif(cast(counted.entered as double), 0) as share_won
from counted
left join campaigns on counted.campaign_id = campaigns.campaign_id
