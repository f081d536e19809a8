"""A project's stack with one nested stack per workflow, and the values that pass between them.

The parent has what users declare and the functions that workflows share, each child what is generated for one workflow.
References out of a child become parameters, references into it outputs. In a child, `AWS::StackName` still means the
project's stack, except in the names of the child's own resources. Those start with the child's name, so a project can
switch from one stack to nested stacks: CloudFormation creates the new resources while the old ones still exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowgen.backends.cloudformation.cross_references import depended_on, rewritten, sections_named
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import PROJECT_STACK, StackContext
from flowgen.backends.cloudformation.template.build import (
    asked_for,
    code_bucket,
    description,
    outputs,
    own,
    own_resources,
    own_sections,
    shared_parts,
)
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack, nested_stack_id

_NAMES = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::StepFunctions::Activity": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""The properties with the names of generated resources; a key's policy has the names of log groups."""
_STACK_NAME = "AWS::StackName"
_LIST = re.compile(r"CommaDelimitedList|List<|AWS::SSM::Parameter::Value<(?:CommaDelimitedList|List<)")

Reference = tuple[str, str | None]
"""A logical id or parameter, and an attribute for `Fn::GetAtt`."""


@dataclass(frozen=True, slots=True)
class Child:
    """A nested stack under construction: `given` has its parameters, `shown` its outputs, as what they refer to."""

    stack: WorkflowStack
    resources: Mapping[str, Any]
    given: dict[str, Reference] = field(default_factory=dict)
    shown: dict[str, Reference] = field(default_factory=dict)

    def parameter(self, name: str, attribute: str | None) -> str:
        """The parameter for something outside."""
        return _place(self.given, (name, attribute), PROJECT_STACK if name == _STACK_NAME else name, self.resources)

    def output(self, name: str, attribute: str | None, taken: Mapping[str, Any]) -> str:
        """The output for something inside."""
        return _place(self.shown, (name, attribute), name, taken)

    def inside(self, value: Any, *, naming: bool = False) -> Any:
        """A value as the child's template has it; `naming` values become part of a name."""

        def change(name: str, attribute: str | None) -> Intrinsic | None:
            if name == PROJECT_STACK:
                return ref(self.parameter(_STACK_NAME, None))
            if name in self.resources or (name.startswith("AWS::") and (naming or name != _STACK_NAME)):
                return None
            return ref(self.parameter(name, attribute))

        return rewritten(value, change)

    def declaration(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """A generated resource as the child's template has it."""
        naming = _NAMES.get(declared["Type"])
        made = {key: self.inside(value) for key, value in declared.items() if key not in ("Properties", "DependsOn")}
        made["Properties"] = {
            key: self.inside(value, naming=key == naming) for key, value in declared.get("Properties", {}).items()
        }
        inside = [name for name in depended_on(declared) if name in self.resources]
        return {**made, "DependsOn": inside} if inside else made

    def waits_for(self) -> Iterator[str]:
        """The resources outside that the child depends on (`DependsOn`)."""
        for declared in self.resources.values():
            yield from (name for name in depended_on(declared) if name not in self.resources)


def _place(places: dict[str, Reference], wanted: Reference, name: str, taken: Mapping[str, Any]) -> str:
    """The name of a parameter or output for a reference, with a number if the name is taken."""
    base = name + re.sub(r"\W", "", wanted[1] or "")
    candidate, number = base, 1
    while places.get(candidate, wanted) != wanted or (candidate in taken and candidate not in places):
        number += 1
        candidate = f"{base}{number}"
    places[candidate] = wanted
    return candidate


@dataclass(frozen=True, slots=True)
class Nest:
    """The templates: each child's by workflow, and the parent's sections without the nested stacks.

    `arguments` has the values that the parent passes to each child, `waits` the resources each child depends on.
    """

    children: Mapping[str, dict[str, Any]]
    own: Mapping[str, Any]
    outputs: Mapping[str, Any]
    sections: Mapping[str, Any]
    parameters: Mapping[str, Any]
    arguments: Mapping[str, Mapping[str, Any]]
    waits: Mapping[str, list[str]]
    description: str

    def parent(self, urls: Mapping[str, str | Intrinsic]) -> dict[str, Any]:
        """The project's template; `urls` has the URL of each child's template, by workflow."""
        stacks = {nested_stack_id(name): self._stack(name, url) for name, url in urls.items()}
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": self.description,
            "Parameters": dict(self.parameters),
            **self.sections,
            "Resources": {**stacks, **self.own},
            "Outputs": dict(self.outputs),
        }

    def _stack(self, workflow: str, url: str | Intrinsic) -> dict[str, Any]:
        made = resource(
            "AWS::CloudFormation::Stack",
            {"TemplateURL": url, "Parameters": dict(self.arguments[workflow]) or None},
        )
        waits = sorted(set(self.waits[workflow]))
        return {**made, "DependsOn": waits} if waits else made


def nest(stacks: Sequence[WorkflowStack], context: StackContext, generated: Mapping[str, Mapping[str, Any]]) -> Nest:
    """The templates of a project's workflows; `generated` has the generated resources, by workflow."""
    return _Nesting(stacks, context, generated).nest()


