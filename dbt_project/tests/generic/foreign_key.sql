{# Every value of the column (of rows where `given`) stands in `field` of `to`; null passes. #}
{% test foreign_key(model, column_name, to, field, given='1 = 1') %}
select child.{{ column_name }}
from (select * from {{ model }} where {{ given }}) as child
left join {{ to }} as parent on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endtest %}
