{#
    Both ends of every link that counts at a level of trust stand in one component there. Where they do not,
    connected_components had too few rounds for a chain this long, and one person would be counted as several:
    raise its `rounds`.
#}
{% test no_link_leaves_its_component(model, links) %}
select
    near_end.level,
    near_end.component_key,
    far_end.component_key as other_component_key,
    links.person_key,
    links.other_key,
    links.rule,
    'connected_components needs more rounds: a chain of links was not followed to its end' as what_to_do
from {{ links }} as links
inner join {{ model }} as near_end
    on links.person_key = near_end.person_key and links.rule_order <= near_end.level
inner join {{ model }} as far_end
    on links.other_key = far_end.person_key and near_end.level = far_end.level
where near_end.component_key <> far_end.component_key
{% endtest %}
