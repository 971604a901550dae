"""The kinds of request by their names. A new kind is a module of its own, and a line here."""

from showdown.requests import healthz, note_create, nutrition, recipe_detail, recipe_list
from showdown.requests.kind import Kinds

KINDS: Kinds = {
    kind.name: kind
    for kind in (
        healthz.KIND,
        recipe_detail.KIND,
        recipe_list.KIND,
        *recipe_list.OTHER_KINDS,
        note_create.KIND,
        nutrition.KIND,
    )
}
