"""The ARN that IAM checks when a state machine invokes a function that is named in any way that Lambda accepts.

IAM compares the permission with the ARN of exactly what is invoked: a version or an alias is part of it, and an
unqualified ARN does not include them (Lambda developer guide, "Resources and conditions").
"""

from __future__ import annotations

import re

from flowgen.aws.iam_resources import REF_IS_ARN
from flowgen.backends.cloudformation.iam.arn_templates import Arn, Missing
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, is_intrinsic, ref
from flowgen.backends.cloudformation.static_values import Known, Resources, compose, expanded, type_of

Part = str | Intrinsic

FUNCTION_TYPES = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
"""Resources whose `Ref` is the name of a function."""

_LAMBDA = (ref("AWS::Partition"), ":lambda:")
_HERE = (ref("AWS::Region"), ":", ref("AWS::AccountId"), ":function:")
_PARTIAL = re.compile(
    r"(?:(?P<region>[a-z]{2,4}(?:-[a-z]+)+-[0-9]):)?(?:(?P<account>[0-9]{12}):)?function:(?P<name>.+)"
)


def function_arn(value: Known, resources: Resources) -> list[Arn] | Missing:
    """The ARN of the function, version or alias that `value` names: a name, a partial ARN or an ARN."""
    match value.only:
        case {"Fn::If": [condition, one, other]}:
            arns = [function_arn(Known((_part(option),)), resources) for option in (one, other)]
            missing = next((found for found in arns if isinstance(found, Missing)), None)
            return missing or [{"Fn::If": [condition, *(found[0] for found in arns if isinstance(found, list))]}]
        case _:
            return _of_parts(list(expanded(value.parts)), resources)


def _part(option: object) -> Part:
    return option if isinstance(option, str) or is_intrinsic(option) else ""  # type: ignore[return-value]


def _of_parts(parts: list[Part], resources: Resources) -> list[Arn] | Missing:
    first, *rest = parts or [""]
    literal = "".join(part for part in parts if isinstance(part, str))
    if len(literal) == sum(len(part) if isinstance(part, str) else 1 for part in parts):
        return [_of_text(literal)]
    match first:
        case str() if first.startswith("arn:"):
            return [compose(*parts)]
        case {"Ref": str() as name} if (kind := type_of(ref(name), resources)) is not None:
            if kind in FUNCTION_TYPES:
                return [compose(arn_of(name), *rest)]
            return [compose(*parts)] if kind in REF_IS_ARN else Missing(f"`{name}` is not a Lambda function")
        case {"Fn::GetAtt": [_, str() as attribute]} if attribute.endswith("Arn"):
            return [compose(*parts)]
        case _:
            return [_of_either(parts)]


def _of_text(text: str) -> Arn:
    if text.startswith("arn:"):
        return text
    found = _PARTIAL.fullmatch(text)
    region: Part = (found and found["region"]) or ref("AWS::Region")
    account: Part = (found and found["account"]) or ref("AWS::AccountId")
    name = found["name"] if found else text
    return compose("arn:", *_LAMBDA, region, ":", account, ":function:", name)


def _of_either(parts: list[Part]) -> Arn:
    """The ARN for a value that is a name or an ARN, as the deployment decides.

    What follows `:lambda:` in `VALUE:lambda:REGION:ACCOUNT:function:VALUE` is right in both cases.
    """
    literal = "".join(part for part in parts if isinstance(part, str))
    if ":function:" in literal:
        # A partial ARN that starts with the account.
        return compose("arn:", *_LAMBDA, ref("AWS::Region"), ":", *parts)
    if isinstance(parts[0], str) or parts[0] == ref("AWS::StackName"):
        return compose("arn:", *_LAMBDA, *_HERE, *parts)
    both = compose(*parts, ":lambda:", *_HERE, *parts)
    return compose("arn:", *_LAMBDA, {"Fn::Select": [1, {"Fn::Split": [":lambda:", both]}]})
