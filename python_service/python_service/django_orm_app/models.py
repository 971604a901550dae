"""The tables as Django's ORM knows them: https://docs.djangoproject.com/en/5.2/topics/db/models/.

The contract makes the tables, so Django does not manage them.
"""

from typing import ClassVar, Protocol, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class Related(Protocol[_Model_co]):
    """The other side of a foreign key. Django adds it: only the types must be told."""

    def all(self) -> models.QuerySet[_Model_co]: ...


class User(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "users"


class Team(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "teams"


class Membership(models.Model):
    pk = models.CompositePrimaryKey("user_id", "team_id")
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+")
    team = models.ForeignKey(Team, models.DO_NOTHING, related_name="+")
    active = models.BooleanField()

    class Meta:
        managed = False
        db_table = "memberships"


class Session(models.Model):
    key = models.TextField(primary_key=True)
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="sessions")
    expires_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "sessions"


class Recipe(models.Model):
    id = models.BigIntegerField(primary_key=True)
    title = models.TextField()
    author = models.TextField(null=True)
    source = models.TextField(null=True)
    servings = models.TextField(null=True)
    minutes = models.IntegerField(null=True)
    tags = ArrayField(models.TextField())
    archived = models.BooleanField()
    owner_user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", null=True)
    owner_team = models.ForeignKey(Team, models.DO_NOTHING, related_name="+", null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    ingredients: Related["Ingredient"]
    sections: Related["Section"]
    steps: Related["Step"]
    events: Related["Event"]
    notes: Related["Note"]

    class Meta:
        managed = False
        db_table = "recipes"
        ordering: ClassVar = ["id"]


class Ingredient(models.Model):
    id = models.BigIntegerField(primary_key=True)
    recipe = models.ForeignKey(Recipe, models.DO_NOTHING, related_name="ingredients")
    position = models.IntegerField()
    quantity = models.TextField()
    name = models.TextField()
    description = models.TextField()
    optional = models.BooleanField()

    class Meta:
        managed = False
        db_table = "ingredients"
        ordering: ClassVar = ["position"]


class Section(models.Model):
    id = models.BigIntegerField(primary_key=True)
    recipe = models.ForeignKey(Recipe, models.DO_NOTHING, related_name="sections")
    position = models.IntegerField()
    title = models.TextField()

    class Meta:
        managed = False
        db_table = "sections"
        ordering: ClassVar = ["position"]


class Step(models.Model):
    id = models.BigIntegerField(primary_key=True)
    recipe = models.ForeignKey(Recipe, models.DO_NOTHING, related_name="steps")
    position = models.IntegerField()
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "steps"
        ordering: ClassVar = ["position"]


class Event(models.Model):
    id = models.BigIntegerField(primary_key=True)
    recipe = models.ForeignKey(Recipe, models.DO_NOTHING, related_name="events")
    action = models.TextField()
    created_by = models.ForeignKey(User, models.DO_NOTHING, related_name="+", null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "events"
        ordering: ClassVar = ["id"]


class Note(models.Model):
    id = models.BigAutoField(primary_key=True)
    recipe = models.ForeignKey(Recipe, models.DO_NOTHING, related_name="notes")
    text = models.TextField()
    created_by = models.ForeignKey(User, models.DO_NOTHING, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    reactions: Related["Reaction"]

    class Meta:
        managed = False
        db_table = "notes"
        ordering: ClassVar = ["id"]


class Reaction(models.Model):
    id = models.BigIntegerField(primary_key=True)
    note = models.ForeignKey(Note, models.DO_NOTHING, related_name="reactions")
    emoji = models.TextField()
    created_by = models.ForeignKey(User, models.DO_NOTHING, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reactions"
        ordering: ClassVar = ["id"]
