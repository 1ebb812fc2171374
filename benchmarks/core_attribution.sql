create table path as
select row_number() over (order by conversion_id) as path, * from built.intermediate.int_conversion;
create table earning as
select row_number() over (order by touch_id) as touch, touch_id, prospect_id, deal_id, occurred_at,
    coalesce(channel, 'unknown') as channel, is_path_of_mql
from built.marts.fct_touch, built.agreement.settings
where counts and not post_close
    and (team = 'marketing' or (team = 'sales' and attribution_both_teams));
create table step as
with people as (
    select path, conversion, previous_at, converted_at, prospect_id from path
    union
    select path, conversion, previous_at, converted_at, contacts.prospect_id
    from path join built.marts.bridge_deal_prospect as contacts using (deal_id)
    where conversion <> 'mql'
),
pairs as (
    select path, converted_at, touch, occurred_at, channel
    from people join earning using (prospect_id)
    where occurred_at <= converted_at and occurred_at > coalesce(previous_at, '-infinity')
        and (conversion <> 'mql' or is_path_of_mql)
    union
    select path, converted_at, touch, occurred_at, channel
    from path join earning using (deal_id)
    where conversion <> 'mql' and occurred_at <= converted_at
        and occurred_at > coalesce(previous_at, '-infinity')
)
select path, touch, occurred_at, channel,
    row_number() over (partition by path order by occurred_at, touch) as place,
    count(*) over (partition by path) as touches,
    max(occurred_at) over (partition by path) as last_at
from pairs, built.agreement.settings
where occurred_at >= converted_at - to_days(attribution_window_days);

create table whole as
with of_channel as (
    select path, channel, count(*) as touches from step group by path, channel
),
of_path as (select path, count(*) as channels from of_channel group by path),
effect as (
    select of_channel.*, coalesce(removal_effect, 0) as effect,
        max(coalesce(removal_effect, 0)) over (partition by path) as largest
    from of_channel join path using (path)
    left join built.statistics.removal_effect using (conversion, channel)
),
part as (
    select *, sum(part) over (partition by path) as parts
    from (
        select path, channel, touches, case when largest = 0 then 0
            else cast(floor(effect / largest * 1000000000000000) as bigint) end as part
        from effect
    )
),
non_direct as (
    select path, max(place) as last, max(place) filter (direct.channel is null) as last_non_direct
    from step left join built.agreement.direct_channels as direct
        on lower(step.channel) = lower(direct.channel)
    group by path
),
milestone as (
    select path, events.stage as role, min(events.occurred_at) as reached_at
    from path join built.marts.fct_funnel_event as events using (journey_id)
    where events.counts and events.evidence <> 'inferred'
        and events.event in ('stage_entered', 'reopened')
        and events.stage in ('lead', 'opportunity') and events.occurred_at <= converted_at
        and events.occurred_at > coalesce(previous_at, '-infinity')
    group by path, events.stage
),
role as (
    select path, role, max(place) as place
    from milestone join step using (path) where reached_at >= occurred_at group by path, role
    union all
    select path, 'first', 1 from of_path
    union all
    select path, 'last', last from non_direct
),
of_role as (
    select model, path, place, sum(weight) as weight
    from role join path using (path)
    join built.agreement.position_weights using (conversion, role)
    group by model, path, place
),
weighed as (select model, path, count(*) as with_role from of_role group by model, path),
rule as (
    select weighed.model, step.path, touch, cast(case when of_role.place is null then coalesce(middle.weight, 0)
        when touches = with_role then of_role.weight
        else of_role.weight * (touches - with_role) end as hugeint) as part
    from step join weighed using (path) join path using (path)
    left join built.agreement.position_weights as middle
        on middle.model = weighed.model and middle.conversion = path.conversion
        and middle.role = 'middle'
    left join of_role on of_role.model = weighed.model
        and of_role.path = step.path and of_role.place = step.place
    union all
    select 'time_decay', path, touch, cast(floor(1000000000000000 * power(2e0,
        -((epoch_us(last_at) - epoch_us(occurred_at)) / 1e6) / 86400 / half_life_days)) as hugeint)
    from step, built.agreement.settings
),
shared as (
    select model, path, touch, 1000000000000 * (cast(part as double)
        / cast(sum(part) over (partition by model, path) as double)) as share
    from rule
    union all
    select 'markov', path, touch, case when parts = 0 then 1000000000000 / cast(step.touches as
        double) else 1000000000000 * (cast(part as double) / cast(parts as double))
        / cast(part.touches as double) end
    from step join part using (path, channel) where parts = 0 or part > 0
),
equal as (
    select 'linear' as model, path, touch, touches as one_of from step
    union all
    select 'shapley', path, touch, channels * of_channel.touches
    from step join of_path using (path) join of_channel using (path, channel)
),
divided as (
    select model, path, touch, cast(floor(share) as bigint) as units,
        share - floor(share) as remainder
    from shared
    union all
    select model, path, touch, 1000000000000 // one_of,
        cast(1000000000000 % one_of as double) / cast(one_of as double)
    from equal
),
given as (
    select model, path, touch, units + cast(row_number() over (
        partition by model, path order by remainder desc, touch
    ) <= 1000000000000 - sum(units) over (partition by model, path) as bigint) as units
    from divided
    union all
    select 'first', path, touch, 1000000000000 from step where place = 1
    union all
    select 'last', path, touch, 1000000000000 from step where place = touches
    union all
    select 'last_non_direct', path, touch, 1000000000000
    from step join non_direct using (path)
    where place = coalesce(last_non_direct, last)
)
select model, path, touch, units from given where units > 0
union all
select models.model, path, null, 1000000000000
from path anti join of_path using (path) cross join (
    select unnest(['first', 'last', 'linear', 'last_non_direct', 'position_u', 'position_w',
        'full_path', 'time_decay', 'markov', 'shapley']) as model
) as models;
create table credit as
with money as (
    select whole.*, sign(amount) as sign,
        cast(abs(amount) * 100 as hugeint) * units as share, cast(abs(amount) * 100 as bigint)
        as cents
    from whole join path using (path)
)
select model, path, touch, units, sign * (share // 1000000000000 + cast(row_number() over (
        partition by model, path order by share % 1000000000000 desc, touch
    ) <= cents - sum(share // 1000000000000) over (partition by model, path) as bigint)) as cents
from money;
