"""Helm's complaints -> our errors: the useful line first, and what to do next. Pure."""

from __future__ import annotations

import re

from helm_tyk_upgrade.errors import HelmError, NotFound
from helm_tyk_upgrade.helm.complaints import RULES
from helm_tyk_upgrade.model.secrets import Masker

LONGEST = 400
"""Characters of Helm's line that are shown: some of its errors repeat a whole manifest."""
_NOISE = re.compile(
    r"[IWEF]\d{4} |level=|time=|WARNING:|warning: |Flag --\S+ has been deprecated|coalesce\.go"
    r"|Error: plugin \S+ exited with error|\d{4}/\d\d/\d\d |walk\.go"
)
_PREFIX = re.compile(r"(?:Error: )?(?:(?:UPGRADE|INSTALLATION|ROLLBACK) FAILED: )?", re.IGNORECASE)
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), cause, hint) for pattern, cause, hint in RULES
)
# The whole of Helm's line: a missing kind or object in the middle of an upgrade is "not found" as well.
_RELEASE_MISSING = re.compile(
    r"^(?:Error: )?(?:[A-Z]+ FAILED: )?(?:[\w ]+: )?(?:Release not loaded: \S+: )?"
    r'(?:release: not found|"?[\w.-]+"? has no deployed releases|release "?[\w.-]+"? not found)\s*$',
    re.MULTILINE,
)
_TEMPLATE_PLACE = re.compile(r"(?P<file>[\w.-]+(?:/[\w.-]+)*/templates/[\w./-]+):(?P<line>\d+)")
_SET_QUOTED = re.compile(r"failed parsing --set.*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TEMPLATE_FAILS = "a template of the chart fails"


def helm_error(
    verb: str, subject: str, stdout: bytes, stderr: bytes, returncode: int, masker: Masker
) -> HelmError | NotFound:
    """The error for a helm command that failed; verb and subject name it (`upgrade`, `default/tyk`).

    NotFound where the release does not exist, HelmError otherwise, its `stderr` masked and printable. Helm's
    words may quote templates and values, so they are masked before anything else is done with them.
    """
    said = _masked(stderr, masker)
    if _RELEASE_MISSING.search(said):
        return NotFound(
            f"release {subject} does not exist", "helm list --all-namespaces shows what does; see --namespace"
        )
    line = useful_line(said) or useful_line(_masked(stdout, masker))
    cause, hint = diagnosis(said)
    place = _TEMPLATE_PLACE.search(said)
    if place is not None and cause == _TEMPLATE_FAILS:
        cause = f"template {place['file']} line {place['line']} fails"
    parts = [f"helm {verb} {subject}".strip(), cause, line or f"it exited with {returncode} and said nothing"]
    return HelmError(": ".join(filter(None, parts)), hint, stderr=said, returncode=returncode)


def diagnosis(text: str) -> tuple[str, str]:
    """(cause, hint) of the first rule that fits; both empty when none does."""
    for pattern, cause, hint in _RULES:
        if pattern.search(text):
            return cause, hint
    return "", ""


def useful_line(text: str) -> str:
    """Helm's own `Error:` line without its prefixes, else the last line that is no log line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    spoken = [line for line in lines if not _NOISE.match(line)]
    for line in (*_errors(text)[:1], *spoken[-1:], *lines[-1:]):
        words = _PREFIX.sub("", line, count=1)
        return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return ""


def _errors(text: str) -> list[str]:
    """Helm's own errors. Helm 4 tells a template's trouble in a chain of indented lines, from the place down to the
    reason: the last two of them belong to the first line."""
    found: list[list[str]] = []
    below = False
    for line in text.splitlines():
        if line.strip().startswith(("Error: ", "panic: ")):
            found.append([line.strip()])
            below = True
        elif below and line.strip() and (line[0].isspace() or _TEMPLATE_PLACE.match(line)):
            found[-1].append(line.strip())
        else:
            below = False
    return [" ".join([first, *chain[-2:]]) for first, *chain in found]


def _masked(output: bytes, masker: Masker) -> str:
    """The whole text at once: a secret may span lines."""
    return _SET_QUOTED.sub(_without_quoted, masker.text(output.decode("utf-8", "replace")))


def _without_quoted(line: re.Match[str]) -> str:
    """What Helm takes for a key may be what stands behind a comma in a password, which nobody could know before."""
    return _QUOTED.sub('"..."', line[0])
