"""CloudFormation's intrinsic functions as plain JSON (user guide, "Intrinsic function reference")."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Intrinsic: TypeAlias = dict[str, Any]
"""A value that CloudFormation inserts at deployment: one key, `Ref` or `Fn::…`."""


def is_intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function.

    >>> is_intrinsic({"Ref": "Inbox"}), is_intrinsic({"Ref": "Inbox", "Type": "String"})
    (True, False)
    """
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (key,) = value
    return key == "Ref" or (isinstance(key, str) and key.startswith("Fn::"))


def ref(name: str) -> Intrinsic:
    return {"Ref": name}


def arn_of(logical_id: str) -> Intrinsic:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


VARIABLE = re.compile(r"\$(?=\{[A-Za-z0-9_:.]+\})")
"""The dollar sign of what looks like a `Fn::Sub` variable: linters report it as a missing `Fn::Sub`."""


SUBSTITUTED = re.compile(r"\$\{([^!}][^}]*)\}")
"""A variable of `Fn::Sub` (not the escaped `${!Name}`); its group is the name."""


def literal(text: str) -> str | Intrinsic:
    """A user's string, unchanged by CloudFormation."""
    cuts = [match.end() for match in VARIABLE.finditer(text)]
    if not cuts:
        return text
    return {"Fn::Join": ["", [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]]}


def sub(text: str) -> Intrinsic:
    """`text` with its `${…}` replaced; never pass a user's string."""
    return {"Fn::Sub": text}
