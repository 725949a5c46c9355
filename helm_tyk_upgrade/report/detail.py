"""How much of a plan is shown: the parts of --only, the words of --show. Light: the command line reads it."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("values", "diff", "checks")
"""--only: nothing but these; `checks` are the verdicts and what the cluster, the registries and the records said."""
WORDS = ("values", "diff", "cosmetic", "server", "checks", "all")
"""--show: whole instead of folded; beside them `objects=KIND/NAME`."""
_OBJECT = "objects="


@dataclass(frozen=True)
class Detail:
    """What is shown whole. objects: `kind/name` in small letters; where given, of the others only the titles."""

    words: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()

    def whole(self, word: str) -> bool:
        return word in self.words or "all" in self.words

    def picks(self, kind: str, name: str) -> bool:
        return f"{kind}/{name}".lower() in self.objects


def parse_detail(text: str) -> Detail:
    """`values,objects=Deployment/gateway`. Raises ValueError that names the words there are."""
    parts = [part.strip() for part in text.split(",")]
    objects = [part.removeprefix(_OBJECT) for part in parts if part.startswith(_OBJECT)]
    words = [part for part in parts if not part.startswith(_OBJECT)]
    unknown = sorted(set(words) - set(WORDS)) + [name for name in objects if "/" not in name]
    if unknown:
        raise ValueError(f"nothing to show: {', '.join(unknown)} ({', '.join(WORDS)}, objects=KIND/NAME)")
    return Detail(frozenset(words), frozenset(name.lower() for name in objects))


def parse_parts(text: str) -> tuple[str, ...]:
    """`values,diff`. Raises ValueError that names the parts there are."""
    parts = tuple(part.strip() for part in text.split(","))
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise ValueError(f"no such part: {', '.join(unknown)} ({', '.join(PARTS)})")
    return parts
