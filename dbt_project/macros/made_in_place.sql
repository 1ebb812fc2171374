{#
    How DuckDB makes a model's table or view: in place, in one transaction. The adapter's own way makes it beside the
    old one, renames both and drops the old one, which is a dozen statements a model, and a sixth of what dbt costs a
    small company. A model that fails leaves what was there.

    A table's columns are held against the contract once it is made, and before anybody sees it: to ask the query for
    its columns first would plan it twice, which is a quarter of what a small company's tables take.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {{ return(made_in_place('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(made_in_place('view')) }}
{% endmaterialization %}

{% macro made_in_place(kind) -%}
    {%- set present = load_cached_relation(this) -%}
    {%- set made = this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if present is not none and present.type != kind -%}
        {%- do adapter.drop_relation(present) -%}
    {%- endif -%}
    {%- if kind == 'view' -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- call statement('main') -%}
            create or replace view {{ made }} as {{ in_contract_order('(\n' ~ sql ~ '\n) as made') }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            create or replace table {{ made }} as {{ sql }}
        {%- endcall -%}
        {%- do get_assert_columns_equivalent('select * from ' ~ made) -%}
        {%- set columns = get_column_schema_from_query(get_empty_subquery_sql('select * from ' ~ made)) -%}
        {%- if columns | map(attribute='name') | list != model['columns'] | list -%}
            {%- call statement('in_order') -%}
                create or replace table {{ made }} as {{ in_contract_order(made) }}
            {%- endcall -%}
        {%- endif -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [made]}) }}
{%- endmacro %}

{% macro in_contract_order(relation) -%}
    select
        {%- for column in model['columns'] %}
        {{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
