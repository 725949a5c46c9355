"""A gateway as its pod describes it, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

RedisState = Literal["absent", "pass", "fail"]


@dataclass(frozen=True)
class SecretRef:
    """The API secret is in key `key` of Secret `name`, in the pod's namespace."""

    name: str
    key: str


@dataclass(frozen=True)
class GatewaySpec:
    """Where a gateway answers and what it should be, read from a pod or pod template.

    version: what the image tag stands for (`5.13.1`), "" for a tag that is no exact Tyk version or a digest;
    secret: a reference, the plain text, or None where the pod does not say; *_in_emptydir: what is created
    through the API there is lost with the pod; unread: variables that matter here but whose values the pod
    does not show (they come from a ConfigMap or Secret), so that the default was assumed.
    """

    container: str
    image: str
    tag: str = ""
    version: str = ""
    listen_port: int = 8080
    control_port: int | None = None
    health_path: str = "/hello"
    readiness_path: str = "/ready"
    tls: bool = False
    mutual_tls: bool = False
    secret: SecretRef | str | None = field(default=None, repr=False)
    app_path: str = ""
    policy_path: str = ""
    apps_in_emptydir: bool = False
    policies_in_emptydir: bool = False
    log_format: str = ""
    log_level: str = ""
    unread: tuple[str, ...] = ()

    @property
    def probe_port(self) -> int:
        """With a control port, health and the Gateway API exist only there."""
        return self.control_port or self.listen_port

    @property
    def scheme(self) -> Literal["http", "https"]:
        return "https" if self.tls else "http"


@dataclass(frozen=True)
class Hello:
    """One answer of the health path. status, version and description are the gateway's words, made printable.

    redis_time moves only when the gateway really looked (every 10 s): an old time is an old answer. redis is
    `absent` in the first 10 s, when nothing was looked at yet.
    """

    status_code: int
    status: str
    version: str
    redis: RedisState
    redis_time: str = ""
    output: str = ""
    description: str = ""


@dataclass(frozen=True)
class NoHello:
    """There was no usable answer. kind: `refused`: nothing listens on the port; `lost`: no connection or cut
    off; `slow`: no answer in time; `certificate`: a client certificate is wanted; `strange`: something else
    answered."""

    kind: Literal["refused", "lost", "slow", "certificate", "strange"]
    reason: str
    status_code: int = 0


@dataclass(frozen=True)
class Ready:
    """The answer of the readiness path. exists: false where this gateway has none (404)."""

    status_code: int
    exists: bool
    ready: bool
    message: str = ""


@dataclass(frozen=True)
class Reading:
    """One look at the health path. tunnel: why the way to the pod failed, "" where it did not: then the
    answer says nothing about the gateway."""

    at: datetime
    answer: Hello | NoHello
    tunnel: str = ""


@dataclass(frozen=True)
class Readings:
    """All looks at one pod, oldest first. decided: enough was seen; else the time ran out."""

    readings: tuple[Reading, ...]
    ready: Ready | NoHello | None = None
    decided: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class ApiDefinition:
    """One API as the gateway has it. form: `classic`, `oas` or `mcp`; document: as the Gateway API gave
    it."""

    id: str
    name: str
    form: Literal["classic", "oas", "mcp"]
    document: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Policy:
    id: str
    name: str
    document: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Inventory:
    """What one gateway pod has loaded."""

    apis: tuple[ApiDefinition, ...] = ()
    policies: tuple[Policy, ...] = ()
