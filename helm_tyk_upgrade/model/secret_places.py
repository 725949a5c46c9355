"""Where secrets stand: the names of their keys, and the places in a text that give them away. Patterns only."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|^pass$|passwd|password|secret|token|api_?key|apikey|licen[cs]e|private_?key|credential"
    r"|connection_?string|dsn$|^auth$|mongo_?url|redis_?url|encryption_?key|client_?key|^key$|^tls\.key$"
    r"|authorization$|bearer|jwt$|(access|signing|shared|master|hmac)_?key$|[a-z_-]pwd$|webhook_?url",
    re.IGNORECASE,
)
# Keys that name a secret, point at one or merely talk about them, but hold none.
_NAMES_ONLY = re.compile(
    r"(secret|pass|passwd|password|token|credentials?|key)_?(key_?)?(name|ref|path|file|type|length)$|^use_?secret_?name$|^pass_?secret$|enable|allow|^hash"
    r"|_enabled$|image_?pull_?secrets?$|^secrets$",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_FINGERPRINT = r"(?!secret:[0-9a-f]{8}\b)"
_SCHEME = r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}"
# A password may hold a slash; what begins like a port does not (`oci://host:5000/chart@sha256:...`).
_URL_PASSWORD = re.compile(
    rf"(?P<head>{_SCHEME}://[^\s/:@]{{0,256}}:){_FINGERPRINT}(?!\d+[/\s])(?P<secret>[^\s@\"'<>]{{1,512}})(?=@)",
    re.IGNORECASE,
)
# A token alone before the host: `https://ghp_...@github.com`.
_URL_TOKEN = re.compile(
    rf"(?P<head>{_SCHEME}://){_FINGERPRINT}(?P<secret>[^\s/:@]{{20,512}})(?=@)", re.IGNORECASE
)
_DSN_PASSWORD = re.compile(
    rf"(?P<head>\b(?:[\w.-]{{0,40}}[_.-])?(?:password|passwd|pwd|pass|auth_?token|token|secret|(?:api|access|secret|private)[_-]?key)\s*=\s*)"
    rf"{_FINGERPRINT}(?P<secret>'[^']*'|\"[^\"]*\"|\\\"[^\"]*\\\"|[^\s;&'\"\\]+)",
    re.IGNORECASE,
)
# `--password hush` and `curl -u user:hush`, as written on a command line.
FLAG = re.compile(r"(?P<head>(?<![\w-])--?(?P<name>[A-Za-z][\w-]*)[ \t]+)(?P<secret>[^\s\-][^\s)\"',;]*)")
_USER_FLAG = re.compile(
    rf"(?P<head>(?<!\S)(?:-u|--user)[ =][^\s:]+:){_FINGERPRINT}(?P<secret>(?!\d+(?:\s|$))\S+)"
)
_HEADER = re.compile(
    rf"(?P<head>\bauthorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:[a-z]+\s+)?){_FINGERPRINT}(?P<secret>[^\s\"'\\,;]+)",
    re.IGNORECASE,
)
# Without the header's name only what is no English word: a digit in it, or the look of base64.
_BEARER = re.compile(
    rf"(?P<head>\b(?:bearer|basic)\s+){_FINGERPRINT}(?P<secret>(?=[^\s]*[0-9=_])[A-Za-z0-9._~+/=-]{{8,}})",
    re.IGNORECASE,
)
_JWT = re.compile(r"(?P<head>\b)(?P<secret>eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)")
# Nothing but `scheme://host:port`, one or several: an address says where, and lets nobody in.
_ADDRESSES = re.compile(r"[\s,;]*(?:[a-z][a-z0-9+.-]*://[^\s;/?#@]*/?(?:[\s,;]+|$))+", re.IGNORECASE)
LONG = 16
"""A Secret's entry of an unsuspicious name counts as secret from this length on: shorter ones are often plain
words (`ce`, `default`), and hiding those everywhere would make the output unreadable."""
PRIVATE_KEY = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)(.*?)(-----END|\Z)", re.DOTALL
)
HARMLESS = frozenset(("", "true", "false", "null", "none", "yes", "no", '""', "''"))
PLACED = (
    ("://", _URL_PASSWORD),
    ("://", _URL_TOKEN),
    ("=", _DSN_PASSWORD),
    ("-u", _USER_FLAG),
    ("authorization", _HEADER),
    ("bearer", _BEARER),
    ("basic", _BEARER),
    ("eyj", _JWT),
)
"""Secrets known by the place where they stand: `head` stays, `secret` is hidden. Each with a sign, in small letters,
without which a text has none: most texts have none of them, and looking for a sign is quick."""


def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret. Compares the last part of dotted and underscored names too."""
    return bool(_SECRET_NAME.search(name)) and not _NAMES_ONLY.search(name)


def is_secret_entry(key: str, text: str) -> bool:
    """Whether the plain text of a Secret's entry is to be hidden wherever else it stands: by its key's name, else by
    its length. A bare address (`redis://host:6379/`) is not; with a path, a query or a user it is: webhooks are."""
    return is_secret_name(key) or (len(text) >= LONG and not _ADDRESSES.fullmatch(text))


def printable(text: str) -> str:
    """Untrusted text with control characters, escapes and direction marks written as visible `\\x1b`-like text."""
    return _CONTROL.sub(
        lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text
    )
