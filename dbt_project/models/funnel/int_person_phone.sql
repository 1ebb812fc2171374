with persons as (
    select * from {{ ref('input_persons') }}
),

regions as (
    select * from {{ source('agreement', 'phone_regions') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

numbers as (
    select
        persons.person_key,
        persons.phone,
        settings.phone_country
    from persons
    cross join settings
    where settings.use_phone and persons.phone is not null
),

lengths as (
    {% for n_digits in [1, 2, 3] %}
        select {{ n_digits }} as n_digits
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- No country code begins with another one, so one of the three lengths fits at most.
international as (
    select
        numbers.person_key,
        numbers.phone,
        1 as way,
        regions.region,
        regions.country_code,
        regions.prefix_pattern,
        regions.number_pattern,
        substr(numbers.phone, lengths.n_digits + 2) as dialled
    from numbers
    cross join lengths
    inner join regions
        on substr(numbers.phone, 2, lengths.n_digits) = regions.country_code
    where numbers.phone like '+%' and regions.speaks_for_code
),

national as (
    select
        numbers.person_key,
        numbers.phone,
        3 as way,
        regions.region,
        regions.country_code,
        regions.prefix_pattern,
        regions.number_pattern,
        numbers.phone as dialled
    from numbers
    inner join regions on numbers.phone_country = regions.region
    where numbers.phone not like '+%'
),

-- Some write the country code without its plus sign; that is believed where the whole is no number.
without_plus as (
    select
        person_key,
        phone,
        2 as way,
        region,
        country_code,
        prefix_pattern,
        number_pattern,
        substr(phone, length(country_code) + 1) as dialled
    from national
    where
        substr(phone, 1, length(country_code)) = country_code
        and not {{ matches_whole('phone', 'number_pattern') }}
),

ways as (
    {% for way in ['international', 'without_plus', 'national'] %}
        select
            person_key,
            phone,
            way,
            region,
            country_code,
            prefix_pattern,
            number_pattern,
            dialled
        from {{ way }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

stripped as (
    select
        person_key,
        phone,
        way,
        country_code,
        number_pattern,
        dialled,
        case
            when prefix_pattern is null then dialled
            else {{ without_start('dialled', 'prefix_pattern') }}
        end as without_prefix
    from ways
),

-- What looks like the prefix stays where the number is one with it, and is none without.
significant as (
    select
        person_key,
        phone,
        way,
        country_code,
        number_pattern,
        case
            when
                {{ matches_whole('dialled', 'number_pattern') }}
                and not {{ matches_whole('without_prefix', 'number_pattern') }}
                then dialled
            else without_prefix
        end as significant_number
    from stripped
),

readings as (
    select
        person_key,
        '+' || country_code || significant_number as e164,
        row_number() over (partition by person_key order by way asc nulls last) as reading_rank
    from significant
    where {{ matches_whole('significant_number', 'number_pattern') }}
)

select
    numbers.person_key,
    numbers.phone,
    readings.e164
from numbers
left join readings on numbers.person_key = readings.person_key and readings.reading_rank = 1
