"""A project's stack with a nested one for each workflow, and what passes between them.

In the parent is what the users declare; in each child what is generated for a workflow. A child gets by parameters what
it refers to outside, and has outputs for what others refer to in it. `AWS::StackName` means the project's stack there
too, but for the names of a child's own resources: those start with the child's, so that a project may change from one
stack to nested ones, in which CloudFormation makes the new resources while the old ones are still there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from flowgen.backends.cloudformation.crossing import depended_on, references, rewritten, sections_named
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.stack import (
    Entry,
    asked_for,
    code_bucket,
    description,
    outputs,
    own,
    own_sections,
)
from flowgen.backends.cloudformation.surroundings import PROJECT_STACK, Surroundings
from flowgen.backends.cloudformation.units import Unit
from flowgen.model.python_names import class_name

_NAMES = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::StepFunctions::Activity": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""The properties that name generated resources; the policy of a key names log groups."""
_STACK_NAME = "AWS::StackName"
_LIST = re.compile(r"CommaDelimitedList|List<|AWS::SSM::Parameter::Value<(?:CommaDelimitedList|List<)")

Reference = tuple[str, str | None]
"""A logical id or parameter, and an attribute where one is meant."""


# See docs/explanation/decisions.md#nested-stacks-are-chosen
def stack_id(workflow: str) -> str:
    """The logical id of a workflow's stack in the project's.

    >>> stack_id("place_order")
    'PlaceOrderStack'
    """
    return f"{class_name(workflow)}Stack"


@dataclass(frozen=True, slots=True)
class Child:
    """The stack of a workflow as it comes about: what it is given by parameter, and shows by output, of others."""

    unit: Unit
    resources: Mapping[str, Any]
    given: dict[str, Reference] = field(default_factory=dict)
    shown: dict[str, Reference] = field(default_factory=dict)

    def parameter(self, name: str, attribute: str | None) -> str:
        """The parameter that stands for something outside."""
        return _place(self.given, (name, attribute), PROJECT_STACK if name == _STACK_NAME else name, self.resources)

    def output(self, name: str, attribute: str | None, taken: Mapping[str, Any]) -> str:
        """The output that shows something of the child's."""
        return _place(self.shown, (name, attribute), name, taken)

    def inside(self, value: Any, *, naming: bool = False) -> Any:
        """A value as it stands in the child."""

        def change(name: str, attribute: str | None) -> Intrinsic | None:
            if name == PROJECT_STACK:
                return ref(self.parameter(_STACK_NAME, None))
            if name in self.resources or (name.startswith("AWS::") and (naming or name != _STACK_NAME)):
                return None
            return ref(self.parameter(name, attribute))

        return rewritten(value, change)

    def declaration(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """A generated resource as it stands in the child."""
        naming = _NAMES.get(declared["Type"])
        made = {key: self.inside(value) for key, value in declared.items() if key not in ("Properties", "DependsOn")}
        made["Properties"] = {
            key: self.inside(value, naming=key == naming) for key, value in declared.get("Properties", {}).items()
        }
        inside = [name for name in depended_on(declared) if name in self.resources]
        return {**made, "DependsOn": inside} if inside else made

    def waits_for(self) -> Iterator[str]:
        """What must be there before the child, by a `DependsOn`."""
        for declared in self.resources.values():
            yield from (name for name in depended_on(declared) if name not in self.resources)


def _place(places: dict[str, Reference], wanted: Reference, name: str, taken: Mapping[str, Any]) -> str:
    """The name of a parameter or output for a reference; with a number where the name is that of something else."""
    base = name + re.sub(r"\W", "", wanted[1] or "")
    candidate, number = base, 1
    while places.get(candidate, wanted) != wanted or (candidate in taken and candidate not in places):
        number += 1
        candidate = f"{base}{number}"
    places[candidate] = wanted
    return candidate


@dataclass(frozen=True, slots=True)
class Nest:
    """The templates: the children's by the name of their workflow, and what the parent has without them.

    `arguments` are the parameters of each child as the parent gives them, `waits` what a child waits for.
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
        """The project's template, of whose children `urls` gives the places by workflow."""
        from flowgen.backends.cloudformation import resources

        stacks = {
            stack_id(name): resources.nested_stack(url=url, parameters=self.arguments[name], after=self.waits[name])
            for name, url in urls.items()
        }
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": self.description,
            "Parameters": dict(self.parameters),
            **self.sections,
            "Resources": {**stacks, **self.own},
            "Outputs": dict(self.outputs),
        }


def nest(units: Sequence[Unit], around: Surroundings, generated: Mapping[str, Mapping[str, Any]]) -> Nest:
    """The templates of some workflows, of whose resources `generated` has those that we make, by workflow."""
    return _Nesting(units, around, generated).nest()


