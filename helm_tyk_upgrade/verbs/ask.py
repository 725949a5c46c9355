"""Questions on a terminal."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context


def confirm(context: Context, question: str) -> bool:
    """Yes only for y or yes; everything else, the end of input too, is no."""
    context.streams.stderr.write(f"{question} [y/N] ")
    context.streams.stderr.flush()
    return context.streams.stdin.readline().strip().lower() in ("y", "yes")
