"""The implementation of each intrinsic function, on JSON values.

Specified in "Intrinsic Functions" of the language and in the developer guide. Where the service was observed to differ
(it truncates where the guide says "rounds", and compares by text), this module follows the service.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
import uuid
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from flowgen.asl.json_text import is_number, is_same, parse_data, plain_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_RANGE = 1_000
MAX_TEXT = 10_000

_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_FORMAT_PIECE = re.compile(r"\\([\\{}'])|(\{\})|([{}])|([^{}\\]+|\\)")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


class InvalidArguments(Exception):  # noqa: N818 - the service's term; the caller converts it to a QueryFailure
    """Arguments that a function does not accept."""


@dataclass(frozen=True, slots=True)
class Function:
    """An intrinsic function: its number of arguments (`most` None for any number), and its implementation."""

    least: int
    most: int | None
    call: Callable[[list[Any], Random], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidArguments
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidArguments
    return value


def _number(value: Any) -> float:
    if not is_number(value) or not math.isfinite(value):
        raise InvalidArguments
    number: float = value
    return number


def _short_text(value: Any) -> str:
    if len(_text(value)) > MAX_TEXT:
        raise InvalidArguments
    return str(value)


def format_pieces(template: str) -> tuple[str | None, ...]:
    r"""The literal parts of a States.Format template, with None for each `{}`.

    `\{`, `\}`, `\'` and `\\` are literal characters.
    Raises InvalidArguments for a brace that is neither escaped nor part of `{}`.
    """
    pieces: list[str | None] = []
    for match in _FORMAT_PIECE.finditer(template):
        escaped, placeholder, stray, literal = match.groups()
        if stray:
            raise InvalidArguments
        pieces.append(None if placeholder else escaped or literal)
    return tuple(pieces)


def formatted(pieces: tuple[str | None, ...], values: Iterable[Any]) -> str:
    """The pieces with the placeholders replaced by values; raises InvalidArguments if the numbers differ."""
    texts = [plain_text(value) for value in values]
    if len(texts) != pieces.count(None):
        raise InvalidArguments
    rest = iter(texts)
    return "".join(next(rest) if piece is None else piece for piece in pieces)


def _format(arguments: list[Any], _: Random) -> str:
    return formatted(format_pieces(_text(arguments[0])), arguments[1:])


def _string_to_json(arguments: list[Any], _: Random) -> Any:
    text = _text(arguments[0])
    if not text.strip():
        return None
    try:
        return parse_data(text)
    except ValueError:
        raise InvalidArguments from None


def _array_partition(arguments: list[Any], _: Random) -> list[list[Any]]:
    items, size = _list(arguments[0]), int(_number(arguments[1]))
    if size < 1:
        raise InvalidArguments
    return [items[start : start + size] for start in range(0, len(items), size)]


def _array_contains(arguments: list[Any], _: Random) -> bool:
    # The service compares by text: it finds `true` in ["true"], but not {"b": 1, "a": 2} in [{"a": 2, "b": 1}].
    wanted = plain_text(arguments[1])
    return any(plain_text(item) == wanted for item in _list(arguments[0]))


def _array_range(arguments: list[Any], _: Random) -> list[int]:
    first, last, step = (int(_number(argument)) for argument in arguments)
    if step == 0:
        raise InvalidArguments
    numbers = range(first, last + (1 if step > 0 else -1), step)
    # len() of a range fails for numbers larger than a machine word.
    if numbers[MAX_RANGE : MAX_RANGE + 1]:
        raise InvalidArguments
    return list(numbers)


def _array_get_item(arguments: list[Any], _: Random) -> Any:
    items, position = _list(arguments[0]), int(_number(arguments[1]))
    # The service returns null for an empty array, and fails beyond the end of other arrays.
    if not items and position >= 0:
        return None
    if not 0 <= position < len(items):
        raise InvalidArguments
    return items[position]


def _array_unique(arguments: list[Any], _: Random) -> list[Any]:
    return in_hash_order(_list(arguments[0]))


def in_hash_order(items: list[Any]) -> list[Any]:
    """The distinct items in the order of a Java HashSet built from the list, as the service returns them."""
    capacity = max(int(len(items) / 0.75) + 1, 16)
    buckets = 1 << (capacity - 1).bit_length()
    table: dict[int, list[tuple[int, Any]]] = {}
    for item in items:
        code = java_hash(item) & 0xFFFFFFFF
        entries = table.setdefault((code ^ (code >> 16)) & (buckets - 1), [])
        if not any(code == other and is_same(item, entry) for other, entry in entries):
            entries.append((code, item))
    return [item for bucket in sorted(table) for _, item in table[bucket]]


def java_hash(value: Any) -> int:
    """Java's `hashCode` of a JSON value, modulo 2**32."""
    match value:
        case None:
            return 0
        case bool():
            return 1231 if value else 1237
        case int():
            return value if _INT_MIN <= value <= _INT_MAX else (value ^ (value >> 32)) & 0xFFFFFFFF
        case float():
            (bits,) = struct.unpack(">Q", struct.pack(">d", value))
            return int(bits ^ (bits >> 32)) & 0xFFFFFFFF
        case str():
            units = value.encode("utf-16-be", "surrogatepass")
            return _polynomial((units[at] << 8 | units[at + 1] for at in range(0, len(units), 2)), 0)
        case list():
            return _polynomial(map(java_hash, value), 1)
        case _:
            return sum(java_hash(key) ^ (java_hash(item) & 0xFFFFFFFF) for key, item in value.items()) & 0xFFFFFFFF


