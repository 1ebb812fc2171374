{# A domain in lower case as it is read: labels in Punycode (xn--) become the letters that they stand for, where the
   engine can do it. #}
{% macro unicode_domain(domain) -%}
    {{ return(adapter.dispatch('unicode_domain', 'tandem')(domain)) }}
{%- endmacro %}

{% macro duckdb__unicode_domain(domain) -%}
    case
        when {{ domain }} like '%xn--%'
            then nfc_normalize(lower(array_to_string(
                list_transform(string_split({{ domain }}, '.'), lambda label: {{ decoded_label('label') }}), '.'
            )))
        else {{ domain }}
    end
{%- endmacro %}

{# Left as it is: an engine that has no fold over a list to spare joins such spellings no more than it did. #}
{% macro spark__unicode_domain(domain) -%} {{ domain }} {%- endmacro %}

{#
    One label decoded as RFC 3492 has it, in DuckDB's words; a label that is no Punycode stays as it is.

    The state goes through the digits one by one, and for each through four small steps, because no step can name
    what it reckoned itself: take the digit in; weigh the step; find the place and the letter; put the letter there.
    Nothing grows beyond `bound`, where no letter is, so that no label, however ill-meant, makes a number overflow.
#}
{% macro decoded_label(label) -%}
    {%- set bound = 4294967296 -%}
    {%- set digits = "'abcdefghijklmnopqrstuvwxyz0123456789'" -%}
    {%- set coded = "regexp_extract(" ~ label ~ ", '([^-]+)$', 1)" -%}
    {%- set plain = "regexp_extract(substr(" ~ label ~ ", 5), '^(.*)-', 1)" -%}
    {%- set threshold = "least(greatest(s.k - s.bias, 1), 26)" -%}
    {%- set weight = "case when s.delta <= 455 then s.delta when s.delta <= 15959 then s.delta // 35"
        ~ " when s.delta <= 558599 then s.delta // 1225 else s.delta // 42875 end" -%}
    {%- set rounds = "case when s.delta <= 455 then 0 when s.delta <= 15959 then 36"
        ~ " when s.delta <= 558599 then 72 else 108 end" -%}
    {%- set state -%}
        list_reduce(
            list_transform(
                range(0, 4 * length({{ coded }})),
                lambda j: {
                    'step': j % 4,
                    'digit': cast(strpos({{ digits }}, substr({{ coded }}, j // 4 + 1, 1)) as bigint) - 1,
                    'text': '', 'n': cast(0 as bigint), 'i': cast(0 as bigint), 'old_i': cast(0 as bigint),
                    'w': cast(0 as bigint), 'k': cast(0 as bigint), 'bias': cast(0 as bigint),
                    'delta': cast(0 as bigint), 'is_whole': false, 'is_wrong': false
                }
            ),
            lambda s, x: case x.step
                when 0 then {
                    'step': x.step, 'digit': x.digit, 'text': s.text, 'n': s.n,
                    'i': least(s.i + x.digit * s.w, {{ bound }}), 'old_i': s.old_i,
                    'w': least(s.w * (36 - {{ threshold }}), {{ bound }}), 'k': s.k + 36, 'bias': s.bias,
                    'delta': s.delta, 'is_whole': x.digit < {{ threshold }}, 'is_wrong': s.is_wrong or x.digit < 0
                }
                when 1 then {
                    'step': x.step, 'digit': x.digit, 'text': s.text, 'n': s.n, 'i': s.i, 'old_i': s.old_i,
                    'w': s.w, 'k': s.k, 'bias': s.bias,
                    'delta': case when s.old_i = 0 then s.i // 700 else (s.i - s.old_i) // 2 end
                        + case when s.old_i = 0 then s.i // 700 else (s.i - s.old_i) // 2 end
                        // (length(s.text) + 1),
                    'is_whole': s.is_whole, 'is_wrong': s.is_wrong
                }
                when 2 then {
                    'step': x.step, 'digit': x.digit, 'text': s.text,
                    'n': case when s.is_whole then s.n + s.i // (length(s.text) + 1) else s.n end,
                    'i': case when s.is_whole then s.i % (length(s.text) + 1) else s.i end,
                    'old_i': s.old_i,
                    'w': case when s.is_whole then 1 else s.w end,
                    'k': case when s.is_whole then 36 else s.k end,
                    'bias': case
                        when s.is_whole then {{ rounds }} + (36 * ({{ weight }})) // (({{ weight }}) + 38)
                        else s.bias
                    end,
                    'delta': s.delta, 'is_whole': s.is_whole, 'is_wrong': s.is_wrong
                }
                else {
                    'step': x.step, 'digit': x.digit,
                    'text': case
                        when s.is_whole and (s.n < 55296 or s.n between 57344 and 1114111)
                            then substr(s.text, 1, s.i) || chr(cast(s.n as integer)) || substr(s.text, s.i + 1)
                        else s.text
                    end,
                    'n': s.n,
                    'i': case when s.is_whole then s.i + 1 else s.i end,
                    'old_i': case when s.is_whole then s.i + 1 else s.old_i end,
                    'w': s.w, 'k': s.k, 'bias': s.bias, 'delta': s.delta, 'is_whole': s.is_whole,
                    'is_wrong': s.is_wrong
                        or (s.is_whole and (s.n between 55296 and 57343 or s.n > 1114111))
                }
            end,
            {
                'step': cast(0 as bigint), 'digit': cast(0 as bigint), 'text': {{ plain }},
                'n': cast(128 as bigint), 'i': cast(0 as bigint), 'old_i': cast(0 as bigint),
                'w': cast(1 as bigint), 'k': cast(36 as bigint), 'bias': cast(72 as bigint),
                'delta': cast(0 as bigint), 'is_whole': true, 'is_wrong': false
            }
        )
    {%- endset -%}
    case
        when {{ label }} like 'xn--%' and {{ label }} not like '%-' then list_extract(
            list_transform(
                [{{ state }}],
                lambda z: case when z.is_whole and not z.is_wrong then z.text else {{ label }} end
            ),
            1
        )
        else {{ label }}
    end
{%- endmacro %}
