"""Three-valued truth: an answer is known, or unknown with the reason. `None` never means "could not find out"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T", covariant=True)  # frozen: what is known as a dict is known as a mapping too


@dataclass(frozen=True)
class Known(Generic[T]):
    value: T


@dataclass(frozen=True)
class Unknown:
    reason: str


Maybe: TypeAlias = Known[T] | Unknown
