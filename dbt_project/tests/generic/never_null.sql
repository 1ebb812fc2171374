{# None of these columns is ever null; a failing row tells of each in how many rows it is. #}
{% test never_null(model, columns) %}
select
    {% for column in columns -%}
    count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ model }}
having
    {% for column in columns -%}
    {{ 'or ' if not loop.first }}count(*) > count({{ column }})
    {% endfor %}
{% endtest %}
