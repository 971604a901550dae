"""The API in FastAPI with SQLAlchemy's ORM, as their documentation teaches it."""
