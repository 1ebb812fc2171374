{# In every row (of those where `given` holds) the expression is true; absent is not true. #}
{% test expression_is_true(model, expression, given='1 = 1') %}
select *
from {{ model }}
where ({{ given }}) and not coalesce(({{ expression }}), 1 = 0)
{% endtest %}