class _Nesting:
    def __init__(self, units: Sequence[Unit], around: Surroundings, generated: Mapping[str, Mapping[str, Any]]) -> None:
        self.units = units
        self.children = {unit.workflow.name: Child(unit, generated[unit.workflow.name]) for unit in units}
        self.owners = {name: child for child in self.children.values() for name in child.resources}
        declared = dict(own(units, "resources"))
        self.conditional = {name: one["Condition"] for name, one in declared.items() if "Condition" in one}
        self.parameters = {**code_bucket(), **asked_for(units, around)}
        self.outputs = {unit.workflow.name: dict(outputs(unit)) for unit in units}

    def nest(self) -> Nest:
        declared = {
            name: {logical_id: child.declaration(one) for logical_id, one in child.resources.items()}
            for name, child in self.children.items()
        }
        told = {
            name: {output: {**one, "Value": child.inside(one["Value"])} for output, one in self.outputs[name].items()}
            for name, child in self.children.items()
        }
        sections = {
            name: child.inside(sections_named(declared[name], own_sections((child.unit,))))
            for name, child in self.children.items()
        }
        arguments = {
            name: {parameter: self._given(*wanted) for parameter, wanted in child.given.items()}
            for name, child in self.children.items()
        }
        declared_here = {name: self._own(one) for name, one in own(self.units, "resources")}
        return Nest(
            {
                name: self._template(child, sections[name], declared[name], told[name])
                for name, child in self.children.items()
            },
            declared_here,
            dict(self._outputs()),
            self._sections(declared, [declared_here, arguments]),
            self.parameters,
            arguments,
            {name: [self._resource(one) for one in child.waits_for()] for name, child in self.children.items()},
            description(self.units),
        )

    def _template(
        self, child: Child, sections: dict[str, Any], declared: dict[str, Any], told: Mapping[str, Any]
    ) -> dict[str, Any]:
        template: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": description((child.unit,)),
        }
        if child.given:
            template["Parameters"] = {name: self._parameter(*wanted) for name, wanted in child.given.items()}
        template |= sections
        template["Resources"] = declared
        shown = {name: {"Value": _reference(*wanted)} for name, wanted in child.shown.items()}
        inside = {name: {key: value for key, value in one.items() if key != "Export"} for name, one in told.items()}
        return {**template, "Outputs": {**inside, **shown}}

    def _parameter(self, name: str, attribute: str | None) -> dict[str, Any]:
        """A child's parameter: what the project's is checked for is not checked again."""
        from flowgen.backends.cloudformation import resources

        declared = self.parameters.get(name, {}) if attribute is None else {}
        kind = declared.get("Type", "String")
        if _LIST.match(kind):
            kind = "CommaDelimitedList"
        elif kind.startswith("AWS::SSM::Parameter::Value<"):
            kind = "String"
        return resources.passed_parameter(kind=kind, hidden=bool(declared.get("NoEcho", False)))

    def _given(self, name: str, attribute: str | None) -> Any:
        """What the parent hands in for something outside a child."""
        if name in self.owners:
            return self._shown(name, attribute)
        if attribute is None and _LIST.match(self.parameters.get(name, {}).get("Type", "")):
            return {"Fn::Join": [",", ref(name)]}
        value = _reference(name, attribute)
        condition = self.conditional.get(name)
        # A child that takes it for a condition's value looks at the condition too.
        return value if condition is None else {"Fn::If": [condition, value, ""]}

    def _shown(self, name: str, attribute: str | None) -> Intrinsic:
        """Something of a child, for the parent."""
        child = self.owners[name]
        workflow = child.unit.workflow.name
        told = self.outputs[workflow]
        value = _reference(name, attribute)
        output = next((output for output, one in told.items() if one["Value"] == value), None)
        output = output or child.output(name, attribute, told)
        return _reference(stack_id(workflow), f"Outputs.{output}")

    def _own(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """A user's resource in the parent."""

        def change(name: str, attribute: str | None) -> Intrinsic | None:
            return self._shown(name, attribute) if name in self.owners else None

        made: dict[str, Any] = rewritten(dict(declared), change)
        waits = [self._resource(name) for name in depended_on(declared)]
        return {**made, "DependsOn": waits} if waits else made

    def _resource(self, name: str) -> str:
        """The resource of the parent that one is, or is in."""
        return stack_id(self.owners[name].unit.workflow.name) if name in self.owners else name

    def _sections(self, declared: Mapping[str, Any], here: list[Any]) -> dict[str, Any]:
        """The users' mappings and conditions in the parent: all but those that children alone name."""
        sections = own_sections(self.units)
        inside, outside = (
            sections_named(declared, sections),
            sections_named([*here, self._own_outputs()], sections),
        )
        kept = {
            section: {
                name: one
                for name, one in content.items()
                if name in outside.get(section, {}) or name not in inside.get(section, {})
            }
            for section, content in sections.items()
        }
        return {section: content for section, content in kept.items() if content}

    def _own_outputs(self) -> dict[str, Any]:
        return {name: self._own(one) for name, one in own(self.units, "outputs")}

    def _outputs(self) -> Iterator[Entry]:
        for workflow, told in self.outputs.items():
            for name, one in told.items():
                yield name, {**one, "Value": _reference(stack_id(workflow), f"Outputs.{name}")}
        yield from self._own_outputs().items()


def _reference(name: str, attribute: str | None) -> Intrinsic:
    return ref(name) if attribute is None else {"Fn::GetAtt": [name, attribute]}


def circle(declared: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Resources that refer to each other in a circle, the first of them at the end again; empty where none do."""
    edges = {
        name: sorted({other for other, _ in references(dict(one))} | set(depended_on(one)))
        for name, one in declared.items()
    }
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []
