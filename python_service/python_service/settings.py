"""The settings: one frozen object, read once from the environment."""

import math
import re
import ssl
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated, Any, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from python_service import tls
from python_service.dsn import SCHEMES, without_password
from python_service.upstream.knobs import HTTP_1_ONLY, NOT_OBSERVED, OWN_TLS, ClientStrategy, HttpClient
from python_service.upstream.target import Target

# The extension is built with Rust. Without Rust the other serializers still work.
HAS_ROWJSON = find_spec("rowjson") is not None

_PLACE = r"://(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):([1-9][0-9]{0,4})"
MOST_PORT = 65535


class Connections(StrEnum):
    """How long a database connection lives."""

    POOLED = "pooled"
    PER_REQUEST = "per-request"


class Driver(StrEnum):
    """What speaks to Postgres in the Starlette app, with a pool of its own."""

    ASYNCPG = "asyncpg"
    PSYCOPG = "psycopg"


class Statements(StrEnum):
    """When a statement is prepared: once on each connection, or every time it runs."""

    CACHED = "cached"
    EACH = "each"


class Plan(StrEnum):
    """How a document is read: by one query for each table, or by one statement, whose rows may come packed.

    With json, a list comes as JSON that Postgres has made; the other documents are read as with single.
    """

    SEQUENTIAL = "sequential"
    SINGLE = "single"
    PACKED = "packed"
    JSON = "json"


class Lookup(StrEnum):
    """Which recipe is answered: the one asked for, or any recipe of the user, as in the article's services."""

    BY_ID = "by-id"
    RANDOM = "random"


class SerializerName(StrEnum):
    """How rows become JSON."""

    PYDANTIC = "pydantic"
    PYDANTIC_V1 = "pydantic-v1"
    JSON = "json"
    ORJSON = "orjson"
    MSGSPEC = "msgspec"
    ROWJSON = "rowjson"


class Metrics(StrEnum):
    """Who is told what the service does: nobody, whoever asks for /metrics, or a collector, too."""

    OFF = "false"
    SCRAPED = "true"
    SENT = "otlp"


