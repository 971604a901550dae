"""The API in Django with its ORM, as its documentation teaches it."""
