"""Builds ARNs from templates, takes them apart and distinguishes them from names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from flowgen.aws.iam_resources import ANY, ARN_PREFIXES, REF_IS_ARN
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.static_values import (
    ANYTHING,
    Known,
    Resources,
    Tree,
    compose,
    expanded,
    type_of,
)

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


class Form(Enum):
    """Whether a value is an ARN or a name. EITHER: only the deployment decides."""

    ARN = "arn"
    NAME = "name"
    EITHER = "either"


def form_of(value: Known, resources: Resources) -> Form:
    """The form of a value, from what CloudFormation documents; the names of parameters and exports show nothing.

    Source: CloudFormation's resource reference, "Return values" of each resource.
    """
    match next(iter(expanded(value.parts)), ""):
        case str() as text:
            return Form.ARN if text.startswith("arn:") else Form.NAME
        case {"Ref": str() as name} if name.startswith("AWS::"):
            return Form.NAME
        case {"Ref": str() as name} if (kind := type_of(ref(name), resources)) is not None:
            return Form.ARN if kind in REF_IS_ARN else Form.NAME
        case {"Fn::GetAtt": [_, str() as attribute]}:
            return Form.ARN if attribute.endswith("Arn") else Form.NAME
        case _:
            return Form.EITHER


def form_in(argument: str, value: Known, resources: Resources) -> Form:
    """The form of a value of an argument that the API names `…Arn` if it accepts only ARNs."""
    form = form_of(value, resources)
    return Form.ARN if form is Form.EITHER and argument.lower().endswith(("arn", "arns")) else form


def arn_of_either(template: str, value: Known, values: Mapping[str, Known] | None = None) -> Arn:
    """Fills the first variable of an ARN template with a value that is a name or an ARN, as the deployment decides.

    What follows `:SERVICE:` in `VALUE:SERVICE:REGION:ACCOUNT:TYPE/VALUE` is right in both cases.
    """
    variable = variables(template)[0]
    before, _, after = template.partition(f"${{{variable}}}")
    service = before.split(":")[2]
    start, separator = f"arn:${{Partition}}:{service}:", f":{service}:"
    named = filled(f"{separator}{before.removeprefix(start)}")
    both = compose(*value.parts, *parts(named), *value.parts)
    rest = {"Fn::Select": [1, {"Fn::Split": [separator, both]}]}
    return compose(*parts(filled(start)), rest, *parts(filled(after, values)))


def of_form(form: Form, template: str, value: Known) -> Arn:
    """The ARN that a value is, or that fills a template with one variable."""
    match form:
        case Form.ARN:
            return arn(value)
        case Form.NAME:
            return filled(template, {variables(template)[0]: value})
        case Form.EITHER:
            return arn_of_either(template, value)


def name_of_either(value: Known, kind: str) -> Known:
    """The name in a value that is a name or an ARN that ends with `:KIND` and the name, such as `cluster/`."""
    both = compose(*value.parts, f":{kind}", *value.parts)
    return Known(({"Fn::Select": [1, {"Fn::Split": [f":{kind}", both]}]},))


def parts(arn: Arn) -> tuple[str | Intrinsic, ...]:
    """An ARN, or a piece of one, as parts for `compose`."""
    return (arn,) if arn else ()


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
