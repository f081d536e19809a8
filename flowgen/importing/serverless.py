"""State machines in serverless.yml, as the plugin serverless-step-functions declares them.

Source: https://github.com/serverless-operations/serverless-step-functions, README.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.importing.found_machines import LIMITS, Found, FoundFunction
from flowgen.importing.source_files import FileProblem, Folder
from flowgen.importing.template_values import Placeholders, Unresolvable, attribute_of, intrinsic, references
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, plain, read

JSON = Any

_FILE = re.compile(r"\$\{file\(([^()]*)\)(?::([\w.]+))?\}")
_SELF = re.compile(r"\$\{self:([\w.-]+)(?:\s*,\s*['\"]?([^{}'\"]*)['\"]?)?\}")
_OTHER = re.compile(r"\$\{(?:opt|env|param|sls):([\w.-]+)(?:\s*,\s*['\"]?([^{}'\"]*)['\"]?)?\}")
_PSEUDO = re.compile(r"#\{([^{}]*)\}")
_DEEPEST = 20
_MOST_FILES = 50


def find_in_serverless(node: MappingNode, folder: Folder, sink: Sink) -> list[Found]:
    """The state machines of a serverless.yml."""
    service = _Service(node, folder, sink)
    return [
        found for name, machine in service.machines().items() if (found := service.found(name, machine)) is not None
    ]


class _Service:
    def __init__(self, node: MappingNode, folder: Folder, sink: Sink) -> None:
        self._node, self._folder, self._sink = node, folder, sink
        content: Any = plain(node)
        self._content: Mapping[str, JSON] = content
        self._files = 0
        self._functions = self._merged(self._content.get("functions"))
        self._provider = self._object(self._content.get("provider"))

    def machines(self) -> dict[str, JSON]:
        """The state machines by their names in the file."""
        section = self._object(self._content.get("stepFunctions"))
        return self._merged(section.get("stateMachines"))

    def _merged(self, value: JSON) -> dict[str, JSON]:
        """A section, which may be a list of sections, each in a file."""
        merged: dict[str, JSON] = {}
        for part in value if isinstance(value, list) else [value]:
            merged.update(self._object(part))
        return merged

    def _object(self, value: JSON) -> Mapping[str, JSON]:
        resolved = self._resolved(value)
        return resolved if isinstance(resolved, Mapping) else {}

    def found(self, name: str, written: JSON) -> Found | None:
        """A state machine, or None after a diagnostic."""
        machine = self._object(written)
        definition, file = machine.get("definition"), None
        if isinstance(definition, str) and (match := _FILE.fullmatch(definition.strip())) is not None:
            file = match[1].strip()
        definition = self._resolved(definition)
        span = self._span(name)
        if not isinstance(definition, Mapping):
            self._sink.add(Diagnostic("FG832", f"the definition of `{name}` is missing or can't be resolved", span))
            return None
        placeholders = Placeholders()
        try:
            filled = placeholders.filled(self._static(definition, 0))
        except Unresolvable as problem:
            self._sink.add(Diagnostic("FG831", f"cannot resolve the definition of `{name}`: {problem}", span))
            return None
        functions = {
            key: self._function(function)
            for key, value in placeholders.known.items()
            if (function := self._function_of(value)) is not None
        }
        role = machine.get("role")
        return Found(
            str(machine.get("name", name)),
            filled,
            span,
            file,
            machine.get("type") == "EXPRESS",
            placeholders.known,
            functions,
            statements=tuple(_listed(machine.get("iamRoleStatements"))),
            policies=() if role is None else ({"Role": role},),
            events={f"{name}{number}": event for number, event in enumerate(_listed(machine.get("events")), 1)},
            logging=machine.get("loggingConfig"),
            tracing=machine.get("tracingConfig"),
        )

    def _span(self, name: str) -> Any:
        node: Node = self._node
        for key in ("stepFunctions", "stateMachines", name):
            inner = node.get(key) if isinstance(node, MappingNode) else None
            if inner is None:
                break
            node = inner
        return node.span

    def _function_of(self, value: JSON) -> str | None:
        """The function that a value refers to by its name, or by the logical id that the framework gives it."""
        called = intrinsic(value)
        named = (
            [attribute_of(called[1])[0]] if called is not None and called[0] == "GetAtt" else list(references(value))
        )
        names = {key: key for key in self._functions}
        names |= {f"{key[:1].upper()}{key[1:]}LambdaFunction": key for key in self._functions}
        return names.get(named[0]) if len(named) == 1 else None

    def _function(self, name: str) -> FoundFunction:
        properties = self._object(self._functions[name])

        def setting(key: str) -> JSON:
            return properties.get(key, self._provider.get(key))

        memory, timeout = setting("memorySize"), setting("timeout")
        environment = {**self._object(self._provider.get("environment")), **self._object(properties.get("environment"))}
        return FoundFunction(
            name,
            _text(setting("runtime")),
            _text(properties.get("handler")),
            memory if isinstance(memory, int) else None,
            timeout if isinstance(timeout, int) else None,
            environment,
            tuple(_listed(properties.get("iamRoleStatements"))),
            properties,
        )

    def _resolved(self, value: JSON, depth: int = 0) -> JSON:
        """A value that a variable of the framework replaces as a whole: a file, or another part of this one."""
        if not isinstance(value, str) or depth > _DEEPEST:
            return value
        if (match := _FILE.fullmatch(value.strip())) is not None:
            content = self._file(match[1].strip(), value)
            return self._resolved(_at(content, match[2]) if match[2] else content, depth + 1)
        if (match := _SELF.fullmatch(value.strip())) is not None:
            inner = _at(self._content, match[1])
            return self._resolved(match[2] if inner is None else inner, depth + 1)
        return value

    def _file(self, name: str, written: str) -> JSON:
        self._files += 1
        if self._files > _MOST_FILES:
            return None
        try:
            shown, text = self._folder.read(name)
        except FileProblem as problem:
            message = f"cannot read `{name}` in `{written}`: {problem}"
            self._sink.add(Diagnostic("FG833", message, self._node.span))
            return None
        node = read(shown, text.replace("\t", " ") if name.endswith(".json") else text, self._sink, LIMITS)
        return None if node is None else plain(node)

    def _static(self, value: JSON, depth: int) -> JSON:
        """A value with the framework's variables replaced, as far as the file says what they are."""
        if depth > _DEEPEST * 3:
            raise Unresolvable("it is nested too deeply")
        if isinstance(value, Mapping):
            return {str(key): self._static(member, depth + 1) for key, member in value.items()}
        if isinstance(value, list):
            return [self._static(item, depth + 1) for item in value]
        if not isinstance(value, str):
            return value
        resolved = self._resolved(value)
        if not isinstance(resolved, str):
            return resolved if resolved is None else self._static(resolved, depth + 1)

        def known(found: re.Match[str]) -> str:
            inner = _at(self._content, found[1])
            return str(inner) if isinstance(inner, str | int | float) else found[2] or found[0]

        text = _SELF.sub(known, resolved)
        text = _OTHER.sub(lambda found: found[2] or f"${{{found[1].replace('.', '').replace('-', '')}}}", text)
        if _PSEUDO.search(text) is not None:
            return {"Fn::Sub": _PSEUDO.sub(lambda found: f"${{{found[1]}}}", text)}
        return text


def _listed(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _at(value: JSON, path: str) -> JSON:
    """The part of a value at a path such as `custom.table`, or None."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