class _Nesting:
    def __init__(
        self, stacks: Sequence[WorkflowStack], context: StackContext, generated: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.stacks = stacks
        self.children = {stack.workflow.name: Child(stack, generated[stack.workflow.name]) for stack in stacks}
        self.owners = {name: child for child in self.children.values() for name in child.resources}
        declared = dict(own_resources(stacks, context))
        self.conditional = {
            name: declaration["Condition"] for name, declaration in declared.items() if "Condition" in declaration
        }
        self.parameters = {**code_bucket(), **asked_for(stacks, context)}
        self.own = declared
        self.outputs = {stack.workflow.name: dict(outputs(stack, context.overrides)) for stack in stacks}
        self.shared = shared_parts(stacks, context)

    def nest(self) -> Nest:
        declared = {
            name: {logical_id: child.declaration(declared) for logical_id, declared in child.resources.items()}
            for name, child in self.children.items()
        }
        shown = {
            name: {
                key: {**output, "Value": child.inside(output["Value"])} for key, output in self.outputs[name].items()
            }
            for name, child in self.children.items()
        }
        sections = {
            name: child.inside(sections_named(declared[name], own_sections((child.stack,))))
            for name, child in self.children.items()
        }
        arguments = {
            name: {parameter: self._given(*wanted) for parameter, wanted in child.given.items()}
            for name, child in self.children.items()
        }
        declared_here = {name: self._own(resource) for name, resource in (*self.shared.items(), *self.own.items())}
        return Nest(
            {
                name: self._template(child, sections[name], declared[name], shown[name])
                for name, child in self.children.items()
            },
            declared_here,
            dict(self._outputs()),
            self._sections(declared, [declared_here, arguments]),
            self.parameters,
            arguments,
            {name: [self._resource(awaited) for awaited in child.waits_for()] for name, child in self.children.items()},
            description(self.stacks),
        )

    def _template(
        self, child: Child, sections: dict[str, Any], declared: dict[str, Any], outputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        template: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": description((child.stack,)),
        }
        if child.given:
            template["Parameters"] = {name: self._parameter(*wanted) for name, wanted in child.given.items()}
        template |= sections
        template["Resources"] = declared
        shown = {name: {"Value": _reference(*wanted)} for name, wanted in child.shown.items()}
        inside = {
            name: {key: value for key, value in declaration.items() if key != "Export"}
            for name, declaration in outputs.items()
        }
        return {**template, "Outputs": {**inside, **shown}}

    def _parameter(self, name: str, attribute: str | None) -> dict[str, Any]:
        """A child's parameter. It has no constraints: the project's parameter has them."""
        declared = self.parameters.get(name, {}) if attribute is None else {}
        kind = declared.get("Type", "String")
        if _LIST.match(kind):
            kind = "CommaDelimitedList"
        elif kind.startswith("AWS::SSM::Parameter::Value<"):
            kind = "String"
        return {"Type": kind, "NoEcho": True} if declared.get("NoEcho", False) else {"Type": kind}

    def _given(self, name: str, attribute: str | None) -> Any:
        """The value that the parent passes for something outside a child."""
        if name in self.owners:
            return self._shown(name, attribute)
        if attribute is None and _LIST.match(self.parameters.get(name, {}).get("Type", "")):
            return {"Fn::Join": [",", ref(name)]}
        value = _reference(name, attribute)
        condition = self.conditional.get(name)
        # A child that uses the value checks the same condition.
        return value if condition is None else {"Fn::If": [condition, value, ""]}

    def _shown(self, name: str, attribute: str | None) -> Intrinsic:
        """The parent's reference to something inside a child."""
        child = self.owners[name]
        workflow = child.stack.workflow.name
        outputs = self.outputs[workflow]
        value = _reference(name, attribute)
        output = next((output for output, declaration in outputs.items() if declaration["Value"] == value), None)
        output = output or child.output(name, attribute, outputs)
        return _reference(nested_stack_id(workflow), f"Outputs.{output}")

    def _own(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """A user's resource as the parent's template has it."""

        def change(name: str, attribute: str | None) -> Intrinsic | None:
            return self._shown(name, attribute) if name in self.owners else None

        made: dict[str, Any] = rewritten(dict(declared), change)
        waits = [self._resource(name) for name in depended_on(declared)]
        return {**made, "DependsOn": waits} if waits else made

    def _resource(self, name: str) -> str:
        """The resource of the parent: the resource itself, or the nested stack that contains it."""
        return nested_stack_id(self.owners[name].stack.workflow.name) if name in self.owners else name

    def _sections(self, declared: Mapping[str, Any], here: list[Any]) -> dict[str, Any]:
        """The user's mappings and conditions in the parent: all except those that only children use."""
        sections = own_sections(self.stacks)
        inside, outside = (
            sections_named(declared, sections),
            sections_named([*here, dict(self._outputs())], sections),
        )
        kept = {
            section: {
                name: declaration
                for name, declaration in content.items()
                if name in outside.get(section, {}) or name not in inside.get(section, {})
            }
            for section, content in sections.items()
        }
        return {section: content for section, content in kept.items() if content}

    def _own_outputs(self) -> dict[str, Any]:
        return {name: self._own(declaration) for name, declaration in own(self.stacks, "outputs")}

    def _outputs(self) -> Iterator[Entry]:
        for workflow, generated in self.outputs.items():
            for name, declaration in generated.items():
                yield name, {**declaration, "Value": _reference(nested_stack_id(workflow), f"Outputs.{name}")}
        yield from self._own_outputs().items()


def _reference(name: str, attribute: str | None) -> Intrinsic:
    return ref(name) if attribute is None else {"Fn::GetAtt": [name, attribute]}
