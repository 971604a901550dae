"""How the upstream behaves in a scenario: settings of infra/upstream, whose README.md explains them."""

import math
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

MOST_MS, MOST_SIGMA = 60_000, 3

Milliseconds = Annotated[float, Field(ge=0, le=MOST_MS, allow_inf_nan=False)]


class Behaviour(BaseModel):
    """Of one resource."""

    model_config = ConfigDict(extra="forbid")

    latency_ms: Milliseconds = 0
    """The time until it answers: the median, where times differ."""
    latency_sigma: Annotated[float, Field(ge=0, le=MOST_SIGMA, allow_inf_nan=False)] = 0
    """The standard deviation of the time's logarithm; 0: all times are equal."""
    failure_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0
    """The share of requests that are answered with 503, at random."""
    body_ms: Milliseconds = 0
    """The time that the body takes."""

    @property
    def mean_ms(self) -> float:
        """Of all answers, until their end."""
        return self.latency_ms * math.exp(self.latency_sigma**2 / 2) + self.body_ms


Behaviours: TypeAlias = dict[Literal["analysis", "facts", "price"], Behaviour]
