"""Resources of a template: plain properties in, the same properties checked by troposphere out.

Nothing else imports troposphere, and nothing imports it before a template is built. Units are CloudFormation's: memory
in MiB, timeouts in seconds, retention in days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

from flowgen.backends.cloudformation.intrinsics import Intrinsic, is_intrinsic

Declaration: TypeAlias = dict[str, Any]
"""What a template has under a logical id."""

Entry: TypeAlias = tuple[str, Declaration]
"""A logical id and its declaration."""

_MODULES = {"Lambda": "awslambda"}
_CLASSES = {"AWS::IAM::Policy": "PolicyType", "AWS::SNS::Subscription": "SubscriptionResource"}
"""troposphere's names where they differ from CloudFormation's."""


def resource(
    resource_type: str,
    properties: Mapping[str, Any],
    *,
    depends_on: Sequence[str] = (),
    deletion: str | None = None,
    replacement: str | None = None,
) -> Declaration:
    """A resource of a type (`AWS::Lambda::Function`), checked: no property is unknown, missing or of a wrong type.

    A property that is None is left out, at any depth of what troposphere knows. `deletion` and `replacement` are the
    resource's `DeletionPolicy` and `UpdateReplacePolicy`. Raises AttributeError, TypeError or ValueError for a property
    that CloudFormation would reject: that is a bug in flowgen.
    """
    made = _checked(_class(resource_type), properties).to_dict()
    attributes = {"DependsOn": list(depends_on), "DeletionPolicy": deletion, "UpdateReplacePolicy": replacement}
    present = {name: value for name, value in attributes.items() if value}
    return {"Type": resource_type, **present, "Properties": made["Properties"]}


def tagged(declaration: Declaration, tags: Mapping[str, str | Intrinsic]) -> Declaration:
    """A declaration with tags, if its type can have tags."""
    accepted = _class(declaration["Type"]).props.get("Tags") if tags else None
    if accepted is None:
        return declaration
    made: Any = dict(tags) if accepted[0] is dict else [{"Key": key, "Value": value} for key, value in tags.items()]
    return {**declaration, "Properties": {**declaration["Properties"], "Tags": made}}


@cache
def _class(resource_type: str) -> Any:
    _, service, name = resource_type.split("::")
    module = import_module(f"troposphere.{_MODULES.get(service, service.lower())}")
    return getattr(module, _CLASSES.get(resource_type, name))


@cache
def _value_class() -> Any:
    """Marks an intrinsic function, which troposphere accepts as any value."""
    from troposphere import AWSHelperFn

    class Value(AWSHelperFn):  # type: ignore[misc]  # troposphere has no types
        def __init__(self, intrinsic: Intrinsic) -> None:
            self.data = intrinsic

    return Value


@cache
def _repaired(kind: Any) -> Any:
    """Restores `LogFormat`, lost in troposphere 4.11.1 to another resource's class of the same name."""
    if kind.__module__ != "troposphere.awslambda" or kind.__name__ != "LoggingConfig":
        return kind
    return type(kind.__name__, (kind,), {"props": {**kind.props, "LogFormat": (str, False)}})


def _checked(kind: Any, properties: Mapping[str, Any]) -> Any:
    """An instance of one of troposphere's classes, with an instance for each property that has a class."""
    present = {name: value for name, value in properties.items() if value is not None}
    unknown = sorted(present.keys() - kind.props.keys())
    if unknown:
        raise AttributeError(f"{kind.__name__} has no property {', '.join(unknown)}")
    return kind(None, **{name: _value(kind.props[name][0], value) for name, value in present.items()})


def _value(expected: Any, value: Any) -> Any:
    from troposphere import AWSProperty

    if is_intrinsic(value):
        return _value_class()(value)
    if isinstance(expected, list) and isinstance(value, list):
        return [_value(expected[0], item) for item in value]
    if isinstance(expected, type) and issubclass(expected, AWSProperty) and isinstance(value, Mapping):
        return _checked(_repaired(expected), value)
    return value


def parameter(description: str, max_length: int | None = None) -> Declaration:
    """A string parameter of at most `max_length` characters."""
    made: Declaration = {"Type": "String", "Description": description}
    return made if max_length is None else {**made, "MaxLength": max_length}


def output(description: str, value: str | Intrinsic, export: str | Intrinsic) -> Declaration:
    """A value that the console shows, and that other stacks may import by the name `export`."""
    return {"Description": description, "Value": value, "Export": {"Name": export}}
