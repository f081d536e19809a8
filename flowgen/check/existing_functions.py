"""Checks that the CloudFormation tag of an existing function or activity can be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flowgen.diagnostics import Diagnostic, Label
from flowgen.model import Function, Workflow
from flowgen.model.activities import ACTIVITY_ARN
from flowgen.model.function_arns import is_function_name

_INVOCABLE = frozenset(
    {"AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Serverless::Function"}
)
_ACTIVITY = "AWS::StepFunctions::Activity"
_OPAQUE = re.compile(r"AWS::CloudFormation::\w+|Custom::.*")
"""Resource types whose attributes can be anything."""

_FIRST_VARIABLE = re.compile(r"\$\{([^!}.:]+)(?:\.[^}]+)?\}(.*)", re.DOTALL)


def check_existing_functions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG102 for a resource that is not a function, and for a parameter that can't hold the name or ARN of one."""
    for function in workflow.functions.values():
        yield from _activity(workflow, function)
        if not isinstance(function.arn, dict) or (named := _named(function.arn)) is None:
            continue
        name, rest = named
        span = function.span_of("arn")
        resource, parameter = workflow.resources.get(name), workflow.parameters.get(name)
        if resource is not None and resource.type not in _INVOCABLE and not _OPAQUE.fullmatch(resource.type):
            yield Diagnostic(
                "FG102",
                f"`{name}` is not a Lambda function",
                span,
                f"a resource of type `{resource.type}`",
                secondary=(Label(resource.key.span, "declared here"),),
                help="refer to a function, a version or an alias",
            )
        elif parameter is not None:
            default = parameter.content.get("Default")
            is_text = parameter.type == "String" or parameter.type.startswith("AWS::SSM::Parameter::Value<String>")
            if not is_text:
                problem = f"its type is `{parameter.type}`"
            elif parameter.type == "String" and default is not None and not is_function_name(f"{default}{rest}"):
                problem = f"its default is `{default}`"
            elif name.endswith("Arn") and default is not None and not str(default).startswith("arn:"):
                problem = f"its name ends in `Arn`, but its default `{default}` is not an ARN"
            else:
                continue
            yield Diagnostic(
                "FG102",
                f"the parameter `{name}` is not the name or ARN of a Lambda function",
                span,
                problem,
                secondary=(Label(parameter.key.span, "declared here"),),
                help="use a parameter of type `String` that holds a name or an ARN",
            )


def _activity(workflow: Workflow, function: Function) -> Iterator[Diagnostic]:
    """FG222 for a tag that refers to something other than an activity, or to its name."""
    match function.activity:
        case {"Ref": str() as name} | {"Fn::GetAtt": [str() as name, "Arn"]}:
            wrong = ""
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            wrong = f"the attribute `{attribute}`"
        case _:
            return
    resource, parameter = workflow.resources.get(name), workflow.parameters.get(name)
    if resource is not None and not _OPAQUE.fullmatch(resource.type):
        what = f"a resource of type `{resource.type}`" if resource.type != _ACTIVITY else wrong
        if what:
            yield Diagnostic(
                "FG222",
                f"`{name}` is not an activity" if resource.type != _ACTIVITY else "this is not the ARN of the activity",
                function.span_of("activity"),
                what,
                secondary=(Label(resource.key.span, "declared here"),),
                help=f"write `!Ref {name}`"
                if resource.type == _ACTIVITY
                else "refer to an `AWS::StepFunctions::Activity`",
            )
    default = None if parameter is None else parameter.content.get("Default")
    if parameter is not None and default and not ACTIVITY_ARN.fullmatch(str(default)):
        yield Diagnostic(
            "FG222",
            f"the parameter `{name}` is not the ARN of an activity",
            function.span_of("activity"),
            f"its default is `{default}`",
            secondary=(Label(parameter.key.span, "declared here"),),
            help="use a parameter that holds an ARN",
        )


def _named(content: Mapping[str, object]) -> tuple[str, str] | None:
    """The parameter or resource that starts the text, and the literal text after it; None if that is unknown."""
    match content:
        case {"Ref": str() as name}:
            return name, ""
        case {"Fn::GetAtt": [str() as name, *_]}:
            return name, ""
        case {"Fn::Sub": str() as text} if (found := _FIRST_VARIABLE.fullmatch(text)) and "${" not in found[2]:
            return found[1], found[2]
        case _:
            return None
