"""The API in Django + psycopg: the Starlette app's synchronous twin."""
