{#
    The quantile of the standard normal distribution at a probability from 0.5 up to (not including) 1.
    Wichura's algorithm AS 241 (1988), exact to about 16 digits while 1 - probability is above 1e-11.
#}
{% macro normal_quantile(probability) -%}
    {%- set p = 'cast(' ~ probability ~ ' as double)' -%}
    {%- set q = '(' ~ p ~ ' - 0.5e0)' -%}
    {%- set centre = '(0.180625e0 - ' ~ q ~ ' * ' ~ q ~ ')' -%}
    {%- set tail = '(sqrt(-ln(1.0e0 - ' ~ p ~ ')) - 1.6e0)' -%}
    case
        when {{ q }} <= 0.425e0 then
            {{ q }} * {{ _polynomial(centre, [
                '3.3871328727963666080e0', '1.3314166789178437745e2', '1.9715909503065514427e3',
                '1.3731693765509461125e4', '4.5921953931549871457e4', '6.7265770927008700853e4',
                '3.3430575583588128105e4', '2.5090809287301226727e3',
            ]) }}
            / {{ _polynomial(centre, [
                '1.0e0', '4.2313330701600911252e1', '6.8718700749205790830e2',
                '5.3941960214247511077e3', '2.1213794301586595867e4', '3.9307895800092710610e4',
                '2.8729085735721942674e4', '5.2264952788528545610e3',
            ]) }}
        else
            {{ _polynomial(tail, [
                '1.42343711074968357734e0', '4.63033784615654529590e0', '5.76949722146069140550e0',
                '3.64784832476320460504e0', '1.27045825245236838258e0', '2.41780725177450611770e-1',
                '2.27238449892691845833e-2', '7.74545014278341407640e-4',
            ]) }}
            / {{ _polynomial(tail, [
                '1.0e0', '2.05319162663775882187e0', '1.67638483018380384940e0',
                '6.89767334985100004550e-1', '1.48103976427480074590e-1',
                '1.51986665636164571966e-2', '5.47593808499534494600e-4',
                '1.05075007164441684324e-9',
            ]) }}
    end
{%- endmacro %}

{# A polynomial by Horner's rule, coefficients from the constant up. #}
{% macro _polynomial(variable, coefficients) -%}
    {%- for coefficient in coefficients -%}
        {{ '(' }}{{ coefficient }}{{ ' + ' ~ variable ~ ' * ' if not loop.last }}
    {%- endfor -%}
    {{ ')' * coefficients | length }}
{%- endmacro %}
