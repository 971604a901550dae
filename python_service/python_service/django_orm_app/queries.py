"""What is asked of the database.

Lists are fetched by one statement each, and single objects by joins:
https://docs.djangoproject.com/en/5.2/ref/models/querysets/#prefetch-related
"""

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Now

from python_service.django_orm_app.models import Event, Membership, Note, Reaction, Recipe, User
from python_service.errors import ApiError, ErrorKind

_WHOLE = Recipe.objects.select_related("owner_user", "owner_team").prefetch_related(
    "ingredients",
    "sections",
    "steps",
    Prefetch("events", Event.objects.select_related("created_by")),
    Prefetch("notes", Note.objects.select_related("created_by")),
    Prefetch("notes__reactions", Reaction.objects.select_related("created_by")),
)


def _signed_in(session_key: str) -> User:
    """Whose session it is. Raises UNAUTHORIZED for an unknown or expired one."""
    try:
        return User.objects.get(sessions__key=session_key, sessions__expires_at__gt=Now())
    except User.DoesNotExist:
        raise ApiError(ErrorKind.UNAUTHORIZED) from None


def whole_recipe(session_key: str, recipe_id: int) -> Recipe:
    """With everything that belongs to it. Raises UNAUTHORIZED and NOT_FOUND."""
    return _the_recipe(_WHOLE, _signed_in(session_key), recipe_id)


def recipe(session_key: str, recipe_id: int) -> Recipe:
    """The same without what belongs to it."""
    return _the_recipe(Recipe.objects.all(), _signed_in(session_key), recipe_id)


def recipes(session_key: str, limit: int, after: int) -> list[Recipe]:
    """Those after an id, without what belongs to them."""
    user = _signed_in(session_key)
    return list(Recipe.objects.filter(_seen_by(user), id__gt=after).order_by("id")[:limit])


def add_note(session_key: str, recipe_id: int, text: str) -> Note:
    """The note, once it is on disk: Django commits each statement."""
    user = _signed_in(session_key)
    recipe = _the_recipe(Recipe.objects.all(), user, recipe_id)
    return Note.objects.create(recipe=recipe, text=text, created_by=user)


def _the_recipe(recipes: QuerySet[Recipe], user: User, recipe_id: int) -> Recipe:
    try:
        return recipes.get(_seen_by(user), id=recipe_id)
    except Recipe.DoesNotExist:
        raise ApiError(ErrorKind.NOT_FOUND) from None


def _seen_by(user: User) -> Q:
    teams = Membership.objects.filter(user=user, active=True).values("team")
    return Q(owner_user=user) | Q(owner_team__in=teams)