class LogLevel(StrEnum):
    """The lowest level whose lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class BadSettingsError(Exception):
    """The environment does not make valid settings; the text names the variable, its value and what is allowed."""


def _true_or_false(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError
    return text == "true"


def _written(form: str) -> BeforeValidator:
    """Refuse a number that is written in any other form, which other services would refuse."""

    def check(text: str) -> str:
        if not re.fullmatch(form, text):
            raise ValueError
        return text

    return BeforeValidator(check)


def _require_origin(scheme: str, url: str | None) -> str | None:
    if url is not None:
        found = re.fullmatch(scheme + _PLACE, url)
        if found is None or int(found[1]) > MOST_PORT:
            raise ValueError
    return url


WholeNumber = Annotated[int, _written("0|[1-9][0-9]*")]
Seconds = Annotated[float, _written(r"[0-9]+(\.[0-9]+)?")]


class Settings(BaseSettings):
    """One field for each environment variable of the same name in capitals. `description` says what is allowed."""

    model_config = SettingsConfigDict(
        frozen=True, validate_default=False, case_sensitive=True, alias_generator=str.upper
    )

    host: str = Field("127.0.0.1", min_length=1, description="a host name or an address")
    port: WholeNumber = Field(8000, ge=0, le=MOST_PORT, description="a whole number from 0 to 65535")
    database_url: SecretStr = Field(description="postgresql://user:password@host:port/database")
    workers: WholeNumber = Field(2, ge=1, le=256, description="a whole number from 1 to 256")
    pool_size: WholeNumber = Field(20, ge=1, le=10000, description="a whole number from 1 to 10000")
    pool_timeout_seconds: Seconds = Field(2.0, ge=0.001, le=60, description="a number of seconds from 0.001 to 60")
    queue_size: WholeNumber = Field(100, ge=1, le=10000, description="a whole number from 1 to 10000")
    pool_reset: Annotated[bool, BeforeValidator(_true_or_false)] = Field(
        default=False, description="one of true, false"
    )
    pool_ping: Annotated[bool, BeforeValidator(_true_or_false)] = Field(default=False, description="one of true, false")
    set_time_zone: Annotated[bool, BeforeValidator(_true_or_false)] = Field(
        default=False, description="one of true, false"
    )
    driver: Driver = Field(Driver.ASYNCPG, description=f"one of {', '.join(Driver)}")
    connections: Connections = Field(Connections.POOLED, description=f"one of {', '.join(Connections)}")
    statements: Statements = Field(Statements.CACHED, description=f"one of {', '.join(Statements)}")
    plan: Plan = Field(Plan.SINGLE, description=f"one of {', '.join(Plan)}")
    lookup: Lookup = Field(Lookup.BY_ID, description=f"one of {', '.join(Lookup)}")
    serializer: SerializerName = Field(SerializerName.ORJSON, description=f"one of {', '.join(SerializerName)}")
    upstream_url: str | None = Field(None, description="https://host:port")
    upstream_ca: str | None = Field(None, min_length=1, description="a file")
    upstream_deadline_ms: WholeNumber = Field(2000, ge=1, le=9000, description="a whole number from 1 to 9000")
    client: ClientStrategy = Field(ClientStrategy.SHARED, description=f"one of {', '.join(ClientStrategy)}")
    http_client: HttpClient = Field(HttpClient.HTTPX, description=f"one of {', '.join(HttpClient)}")
    http2: Annotated[bool, BeforeValidator(_true_or_false)] = Field(default=False, description="one of true, false")
    metrics: Metrics = Field(Metrics.OFF, description=f"one of {', '.join(Metrics)}")
    traces: Annotated[bool, BeforeValidator(_true_or_false)] = Field(default=False, description="one of true, false")
    otel_exporter_otlp_endpoint: str | None = Field(None, description="http://host:port")
    access_log: Annotated[bool, BeforeValidator(_true_or_false)] = Field(
        default=False, description="one of true, false"
    )
    log_level: LogLevel = Field(LogLevel.INFO, description=f"one of {', '.join(LogLevel)}")

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        # `port` itself raises ValueError where it is not a number.
        if parts.scheme not in SCHEMES or not parts.hostname or parts.port == 0:
            raise ValueError
        if not parts.username or len(parts.path) <= 1:
            raise ValueError
        return url

    @model_validator(mode="after")
    def _tls_can_be_verified(self) -> Self:
        try:
            self.database_tls()
        except ValueError as error:
            raise ValueError(f"DATABASE_URL: {error}") from None
        return self

    @field_validator("upstream_url")
    @classmethod
    def _is_an_origin_of_https(cls, url: str | None) -> str | None:
        return _require_origin("https", url)

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _is_an_origin_of_http(cls, url: str | None) -> str | None:
        return _require_origin("http", url)

    @model_validator(mode="after")
    def _upstream_can_be_verified(self) -> Self:
        if self.upstream_url is not None:
            self.upstream().context()
        return self

    @model_validator(mode="after")
    def _client_has_these_knobs(self) -> Self:
        if self.client is ClientStrategy.PER_CALL_SHARED_TLS and self.http_client in OWN_TLS:
            raise ValueError(
                f"CLIENT={str(self.client)!r} cannot be with HTTP_CLIENT={self.http_client}, which makes its own"
            )
        if self.http2 and self.http_client in HTTP_1_ONLY:
            raise ValueError(f"HTTP2='true' must be false with HTTP_CLIENT={self.http_client}")
        if self.upstream_url is not None and find_spec(self.http_client) is None:
            raise ValueError(f"HTTP_CLIENT={str(self.http_client)!r} is not installed: install the extra 'outbound'")
        return self

    @model_validator(mode="after")
    def _can_be_observed(self) -> Self:
        for knob, is_on, is_sent, library in [
            (f"METRICS={str(self.metrics)!r}", self.is_measured, self.sends_metrics, "prometheus_client"),
            ("TRACES='true'", self.traces, self.traces, "opentelemetry"),
        ]:
            if is_sent and self.otel_exporter_otlp_endpoint is None:
                raise ValueError(f"OTEL_EXPORTER_OTLP_ENDPOINT is missing: {knob} needs a collector")
            if is_on and find_spec(library) is None:
                raise ValueError(f"{knob} needs {library}: install the extra 'observability'")
            if is_on and self.upstream_url is not None and self.http_client in NOT_OBSERVED:
                raise ValueError(f"{knob} cannot be with HTTP_CLIENT={self.http_client}, which cannot be observed")
        return self

    @model_validator(mode="after")
    def _connections_are_shared_out_evenly(self) -> Self:
        if self.pool_size % self.workers:
            raise ValueError(f"POOL_SIZE={str(self.pool_size)!r} must be a multiple of WORKERS ({self.workers})")
        return self

    @model_validator(mode="after")
    def _its_driver_has_these_knobs(self) -> Self:
        if self.driver is not Driver.ASYNCPG:
            if self.connections is not Connections.POOLED:
                raise ValueError(f"CONNECTIONS={str(self.connections)!r} must be pooled with DRIVER={self.driver}")
            if self.pool_reset:
                raise ValueError(f"POOL_RESET='true' must be false with DRIVER={self.driver}")
        return self

    @model_validator(mode="after")
    def _its_serializer_is_installed(self) -> Self:
        if self.serializer is SerializerName.ROWJSON and not HAS_ROWJSON:
            raise ValueError(f"SERIALIZER={str(self.serializer)!r} needs rowjson: install Rust, then 'make set-up'")
        return self

    @model_validator(mode="after")
    def _packed_rows_can_be_read(self) -> Self:
        if self.plan is Plan.PACKED and self.serializer is not SerializerName.ROWJSON:
            raise ValueError(
                f"SERIALIZER={str(self.serializer)!r} must be {SerializerName.ROWJSON} with PLAN={self.plan}"
            )
        return self

    @model_validator(mode="after")
    def _only_the_sequential_plan_has_the_articles_knobs(self) -> Self:
        if self.plan is not Plan.SEQUENTIAL:
            if self.lookup is not Lookup.BY_ID:
                raise ValueError(f"LOOKUP={str(self.lookup)!r} must be {Lookup.BY_ID} with PLAN={self.plan}")
            if self.set_time_zone:
                raise ValueError(f"SET_TIME_ZONE='true' must be false with PLAN={self.plan}")
        return self

    @property
    def connections_per_worker(self) -> int:
        """How many of the service's connections one worker process may hold."""
        return self.pool_size // self.workers

    @property
    def is_measured(self) -> bool:
        """Whether there is /metrics."""
        return self.metrics is not Metrics.OFF

    @property
    def sends_metrics(self) -> bool:
        """Whether a collector gets the metrics."""
        return self.metrics is Metrics.SENT

    @property
    def has_collector(self) -> bool:
        """Whether a collector gets anything."""
        return self.traces or self.sends_metrics

    @property
    def waiting_per_worker(self) -> int:
        """How many requests may wait for a connection in one worker process."""
        return math.ceil(self.queue_size / self.workers)

    def database_tls(self) -> ssl.SSLContext | None:
        """How connections to the database are encrypted; None for no TLS."""
        file = tls.ca_file(self.database_url.get_secret_value())
        return None if file is None else tls.verifying(file)

    def upstream(self) -> Target:
        """The upstream. Raises ValueError where there is none."""
        if self.upstream_url is None:
            raise ValueError("UPSTREAM_URL is missing")
        return Target(self.upstream_url, self.upstream_ca, self.upstream_deadline_ms / 1000, self.http2)

    def public(self) -> dict[str, Any]:
        """All settings as the log may show them: without the password."""
        shown = self.model_dump(mode="json")
        return shown | {"database_url": without_password(self.database_url.get_secret_value())}


def load() -> Settings:
    """The settings from the environment. Raises BadSettingsError."""
    try:
        return Settings()  # type: ignore[call-arg]  # the environment gives what has no default
    except ValidationError as error:
        raise BadSettingsError("; ".join(map(_explain, error.errors()))) from None


def exit_with(error: BadSettingsError) -> NoReturn:
    """Write one line to stderr and exit with code 2."""
    sys.stderr.write(f"bad settings: {error}\n")
    sys.exit(2)


def load_or_exit(*requirements: Callable[[Settings], None]) -> Settings:
    """The settings from the environment. Exits where they are bad, or do not meet what the service requires."""
    try:
        settings = load()
        for require in requirements:
            require(settings)
    except BadSettingsError as error:
        exit_with(error)
    return settings


def _explain(error: ErrorDetails) -> str:
    if not error["loc"]:
        return str(error["ctx"]["error"])
    field = str(error["loc"][0]).lower()
    allowed = Settings.model_fields[field].description
    if error["type"] == "missing":
        return f"{field.upper()} is missing, it must be {allowed}"
    value = str(error["input"])
    shown = without_password(value) if field == "database_url" else value
    return f"{field.upper()}={shown!r} must be {allowed}"
