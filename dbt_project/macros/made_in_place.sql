{#
    How DuckDB makes a model's table or view: in place, in one transaction. The adapter's own way makes it beside the
    old one, renames both and drops the old one, which is a dozen statements a model, and a sixth of what dbt costs a
    small company. The columns are held against the contract first; a model that fails leaves what was there.
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
    {%- do get_assert_columns_equivalent(sql) -%}
    {%- if present is not none and present.type != kind -%}
        {%- do adapter.drop_relation(present) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace {{ kind }} {{ made }} as
        select
            {%- for column in model['columns'] %}
            {{ adapter.quote(column) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            {{ sql }}
        ) as made
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [made]}) }}
{%- endmacro %}
