-- The funnel's won deals and their amount equal the deals', to the cent.
with deals as (
    select * from {{ ref('fct_deal') }}
    where outcome = 'won'
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where outcome = 'won' and deal_id is not null
),

of_deals as (
    select
        count(*) as n_deals,
        coalesce(sum(amount_reporting), 0) as amount
    from deals
),

of_journeys as (
    select
        count(*) as n_deals,
        coalesce(sum(amount), 0) as amount
    from journeys
)

select
    of_deals.n_deals,
    of_journeys.n_deals as n_journeys,
    of_deals.amount,
    of_journeys.amount as journey_amount
from of_deals
cross join of_journeys
where of_deals.n_deals <> of_journeys.n_deals or of_deals.amount <> of_journeys.amount
