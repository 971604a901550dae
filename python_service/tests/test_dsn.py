"""What of a database's URL may be shown."""

import pytest
from python_service.dsn import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:s3cret@db:5432/showdown", "postgresql://ada:***@db:5432/showdown"),
        (
            "postgresql://ada:s3c%40ret@[::1]/showdown?sslmode=disable",
            "postgresql://ada:***@[::1]/showdown?sslmode=disable",
        ),
        ("postgresql://ada@db/showdown", "postgresql://ada@db/showdown"),
        ("postgresql://ada:x@s3cret@db/showdown", "postgresql://ada:***@db/showdown"),
        ("postgresql://ada:12/s3cret@db/showdown", "***"),
        ("postgresql://ada@db/showdown?password=s3cret", "***"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
