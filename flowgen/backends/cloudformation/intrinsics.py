"""CloudFormation's intrinsic functions as plain JSON (user guide, "Intrinsic function reference")."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Intrinsic: TypeAlias = dict[str, Any]
"""A value that CloudFormation puts in at deployment: one key, `Ref` or `Fn::…`."""


def ref(name: str) -> Intrinsic:
    return {"Ref": name}


def arn_of(logical_id: str) -> Intrinsic:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


VARIABLE = re.compile(r"\$(?=\{[A-Za-z0-9_:.]+\})")
"""The dollar of what looks like a variable of `Fn::Sub`, which linters take for a forgotten one."""


def literal(text: str) -> str | Intrinsic:
    """A user's text, which stays what it is."""
    cuts = [match.end() for match in VARIABLE.finditer(text)]
    if not cuts:
        return text
    return {"Fn::Join": ["", [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]]}


def sub(text: str) -> Intrinsic:
    """`text` with its `${…}` put in; never hand it a user's text."""
    return {"Fn::Sub": text}
