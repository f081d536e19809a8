"""The roles that tasks assume: whether they can be the ARN of a role, and which steps can have one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label
from flowgen.model import Call, Expression, Http, Interpolation, Intrinsic, Literal, Value, Workflow
from flowgen.source import plain

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:[\x21-\x7e]+/)?[\w+=,.@-]{1,64}", re.ASCII)
"""IAM user guide, "IAM identifiers"."""

_OPAQUE = re.compile(r"AWS::CloudFormation::\w+|AWS::SSM::Parameter|Custom::.*")
"""Resource types whose values can be anything."""
_ROLE = "AWS::IAM::Role"
_EXAMPLE = "write its ARN: `arn:aws:iam::123456789012:role/NAME`"
_STACK_VALUE = re.compile(r"\s*\$(parameters|resources)\.(\w+)(?:\.(\w+))?\s*")


def check_credentials(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG220 for a role that cannot be one, FG221 for a step that cannot assume a role."""
    for task in tasks(workflow):
        if isinstance(task, Http) or task.credentials is None:
            continue
        function = workflow.functions.get(task.function) if isinstance(task, Call) else None
        if function is not None and function.activity:
            entry = task.node.entry("credentials")
            yield Diagnostic(
                "FG221",
                "an activity cannot assume a role",
                task.span_of("credentials") if entry is None else entry.key.span,
                "not allowed here",
                secondary=(Label(function.span_of("activity"), "this is an activity"),),
                help="remove `credentials`: a worker of an activity uses its own permissions",
            )
        yield from _role(workflow, task.credentials.role)


def _role(workflow: Workflow, role: Value) -> Iterator[Diagnostic]:
    span = role.node.span
    match role:
        case Literal(value=str() as text) if not ROLE_ARN.fullmatch(text):
            yield Diagnostic("FG220", f"`{text}` is not the ARN of a role", span, help=_EXAMPLE)
        case Interpolation(parts=(str() as text, *_)) if not text.startswith("arn:"):
            yield Diagnostic(
                "FG220", "this is not the ARN of a role", span, "does not start with `arn:`", help=_EXAMPLE
            )
        case Intrinsic() | Expression() if (named := _named(role)) is not None:
            yield from _of_stack(workflow, role, *named)


def _named(role: Intrinsic | Expression) -> tuple[str, str | None] | None:
    """The parameter or resource of a value, and the attribute; None for any other value."""
    if isinstance(role, Expression):
        found = _STACK_VALUE.fullmatch(role.text)
        return None if found is None else (found[2], found[3])
    match plain(role.node):
        case {"Ref": str() as name}:
            return name, None
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            return name, attribute
        case _:
            return None


def _of_stack(workflow: Workflow, role: Value, name: str, attribute: str | None) -> Iterator[Diagnostic]:
    resource, parameter = workflow.resources.get(name), workflow.parameters.get(name)
    if resource is not None and not _OPAQUE.fullmatch(resource.type):
        if resource.type == _ROLE and attribute == "Arn":
            return
        arn = f"`!GetAtt {name}.Arn`"
        yield Diagnostic(
            "FG220",
            f"`{name}` is not a role" if resource.type != _ROLE else "this is not the ARN of the role",
            role.node.span,
            f"a resource of type `{resource.type}`" if resource.type != _ROLE else "its name or another attribute",
            secondary=(Label(resource.key.span, "declared here"),),
            help=f"write {arn}" if resource.type == _ROLE else "refer to a role: `!GetAtt Role.Arn`",
        )
    default = None if parameter is None else parameter.content.get("Default")
    if parameter is not None and parameter.type == "String" and default and not ROLE_ARN.fullmatch(str(default)):
        yield Diagnostic(
            "FG220",
            f"the parameter `{name}` is not the ARN of a role",
            role.node.span,
            f"its default is `{default}`",
            secondary=(Label(parameter.key.span, "declared here"),),
            help="change the default, or remove it",
        )
