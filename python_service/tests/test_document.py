"""Rows become documents by position."""

from datetime import UTC, datetime

from python_service import document

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2022, 3, 2, 12, tzinfo=UTC)
RECIPE = (7, "Soup", "Ada", None, "4", 30, ["hot"], False, "team", 1, "Club", NOON, LATER)


def test_a_recipe_with_children() -> None:
    ingredients = [(1, 2, "1 l", "water", "cold", True)]
    sections = [(2, 1, "For the soup")]
    steps = [(3, 1, "Boil.")]
    events = [(4, "created", 9, "Bo", NOON), (5, "archived", None, None, LATER)]
    notes = [(6, "Good", 9, "Bo", NOON, LATER, [(8, "👍", 1, "Ada", LATER)]), (7, "Bad", 1, "Ada", NOON, NOON, None)]
    assert document.recipe((*RECIPE, ingredients, sections, steps, events, notes)) == {
        "id": 7,
        "title": "Soup",
        "author": "Ada",
        "source": None,
        "servings": "4",
        "minutes": 30,
        "tags": ["hot"],
        "archived": False,
        "owner": {"type": "team", "id": 1, "name": "Club"},
        "created_at": NOON,
        "updated_at": LATER,
        "ingredients": [
            {"id": 1, "position": 2, "quantity": "1 l", "name": "water", "description": "cold", "optional": True}
        ],
        "sections": [{"id": 2, "position": 1, "title": "For the soup"}],
        "steps": [{"id": 3, "position": 1, "text": "Boil."}],
        "timeline": {
            "events": [
                {"id": 4, "action": "created", "created_by": {"id": 9, "name": "Bo"}, "created_at": NOON},
                {"id": 5, "action": "archived", "created_by": None, "created_at": LATER},
            ],
            "notes": [
                {
                    "id": 6,
                    "text": "Good",
                    "created_by": {"id": 9, "name": "Bo"},
                    "created_at": NOON,
                    "updated_at": LATER,
                    "reactions": [
                        {"id": 8, "emoji": "👍", "created_by": {"id": 1, "name": "Ada"}, "created_at": LATER}
                    ],
                },
                {
                    "id": 7,
                    "text": "Bad",
                    "created_by": {"id": 1, "name": "Ada"},
                    "created_at": NOON,
                    "updated_at": NOON,
                    "reactions": [],
                },
            ],
        },
    }


def test_missing_children_are_empty_lists() -> None:
    childless = document.recipe((*RECIPE, None, None, None, None, None))
    assert childless == document.recipe((*RECIPE, [], [], [], [], []))
    assert (childless["ingredients"], childless["sections"], childless["steps"]) == ([], [], [])
    assert childless["timeline"] == {"events": [], "notes": []}


def test_reactions_go_to_their_notes_in_order() -> None:
    notes = [(1, "a"), (2, "b"), (3, "c")]
    reactions = [(1, 10, "x"), (3, 11, "y"), (3, 12, "z")]
    assert document.with_reactions(notes, reactions) == [
        (1, "a", [[10, "x"]]),
        (2, "b", []),
        (3, "c", [[11, "y"], [12, "z"]]),
    ]


def test_a_page_of_summaries() -> None:
    assert document.recipe_list([(3, "Tea", None, None, None, None, [], True, NOON, LATER)], 3) == {
        "recipes": [
            {
                "id": 3,
                "title": "Tea",
                "author": None,
                "source": None,
                "servings": None,
                "minutes": None,
                "tags": [],
                "archived": True,
                "created_at": NOON,
                "updated_at": LATER,
            }
        ],
        "next_after": 3,
    }
