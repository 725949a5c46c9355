"""What this room raises, and how untrusted text is made safe to print in a message."""

from __future__ import annotations

from helm_tyk_upgrade.errors import TykUpgradeError

_SHOWN = 120


class UnreadableYaml(TykUpgradeError):
    """The text is not what Helm accepts (or not what this reader can follow without guessing).

    `line` and `column` count from 1; 0 means the whole file. The message already names them.
    """

    def __init__(self, message: str, hint: str = "", line: int = 0, column: int = 0) -> None:
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(place + message, hint)
        self.line = line
        self.column = column


class Refused(TykUpgradeError):
    """An edit that cannot be made with certainty; `hint` is the manual step, `line` counts from 1 (0:
    none)."""

    def __init__(self, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message + (f" (line {line})" if line else ""), hint)
        self.line = line


def escaped(text: str) -> str:
    """The text without control, format or surrogate characters (terminal escapes, line breaks)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def safe(text: object) -> str:
    """What a message may show of untrusted text: one line of at most 120 characters, escaped."""
    shown = str(text)
    return escaped(shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "...")
