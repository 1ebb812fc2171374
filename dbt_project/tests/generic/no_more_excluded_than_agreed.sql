{#
    No kind of record is left out of the totals by more than the agreement's share: beyond it the totals would
    mislead, and nothing is published. The log tells what is left out and why.
#}
{% test no_more_excluded_than_agreed(model) %}
{{ tell_excluded(model) }}
select
    entity,
    detail
from {{ model }}
where not is_within_limit
{% endtest %}
