"""Builds ARNs from templates, takes them apart and distinguishes them from names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.aws.iam_resources import ANY, ARN_PREFIXES, REF_IS_ARN
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.static_values import ANYTHING, Known, Resources, Tree, compose, type_of

Arn: TypeAlias = str | Intrinsic

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PSEUDO = {"Partition": "AWS::Partition", "Region": "AWS::Region", "Account": "AWS::AccountId"}
_WILD = re.compile(r"[*?$]")
"""Characters that IAM does not read literally in a resource."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a resource is unknown."""

    reason: str


def variables(arn: str) -> list[str]:
    """The variables of an ARN template, except partition, region and account."""
    return [name for name in _VARIABLE.findall(arn) if name not in _PSEUDO]


def filled(template: str, values: Mapping[str, Known] | None = None) -> Arn:
    """Fills the variables of an ARN template; partition, region and account are the stack's."""
    parts: list[str | Intrinsic] = []
    for index, piece in enumerate(_VARIABLE.split(template)):
        if index % 2 == 0:
            parts += [piece] if piece else []
        elif piece in _PSEUDO:
            parts.append(ref(_PSEUDO[piece]))
        else:
            parts += (values or {})[piece].parts
    return compose(*parts)


def arn(value: Known) -> Arn:
    return compose(*value.parts)


def is_arn(value: Known, resources: Resources) -> bool:
    """Whether a value is an ARN rather than a name."""
    match value.parts:
        case [str() as text, *_]:
            return text.startswith("arn:")
        case [{"Ref": str() as name}, *_]:
            kind = type_of(ref(name), resources)
            return kind in REF_IS_ARN if kind is not None else name.endswith("Arn")
        case [{"Fn::GetAtt": [_, str() as attribute]}, *_]:
            return attribute.endswith("Arn")
        case [{"Fn::Sub": str() as text}, *_] | [{"Fn::Sub": [str() as text, _]}, *_]:
            return text.startswith("arn:") or text.endswith("Arn}")
        case [{"Fn::ImportValue": name}, *_]:
            return str(name).removesuffix("}").removesuffix("'").endswith("Arn")
        case _:
            return False


def name_in(value: Known, resources: Resources, *, separator: str = "/", index: int = 1) -> Known:
    """The name in an ARN: the piece at `index` after splitting at the separator."""
    if value.text is not None:
        return Known((value.text.split(separator)[index],)) if value.text.count(separator) >= index else value
    match value.only:
        case {"Fn::GetAtt": [str() as name, "Arn"]} if type_of(ref(name), resources) in ARN_PREFIXES:
            return Known((ref(name),))
        case _:
            return Known(({"Fn::Select": [index, {"Fn::Split": [separator, arn(value)]}]},))


def checked(name: str, value: Tree, *, data: bool) -> Known | Missing:
    """A value that can be part of an ARN. `data` may be known only at its start; then a wildcard follows."""
    if value is ANYTHING:
        return ANYTHING
    if not isinstance(value, Known):
        return unknown(name)
    parts: list[str | Intrinsic] = []
    for part in value.parts:
        wild = _WILD.search(part) if isinstance(part, str) else None
        if wild is None:
            parts.append(part)
        elif data:
            return Known((*parts, str(part)[: wild.start()], ANY))
        else:
            return Missing(f"`{name}` has characters that IAM reads as wildcards or variables")
    if value.whole:
        return Known(tuple(parts))
    return Known((*parts, ANY)) if data else unknown(name)


def unknown(name: str) -> Missing:
    return Missing(f"`{name}` is known only when the workflow runs")
