"""The documents of the data set, from which the stored rows and the expected answers are made.

A document here is what the API answers, as Python's json would load it: timestamps are strings in
the contract's form. The golden ones are read from the golden bodies. The others are made from their
index alone, so that any process knows any answer without asking a service or a database.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from showdown_contract import people
from showdown_contract.files import GOLDEN

Document: TypeAlias = dict[str, Any]

# The members of a recipe that are in a list, in its order.
SUMMARY = (
    "id", "title", "author", "source", "servings", "minutes", "tags", "archived", "created_at", "updated_at",
)  # fmt: skip

# Upper bounds for the number of children that a recipe has. The ids of children are made from them.
MAX_INGREDIENTS, MAX_SECTIONS, MAX_STEPS, MAX_EVENTS, MAX_NOTES, MAX_REACTIONS = 12, 3, 7, 6, 4, 4

EPOCH = datetime(2021, 1, 1, tzinfo=UTC)

ADJECTIVES = ("Baked", "Braised", "Charred", "Chilled", "Crisp", "Grandmother's", "Roasted", "Smoky", "Spicy", "Sweet")
FOODS = (
    "aubergine", "barley", "beans", "butter", "carrots", "chicken", "chickpeas", "coriander", "crème fraîche", "fennel",
    "feta", "garlic", "ginger", "jalapeños", "lemon", "lentils", "miso", "mushrooms", "noodles", "olive oil", "onions",
    "parsley", "potatoes", "rice", "salmon", "sausage", "sesame", "soy sauce", "spinach", "tofu", "tomatoes", "walnuts",
)  # fmt: skip
QUANTITIES = ("1", "2", "3 tablespoons", "½ teaspoon", "100 g", "250 g", "1 kg", "2 cups", "4 cloves", "1 handful", "")
PREPARATIONS = ("", "", "chopped", "finely sliced", "at room temperature", "drained and rinsed", "plus more to serve")
ACTS = (
    "Heat the oil in a wide pan over a medium flame",
    "Add the onions and cook, stirring often, until they are soft but not brown",
    "Season with salt and plenty of black pepper",
    "Pour in the stock, bring it to a boil, then lower the heat",
    "Cover and simmer until everything is tender",
    "Fold in the herbs, taste, and add a little more lemon if it needs it",
    "Spread the mixture in an oiled dish",
    "Bake at 200 °C until the top is golden and the edges bubble",
    "Leave it to rest before you cut it",
    "Whisk the yolks with the sugar until they are pale and thick",
)
REMARKS = (
    "Doubled the garlic and would do it again.",
    "Too salty for the children; next time half of it.",
    "Kept for three days in the fridge without trouble.",
    "The oven at the cottage runs hot: 15 minutes were enough.",
    "Best one yet — make it for the party.",
    "Used what was in the cupboard instead; nobody noticed.",
)
ACTIONS = ("created", "scheduled", "archived", "unarchived", "updated")
EMOJI = ("👍", "❤️", "😂", "🔥", "🎉", "👎")
TAGS = ("breakfast", "dinner", "freezer", "gluten-free", "quick", "summer", "vegan", "weekend")


def golden_recipes() -> list[Document]:
    """The documents of bodies/recipe-*.body, in order of id."""
    bodies = (GOLDEN / "bodies").glob("recipe-*.body")
    return sorted((json.loads(body.read_bytes()) for body in bodies), key=lambda recipe: int(recipe["id"]))


def user_name(user: int) -> str:
    return f"{ADJECTIVES[user % len(ADJECTIVES)]} Cook {user:04d}"


def team_name(team: int) -> str:
    return f"Kitchen № {team + 1}"


def generated_recipe(index: int) -> Document:
    """The document of a recipe index, about 3.5 KiB as JSON."""
    chance = _Chance(index)
    created = EPOCH + timedelta(seconds=chance.below(40_000_000))
    kind, owner = people.owner_of(index)
    return {
        "id": people.FIRST_ID + index,
        "title": f"{chance.pick(ADJECTIVES)} {chance.pick(FOODS)} with {chance.pick(FOODS)} and {chance.pick(FOODS)}",
        "author": chance.maybe(user_name(chance.below(people.USERS))),
        "source": chance.maybe(f"https://recipes.example/{chance.pick(FOODS)}?page={chance.below(500)}&print=1"),
        "servings": chance.maybe(f"{1 + chance.below(8)} servings"),
        "minutes": chance.maybe(5 * (1 + chance.below(40))),
        "tags": sorted({chance.pick(TAGS) for _ in range(chance.below(4))}),
        "archived": chance.below(20) == 0,
        "owner": {
            "type": kind,
            "id": people.FIRST_ID + owner,
            "name": user_name(owner) if kind == "user" else team_name(owner),
        },
        "created_at": timestamp(created),
        "updated_at": timestamp(chance.after(created)),
        "ingredients": [
            {
                "id": _child_id(index, MAX_INGREDIENTS, child),
                "position": child,
                "quantity": chance.pick(QUANTITIES),
                "name": chance.pick(FOODS),
                "description": chance.pick(PREPARATIONS),
                "optional": chance.below(10) == 0,
            }
            for child in range(5 + chance.below(MAX_INGREDIENTS - 4))
        ],
        "sections": [
            {
                "id": _child_id(index, MAX_SECTIONS, child),
                "position": 4 * child,
                "title": f"For the {chance.pick(FOODS)}",
            }
            for child in range(chance.below(MAX_SECTIONS + 1))
        ],
        "steps": [
            {
                "id": _child_id(index, MAX_STEPS, child),
                "position": child,
                "text": f"{chance.pick(ACTS)}. {chance.pick(ACTS)}, about {1 + chance.below(30)} minutes.",
            }
            for child in range(3 + chance.below(MAX_STEPS - 2))
        ],
        "timeline": {
            "events": [
                {
                    "id": _child_id(index, MAX_EVENTS, child),
                    "action": ACTIONS[child % len(ACTIONS)],
                    "created_by": chance.maybe(_person(chance)),
                    "created_at": timestamp(chance.after(created)),
                }
                for child in range(1 + chance.below(MAX_EVENTS))
            ],
            "notes": [
                _note(chance, created, _child_id(index, MAX_NOTES, child))
                for child in range(1 + chance.below(MAX_NOTES))
            ],
        },
    }


def summary(recipe: Document) -> Document:
    """The part of a recipe that is in a list."""
    return {name: recipe[name] for name in SUMMARY}


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, with six fractional digits, or none if all would be zero."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _child_id(index: int, most: int, child: int) -> int:
    return people.FIRST_ID + index * most + child


def _note(chance: "_Chance", recipe_created: datetime, note_id: int) -> Document:
    created = chance.after(recipe_created)
    return {
        "id": note_id,
        "text": f"{chance.pick(REMARKS)} {chance.pick(REMARKS)}",
        "created_by": _person(chance),
        "created_at": timestamp(created),
        "updated_at": timestamp(created),
        "reactions": [
            {
                "id": _child_id(note_id - people.FIRST_ID, MAX_REACTIONS, child),
                "emoji": chance.pick(EMOJI),
                "created_by": _person(chance),
                "created_at": timestamp(chance.after(created)),
            }
            for child in range(chance.below(MAX_REACTIONS))
        ],
    }


def _person(chance: "_Chance") -> Document:
    user = chance.below(people.USERS)
    return {"id": people.FIRST_ID + user, "name": user_name(user)}


class _Chance:
    """Random values that never change: Python promises that for an integer seed and random(), and for nothing else."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 - data, not secrets

    def below(self, bound: int) -> int:
        return int(self._random() * bound)

    def pick(self, options: Sequence[str]) -> str:
        return options[self.below(len(options))]

    def maybe(self, value: Any) -> Any:
        """The value in four of five draws, else None."""
        return value if self.below(5) else None

    def after(self, moment: datetime) -> datetime:
        """A later time: in one of four draws a whole second, else with microseconds."""
        later = moment + timedelta(seconds=self.below(10_000_000))
        return later if self.below(4) == 0 else later + timedelta(microseconds=self.below(1_000_000))
