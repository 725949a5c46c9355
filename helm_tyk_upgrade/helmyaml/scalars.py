"""What one scalar means to Helm: the resolver of go-yaml v2, then the key rules of sigs.k8s.io/yaml.

The rules were read off Helm 3.16.4 and 4.3.1 construct by construct (tests/helmyaml/test_traps.py); they are
neither YAML 1.1 nor 1.2: no base 60, no dates, `0777` and `0o777` both octal, `y` and `on` are bools.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import math
import re
import struct
from typing import Union

Scalar = Union[None, bool, int, float, str]

TAG_PREFIX = "tag:yaml.org,2002:"
_WORDS: tuple[tuple[Scalar, str], ...] = (
    (True, "y Y yes Yes YES true True TRUE on On ON"),
    (False, "n N no No NO false False FALSE off Off OFF"),
    (None, "~ null Null NULL"),
    (math.nan, ".nan .NaN .NAN"),
    (math.inf, ".inf .Inf .INF +.inf +.Inf +.INF"),
    (-math.inf, "-.inf -.Inf -.INF"),
)
_MEANING: dict[str, Scalar] = {word: value for value, words in _WORDS for word in words.split()} | {"": None}
_HINTS = frozenset(["", *"yYnNtTfFoO~.+-0123456789"])  # first characters of all that is not just text
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_DOTTED = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_INT = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))\Z")
_TIMESTAMP = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(\Z|[Tt ])")
_DIGITS_LIMIT = 4000  # int() of longer text is quadratic; such a number is a float or a string anyway


def resolve(text: str) -> Scalar:
    """The value of an untagged plain scalar: None, bool, int (64 bit), float (nan and inf too) or str."""
    first = text[:1]
    if first not in _HINTS:
        return text
    if text in _MEANING:
        return _MEANING[text]
    if first == ".":  # Go's ParseFloat: underscores only between digits
        return _finite(text.replace("_", ""), text) if _DOTTED.match(text) else text
    if first not in "+-0123456789":
        return text
    plain = text.replace("_", "")
    whole = _INT.match(plain) if len(plain) < _DIGITS_LIMIT else None
    if whole:
        number = _whole_number(*whole.groups())
        if number is not None:
            return number
    return _finite(plain, text)


def _whole_number(sign: str, hexa: str, octal: str, binary: str, decimal: str) -> int | None:
    if hexa:
        number = int(hexa, 16)
    elif octal:
        number = int(octal, 8)
    else:
        number = int(binary, 2) if binary else int(decimal)
    if sign == "-":
        number = -number
    signed = -(2**63) <= number < 2**63
    return number if signed or (not sign and number < 2**64) else None


def _finite(text: str, otherwise: str) -> float | str:
    """Go's ParseFloat fails beyond float64's range, and go-yaml then keeps the text (`1e400`)."""
    if _FLOAT.match(text):
        number = float(text)
        if not math.isinf(number):
            return number
    return otherwise


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag. Raises ValueError where Helm refuses."""
    kind = tag[len(TAG_PREFIX) :] if tag.startswith(TAG_PREFIX) else ""
    if kind == "binary":
        return _binary(text)
    if kind == "timestamp":
        return _timestamp(text)
    if kind not in ("int", "float", "bool", "null"):
        return text  # !!str, and any tag go-yaml does not know
    value = resolve(text)
    if kind == "float" and type(value) is int:
        return float(value)
    wanted = {"int": int, "float": float, "bool": bool, "null": type(None)}[kind]
    if type(value) is not wanted:
        raise ValueError(f"this text cannot be read as !!{kind}")
    return value


def _binary(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("!!binary must be base64 of UTF-8 text here") from error


def _timestamp(text: str) -> str:
    match = _TIMESTAMP.match(text)
    if not match:
        raise ValueError("this text cannot be read as !!timestamp")
    datetime.date(int(match[1]), int(match[2]), int(match[3]))
    return text


def key_text(value: Scalar) -> str:
    """The string a map key becomes (`on:` -> "true", `0777:` -> "511"). Raises ValueError where Helm
    refuses."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError("a map key beyond 64 bit")
        return str(value)
    if isinstance(value, float):
        return _float_key(value)
    raise ValueError("a null map key")


def _float_key(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    short = _float32(str(value))  # FormatFloat(value, 'g', -1, 32)
    if math.isinf(short):
        return ".inf" if short > 0 else "-.inf"
    digits = next((d for d in range(1, 10) if _float32(f"{short:.{d}g}") == short), 9)
    exponent = int(f"{short:.{digits - 1}e}".rpartition("e")[2])
    if exponent < -4 or exponent >= 6:  # where Go's shortest %g switches
        return f"{short:.{digits - 1}e}"
    return f"{short:.{max(0, digits - 1 - exponent)}f}"


def _float32(text: str) -> float:
    (value,) = struct.unpack("f", struct.pack("f", float(text)))
    return float(value)
