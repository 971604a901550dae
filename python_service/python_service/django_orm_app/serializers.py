"""From objects to documents: what serializers of Django REST framework do, by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from python_service.django_orm_app.models import Event, Ingredient, Note, Reaction, Recipe, Section, Step, User
from python_service.document import Document


def recipe(recipe: Recipe) -> Document:
    kind, owner = ("user", recipe.owner_user) if recipe.owner_team is None else ("team", recipe.owner_team)
    return {
        **_head(recipe),
        "owner": {"type": kind, "id": owner.id, "name": owner.name},
        "created_at": _timestamp(recipe.created_at),
        "updated_at": _timestamp(recipe.updated_at),
        "ingredients": [_ingredient(each) for each in recipe.ingredients.all()],
        "sections": [_section(each) for each in recipe.sections.all()],
        "steps": [_step(each) for each in recipe.steps.all()],
        "timeline": {
            "events": [_event(each) for each in recipe.events.all()],
            "notes": [note(each, each.reactions.all()) for each in recipe.notes.all()],
        },
    }


def page(recipes: Sequence[Recipe], limit: int) -> Document:
    """After a page that is not full, nothing comes."""
    return {
        "recipes": [_summary(each) for each in recipes],
        "next_after": recipes[-1].id if len(recipes) == limit else None,
    }


def note(note: Note, reactions: Iterable[Reaction]) -> Document:
    return {
        "id": note.id,
        "text": note.text,
        "created_by": _person(note.created_by),
        "created_at": _timestamp(note.created_at),
        "updated_at": _timestamp(note.updated_at),
        "reactions": [_reaction(each) for each in reactions],
    }


def _summary(recipe: Recipe) -> Document:
    return {
        **_head(recipe),
        "created_at": _timestamp(recipe.created_at),
        "updated_at": _timestamp(recipe.updated_at),
    }


def _head(recipe: Recipe) -> Document:
    return {
        "id": recipe.id,
        "title": recipe.title,
        "author": recipe.author,
        "source": recipe.source,
        "servings": recipe.servings,
        "minutes": recipe.minutes,
        "tags": recipe.tags,
        "archived": recipe.archived,
    }


def _ingredient(ingredient: Ingredient) -> Document:
    return {
        "id": ingredient.id,
        "position": ingredient.position,
        "quantity": ingredient.quantity,
        "name": ingredient.name,
        "description": ingredient.description,
        "optional": ingredient.optional,
    }


def _section(section: Section) -> Document:
    return {"id": section.id, "position": section.position, "title": section.title}


def _step(step: Step) -> Document:
    return {"id": step.id, "position": step.position, "text": step.text}


def _event(event: Event) -> Document:
    return {
        "id": event.id,
        "action": event.action,
        "created_by": None if event.created_by is None else _person(event.created_by),
        "created_at": _timestamp(event.created_at),
    }


def _reaction(reaction: Reaction) -> Document:
    return {
        "id": reaction.id,
        "emoji": reaction.emoji,
        "created_by": _person(reaction.created_by),
        "created_at": _timestamp(reaction.created_at),
    }


def _person(user: User) -> Document:
    return {"id": user.id, "name": user.name}


def _timestamp(time: datetime) -> str:
    # Django's own encoder would cut off microseconds.
    return time.isoformat().replace("+00:00", "Z")
