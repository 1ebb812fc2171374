{#
    Registers every Delta table below TANDEM_SPARK_LAKE under its name, at the start of a run: sources at
    `<schema>/<name>`, models at `<name>`. On DuckDB the bind step has made views, so there is nothing to do.
#}
{% macro register_locations() -%}
    {{ return(adapter.dispatch('register_locations', 'tandem')()) }}
{%- endmacro %}

{% macro duckdb__register_locations() -%}{%- endmacro %}

{% macro spark__register_locations() -%}
    {%- if execute -%}
        {%- set root = env_var('TANDEM_SPARK_LAKE') -%}
        {%- set present = env_var('TANDEM_SPARK_TABLES', '').split(',') -%}
        {%- for node in graph.sources.values() | list + graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
            {%- set table = node.identifier if node.resource_type == 'source' else node.alias -%}
            {%- set place = node.schema ~ '/' ~ table if node.resource_type == 'source' else table -%}
            {%- do run_query('create schema if not exists ' ~ node.schema) -%}
            {%- if place in present -%}
                {%- do run_query('create table if not exists ' ~ node.schema ~ '.' ~ table ~ " using delta location '" ~ root ~ '/' ~ place ~ "'") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
