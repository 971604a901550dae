"""The API in Starlette + asyncpg."""
