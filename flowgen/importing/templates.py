"""State machines in CloudFormation and SAM templates, also those that the CDK synthesizes, and in serverless.yml.

In: the text of a template, and the files next to it. Out: each state machine with what it uses: functions, parameters,
resources, permissions, events and settings, and diagnostics (FG830 to FG834). Never: a call to AWS, a transform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from flowgen.diagnostics import Diagnostic, Position, Sink, Span
from flowgen.importing.found_machines import LIMITS, Found, FoundFunction
from flowgen.importing.serverless import find_in_serverless
from flowgen.importing.source_files import FileProblem, Folder
from flowgen.importing.template_values import Placeholders, Unresolvable, attribute_of, intrinsic, references
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, plain, read

JSON = Any

SAM_MACHINE = "AWS::Serverless::StateMachine"
MACHINES = frozenset({SAM_MACHINE, "AWS::StepFunctions::StateMachine"})
FUNCTIONS = frozenset({"AWS::Serverless::Function", "AWS::Lambda::Function"})
_NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_ALIASES = frozenset({"AWS::Lambda::Alias", "AWS::Lambda::Version"})
_RULES = frozenset({"AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Pipes::Pipe"})

_TEXT_FUNCTIONS = frozenset({"Sub", "Join", "ToJsonString"})
"""Intrinsic functions whose result is known except for placeholders."""

_MOST_TEMPLATES = 50
"""Most nested templates that are read."""


def is_template(text: str) -> bool:
    """Whether a string looks like a template rather than a state machine."""
    return any(mark in text for mark in ("AWS::StepFunctions::", "AWS::Serverless::", "stepFunctions:", '"Resources"'))


def find_machines(shown: str, text: str, folder: Folder, sink: Sink) -> list[Found]:
    """The state machines of a template, and of local templates nested in it, in the order of the file.

    `shown` is the path of the template in messages. Problems are added to `sink`: FG001 to FG006 for text that can't be
    read, FG830 to FG834 for what is not supported.
    """
    found: list[Found] = []
    waiting = [(shown, text, folder)]
    seen = {shown}
    while waiting:
        name, content, place = waiting.pop(0)
        node = read(name, _without_tabs(name, content), sink, LIMITS)
        if node is None:
            continue
        if not isinstance(node, MappingNode):
            sink.add(Diagnostic("FG830", "this file is not a template", node.span, "expected a mapping"))
            continue
        if node.get("stepFunctions") is not None or (node.get("service") is not None and node.get("Resources") is None):
            found += find_in_serverless(node, place, sink)
            continue
        template = Template(node, place, sink)
        found += template.machines()
        for nested, span in template.nested():
            other = _nested_file(nested, span, place, sink)
            if other is None or other[0] in seen:
                continue
            if len(seen) >= _MOST_TEMPLATES:
                sink.add(Diagnostic("FG834", f"more than {_MOST_TEMPLATES} nested templates", span))
                break
            seen.add(other[0])
            waiting.append((*other, place.sibling(nested)))
    if not found and not sink.failed:
        start = Position(1, 1)
        sink.add(Diagnostic("FG830", "this template has no state machine", Span(shown, start, start)))
    return found


def _without_tabs(name: str, content: str) -> str:
    """JSON may be indented with tabs, YAML may not. Positions stay the same."""
    return content.replace("\t", " ") if PurePosixPath(name).suffix in {".json", ".template"} else content


def _nested_file(name: str, span: Span, folder: Folder, sink: Sink) -> tuple[str, str] | None:
    try:
        return folder.read(name)
    except FileProblem as problem:
        sink.add(Diagnostic("FG834", f"cannot read the nested template `{name}`: {problem}", span))
        return None


class Template:
    """A CloudFormation template, with the transform of SAM as far as it matters for state machines."""

    def __init__(self, node: MappingNode, folder: Folder, sink: Sink) -> None:
        self._folder, self._sink = folder, sink
        self._nodes = _entries(node.get("Resources"))
        self.resources = {name: _object(plain(resource)) for name, resource in self._nodes.items()}
        self.parameters = _object(plain(parameters)) if (parameters := node.get("Parameters")) is not None else {}
        self._mappings = _object(plain(mappings)) if (mappings := node.get("Mappings")) is not None else {}
        self._globals = _object(plain(shared)) if (shared := node.get("Globals")) is not None else {}

    def machines(self) -> Iterator[Found]:
        """The state machines in the order of the file."""
        for name, resource in self.resources.items():
            if _kind(resource) in MACHINES:
                found = self._machine(name, resource)
                if found is not None:
                    yield found

    def nested(self) -> Iterator[tuple[str, Span]]:
        """The local paths of nested templates."""
        for name, resource in self.resources.items():
            location = self.properties(resource).get(_NESTED.get(_kind(resource), ""))
            if isinstance(location, str) and not location.startswith(("http", "s3://", "arn:")):
                yield location, self._span(name)

    @staticmethod
    def properties(resource: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """The properties of a resource; empty if they are not an object."""
        return _object(resource.get("Properties"))

    def _span(self, name: str, *path: str) -> Span:
        """The position of a resource, or of a part of it."""
        node: Node = self._nodes[name]
        for key in path:
            inner = node.get(key) if isinstance(node, MappingNode) else None
            if inner is None:
                break
            node = inner
        return node.span

    def _machine(self, name: str, resource: Mapping[str, JSON]) -> Found | None:
        shared = _object(self._globals.get("StateMachine")) if _kind(resource) == SAM_MACHINE else {}
        properties = {**shared, **self.properties(resource)}
        placeholders = Placeholders(self._mappings)
        read_definition = self._definition(name, properties, placeholders)
        if read_definition is None:
            return None
        definition, file = read_definition
        given = _object(properties.get("DefinitionSubstitutions"))
        substitutions = {**placeholders.known, **{str(key): value for key, value in given.items()}}
        statements, policies = self._permissions(properties)
        base = Found(name, definition, self._span(name), file)
        return replace(
            self.used(base, substitutions),
            express=properties.get("Type", properties.get("StateMachineType")) == "EXPRESS",
            statements=statements,
            policies=policies,
            events={**_object(properties.get("Events")), **self._rules(name)},
            logging=properties.get("Logging", properties.get("LoggingConfiguration")),
            tracing=properties.get("Tracing", properties.get("TracingConfiguration")),
        )

    def used(self, found: Found, substitutions: Mapping[str, JSON]) -> Found:
        """A state machine with what its substitutions refer to."""
        functions = {}
        named: dict[str, None] = {}
        for placeholder, value in substitutions.items():
            function = self.function_of(value)
            if function is not None:
                functions[placeholder] = self.function(function)
            else:
                named.update(references(value))
        return replace(
            found,
            substitutions=substitutions,
            functions=functions,
            parameters={key: self.parameters[key] for key in named if key in self.parameters},
            resources={key: self.resources[key] for key in named if key in self.resources},
        )

    def _definition(
        self, name: str, properties: Mapping[str, JSON], placeholders: Placeholders
    ) -> tuple[str | Mapping[str, JSON], str | None] | None:
        """The definition and its file, or None after a diagnostic."""
        for key in ("Definition", "DefinitionString"):
            if key not in properties:
                continue
            value = properties[key]
            called = intrinsic(value)
            try:
                if called is None and isinstance(value, Mapping):
                    return _object(placeholders.filled(value)), None
                if called is None or called[0] in _TEXT_FUNCTIONS:
                    return placeholders.text(value), None
                reason = f"`{called[0]}` is known only in AWS"
            except Unresolvable as problem:
                reason = str(problem)
            message = f"cannot resolve the definition of `{name}`: {reason}"
            self._sink.add(Diagnostic("FG831", message, self._span(name, "Properties", key)))
            return None
        location = properties.get("DefinitionUri", properties.get("DefinitionS3Location"))
        span = self._span(name, "Properties", "DefinitionUri")
        if not isinstance(location, str) or location.startswith("s3://"):
            what = "is missing" if location is None else "is not in a local file"
            self._sink.add(Diagnostic("FG832", f"the definition of `{name}` {what}", span))
            return None
        return _read_definition(name, location, self._folder, span, self._sink)

    def function_of(self, value: JSON) -> str | None:
        """The function that a value refers to, directly or through its alias, if it refers to nothing else."""
        named = [name for name in references(value) if not name.startswith("AWS::")]
        if len(named) != 1:
            return None
        resource = self.resources.get(named[0], {})
        if _kind(resource) in _ALIASES:
            return self.function_of(self.properties(resource).get("FunctionName"))
        return named[0] if _kind(resource) in FUNCTIONS else None

    def function(self, name: str) -> FoundFunction:
        """A function of the template."""
        resource = self.resources[name]
        shared = _object(self._globals.get("Function")) if _kind(resource) == "AWS::Serverless::Function" else {}
        properties = {**shared, **self.properties(resource)}
        variables = {
            **_object(_object(shared.get("Environment")).get("Variables")),
            **_object(_object(properties.get("Environment")).get("Variables")),
        }
        statements, policies = self._permissions(properties)
        return FoundFunction(
            name,
            _text(properties.get("Runtime")),
            _text(properties.get("Handler")),
            _number(properties.get("MemorySize")),
            _number(properties.get("Timeout")),
            variables,
            (*statements, *policies),
            properties,
        )

    def _permissions(self, properties: Mapping[str, JSON]) -> tuple[tuple[JSON, ...], tuple[JSON, ...]]:
        """The statements of the role and of inline policies, and the names and templates of other policies."""
        statements: list[JSON] = []
        policies: list[JSON] = []
        given = properties.get("Policies", ())
        for policy in given if isinstance(given, list) else [given] if given else ():
            if isinstance(policy, Mapping) and "Statement" in policy:
                statements += _listed(policy["Statement"])
            else:
                policies.append(policy)
        role = properties.get("Role", properties.get("RoleArn"))
        called = intrinsic(role)
        named = attribute_of(called[1])[0] if called is not None and called[0] == "GetAtt" else None
        if called is not None and named is None and len(found := list(references(role))) == 1:
            named = found[0]
        if named in self.resources:
            inline, managed = self._role(str(named))
            statements += inline
            policies += managed
        elif role is not None:
            policies.append({"Role": role})
        return tuple(statements), tuple(policies)

    def _role(self, name: str) -> tuple[list[JSON], list[JSON]]:
        """The statements of a role, with those of policies that are attached to it, and its managed policies."""
        properties = self.properties(self.resources[name])
        documents = [_object(policy).get("PolicyDocument") for policy in _listed(properties.get("Policies", []))]
        for resource in self.resources.values():
            attached = self.properties(resource)
            kind = _kind(resource)
            roles = attached.get("Roles", [])
            if kind in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} and name in references(roles):
                documents.append(attached.get("PolicyDocument"))
        statements = [one for document in documents for one in _listed(_object(document).get("Statement", []))]
        return statements, _listed(properties.get("ManagedPolicyArns", []))

    def _rules(self, machine: str) -> dict[str, JSON]:
        """The rules, schedules and pipes that start a state machine."""
        return {
            name: resource
            for name, resource in self.resources.items()
            if _kind(resource) in _RULES
            and machine in references([self.properties(resource).get(key) for key in ("Target", "Targets")])
        }


def _read_definition(
    name: str, location: str, folder: Folder, span: Span, sink: Sink
) -> tuple[str | Mapping[str, JSON], str | None] | None:
    """The definition in a file, or None after a diagnostic."""
    try:
        shown, text = folder.read(location)
    except FileProblem as problem:
        message = f"cannot read `{location}`, the definition of `{name}`: {problem}"
        sink.add(Diagnostic("FG833", message, span))
        return None
    return text, shown


def _entries(node: Node | None) -> dict[str, Node]:
    return {entry.key.text: entry.value for entry in node.entries} if isinstance(node, MappingNode) else {}


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _kind(resource: Mapping[str, JSON]) -> str:
    """The type of a resource."""
    return _text(resource.get("Type")) or ""


def _listed(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list) else [value]


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: JSON) -> int | None:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