def _polynomial(codes: Iterable[int], start: int) -> int:
    total = start
    for code in codes:
        total = (31 * total + code) & 0xFFFFFFFF
    return total


def _base64_encode(arguments: list[Any], _: Random) -> str:
    return base64.b64encode(_encoded(_short_text(arguments[0]))).decode("ascii")


def _base64_decode(arguments: list[Any], _: Random) -> str:
    # The service skips characters that are not base64, stops at the padding, and does not require it.
    data = _NOT_BASE64.sub("", _short_text(arguments[0]).partition("=")[0].replace("-", "+").replace("_", "/"))
    if len(data) % 4 == 1:
        data = data[:-1]
    return base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-8", "replace")


def _encoded(text: str) -> bytes:
    # UTF-8 cannot encode an unpaired surrogate; Java writes a question mark.
    return text.encode("utf-8", "replace")


def _hash(arguments: list[Any], _: Random) -> str:
    algorithm = _HASHES.get(_text(arguments[1]))
    if algorithm is None:
        raise InvalidArguments
    return hashlib.new(algorithm, _encoded(_short_text(plain_text(arguments[0]))), usedforsecurity=False).hexdigest()


def _json_merge(arguments: list[Any], _: Random) -> dict[str, Any]:
    left, right, deep = arguments
    if not isinstance(left, dict) or not isinstance(right, dict) or deep is True:
        raise InvalidArguments
    return {**left, **right}


def _math_random(arguments: list[Any], random: Random) -> int:
    start, end = (int(_number(argument)) for argument in arguments[:2])
    if not _INT_MIN <= start < end <= _INT_MAX:
        raise InvalidArguments
    seeded = Random(int(_number(arguments[2]))) if len(arguments) > 2 else random  # noqa: S311, PLR2004 - no secret; the third is the seed
    return seeded.randrange(start, end)


def _math_add(arguments: list[Any], _: Random) -> int:
    # Rounds halves up, as Java's Math.round does: -0.5 to 0, -1.5 to -1.
    left, right = (math.floor(_number(argument) + 0.5) for argument in arguments)
    if not all(_INT_MIN <= number <= _INT_MAX for number in (left, right, left + right)):
        raise InvalidArguments
    return left + right


def _string_split(arguments: list[Any], _: Random) -> list[str]:
    # Each character of the second string is a separator; empty parts are dropped.
    text, splitters = _text(arguments[0]), frozenset(_text(arguments[1]))
    parts: list[str] = []
    start = 0
    for at, character in enumerate(text):
        if character in splitters:
            if at > start:
                parts.append(text[start:at])
            start = at + 1
    if start < len(text):
        parts.append(text[start:])
    return parts


FUNCTIONS = {
    "States.Format": Function(1, None, _format),
    "States.StringToJson": Function(1, 1, _string_to_json),
    "States.JsonToString": Function(1, 1, lambda arguments, _: to_text(arguments[0])),
    "States.Array": Function(0, None, lambda arguments, _: arguments),
    "States.ArrayPartition": Function(2, 2, _array_partition),
    "States.ArrayContains": Function(2, 2, _array_contains),
    "States.ArrayRange": Function(3, 3, _array_range),
    "States.ArrayGetItem": Function(2, 2, _array_get_item),
    "States.ArrayLength": Function(1, 1, lambda arguments, _: len(_list(arguments[0]))),
    "States.ArrayUnique": Function(1, 1, _array_unique),
    "States.Base64Encode": Function(1, 1, _base64_encode),
    "States.Base64Decode": Function(1, 1, _base64_decode),
    "States.Hash": Function(2, 2, _hash),
    "States.JsonMerge": Function(3, 3, _json_merge),
    "States.MathRandom": Function(2, 3, _math_random),
    "States.MathAdd": Function(2, 2, _math_add),
    "States.StringSplit": Function(2, 2, _string_split),
    "States.UUID": Function(0, 0, lambda _, random: str(uuid.UUID(int=random.getrandbits(128), version=4))),
}
