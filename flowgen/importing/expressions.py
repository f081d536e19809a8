"""Expressions and values of a state machine, with the names of a workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flowgen.comparing.placeholders import DATA_FIELDS, NUMBER_FIELDS
from flowgen.jsonata.literals import quoted
from flowgen.jsonata.parsing import ExpressionParser, Reference, Syntax

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONVERTED = re.compile(r"\$number\(['\"]\$\{([^}]*)\}['\"]\)")
_SIMPLE = re.compile(r"[\w.$]+")

ERROR_NAME = re.compile(r"\$error\b")
_CONTEXT_NAME = re.compile(r"\$context\b")
_INPUT_NAME = re.compile(r"\$input\b")

Naming = Callable[[str, tuple[str, ...]], "tuple[str, int] | None"]
"""The text for a variable and the names that follow it, and how many of these names it replaces; None: unchanged."""


class CannotExpressError(Exception):
    """The machine does something that the workflow cannot say in this place. The message says what."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A CloudFormation tag: `!Ref Table`, `!Sub "${Table}-1"`."""

    name: str
    value: str


@cache
def _parser() -> ExpressionParser:
    return ExpressionParser()


@cache
def parsed(text: str) -> Syntax:
    """The syntax of an expression; raises CannotExpressError if it has none."""
    found = _parser().parse(text)
    if not isinstance(found, Syntax):
        raise CannotExpressError(f"the expression `{text}` is not valid JSONata: {found.message}")
    return found


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def inner(value: str) -> str:
    """The JSONata of `{% … %}`."""
    return value[2:-2].strip()


def expressions_in(value: Any) -> Iterator[str]:
    """The JSONata of every expression in a template."""
    if is_expression(value):
        yield inner(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from expressions_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from expressions_in(one)


def references(value: Any) -> Iterator[Reference]:
    """The variables that the expressions of a template read."""
    for text in expressions_in(value):
        yield from parsed(text).references


def states_paths(value: Any, field: str) -> set[tuple[str, ...]]:
    """The names after `$states.FIELD` in the expressions of a template."""
    return {one.path[1:] for one in references(value) if one.name == "states" and one.path[:1] == (field,)}


def translated(text: str, naming: Naming) -> str:
    """JSONata with the names of a workflow."""
    syntax = parsed(text)
    changes: list[tuple[int, int, str]] = []
    for reference in syntax.references:
        found = naming(reference.name, reference.path)
        if found is None:
            continue
        replacement, taken = found
        end = reference.path_ends[taken - 1] if taken else reference.end
        alone = reference.start == 0 and end == len(text)
        if not alone and not _SIMPLE.fullmatch(replacement) and not _is_enclosed(replacement):
            replacement = f"({replacement})"
        changes.append((reference.start, end, replacement))
    for token in syntax.tokens:
        written = text[token.start : token.end]
        if token.kind == "string" and "${" in written:
            changes.append((token.start, token.end, _with_parameters(str(token.value))))
    pieces, at = [], 0
    for start, end, replacement in sorted(changes):
        pieces += [text[at:start], replacement]
        at = end
    return "".join([*pieces, text[at:]]).strip()


def _is_enclosed(text: str) -> bool:
    """Whether an expression is in parentheses."""
    depth = 0
    tokens = parsed(text).tokens
    for token in tokens:
        written = text[token.start : token.end]
        depth += (token.kind == "operator" and written == "(") - (token.kind == "operator" and written == ")")
        if depth == 0 and token is not tokens[-1]:
            return False
    return depth == 0


def parameter_name(placeholder: str) -> str:
    """The parameter for a placeholder: letters and digits, the first a letter.

    >>> parameter_name("Table.Arn")
    'TableArn'
    """
    words = re.findall(r"[A-Za-z0-9]+", placeholder)
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Value"
    return name if name[0].isalpha() else f"Value{name}"


def _with_parameters(text: str) -> str:
    """A string with placeholders as a JSONata expression."""
    pieces, at = [], 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > at:
            pieces.append(quoted(text[at : found.start()]))
        pieces.append(f"$parameters.{parameter_name(found[1])}")
        at = found.end()
    if at < len(text):
        pieces.append(quoted(text[at:]))
    return pieces[0] if len(pieces) == 1 else f"({' & '.join(pieces)})"


def placeholders(value: Any) -> Iterator[str]:
    """The placeholders in all strings of a template."""
    if isinstance(value, str):
        yield from (found[1] for found in _PLACEHOLDER.finditer(value))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from placeholders(one)
    elif isinstance(value, list):
        for one in value:
            yield from placeholders(one)


def is_number_placeholder(value: Any) -> bool:
    """Whether a value is one placeholder, whose parameter is a number if the value is in a number field."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def number_placeholders(state: Any) -> Iterator[str]:
    """The placeholders of numbers: the whole value of a number field of a state, and what `$number` converts."""
    if isinstance(state, Mapping):
        for name, value in state.items():
            if name in NUMBER_FIELDS and is_number_placeholder(value):
                yield value[2:-1]
            elif name not in DATA_FIELDS:
                yield from number_placeholders(value)
    elif isinstance(state, list):
        for one in state:
            yield from number_placeholders(one)
    elif is_expression(state):
        yield from _CONVERTED.findall(state)


def in_yaml(value: Any, naming: Naming) -> Any:
    """A template as a value of a workflow: expressions in `${ }`, placeholders as tags."""
    if is_expression(value):
        return expression_text(translated(inner(value), naming))
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        if any(key.endswith("?") or "${" in key for key in value):
            return f"${{ {_as_jsonata(value, naming)} }}"
        return {key: in_yaml(one, naming) for key, one in value.items()}
    if isinstance(value, list):
        return [in_yaml(one, naming) for one in value]
    return value


def literal(text: str) -> str | Tag:
    """A string without expressions.

    >>> literal("echo ${HOME}x")
    Tag(name='Sub', value='echo ${HOME}x')
    """
    found = _PLACEHOLDER.fullmatch(text)
    if found is not None:
        return Tag("Ref", found[1] if found[1].startswith("AWS::") else parameter_name(found[1]))
    if _PLACEHOLDER.search(text):
        return Tag("Sub", _PLACEHOLDER.sub(_sub, text))
    return text.replace("${", "$${")


def _sub(found: re.Match[str]) -> str:
    name = found[1] if found[1].startswith("AWS::") else parameter_name(found[1])
    return f"${{{name}}}"


def expression_text(text: str) -> str:
    """An expression as a string of a workflow: `Order ${ $input.id }` for a concatenation with strings.

    >>> expression_text("'Order ' & $input.id")
    'Order ${ $input.id }'
    >>> expression_text("$input.id")
    '${ $input.id }'
    """
    from flowgen.jsonata import tree

    try:
        node = parsed(text).tree
    except CannotExpressError:
        return f"${{ {text} }}"
    operands = _operands(text, node) if isinstance(node, tree.Binary) else None
    if operands is None:
        return f"${{ {text} }}"
    return "".join(one.replace("${", "$${") if is_text else f"${{ {one} }}" for one, is_text in operands)


def _operands(text: str, node: Any) -> list[tuple[str, bool]] | None:
    """The operands of a chain of `&` with at least one string, each with whether it is a string; None for others."""
    syntax = parsed(text)
    depth, at = 0, 0
    found: list[tuple[str, bool]] = []
    for token in syntax.tokens:
        written = text[token.start : token.end]
        if token.kind == "operator":
            depth += written in ("(", "[", "{")
            depth -= written in (")", "]", "}")
            if depth == 0 and written == "&":
                found.append((text[at : token.start].strip(), False))
                at = token.end
            elif depth == 0 and written not in (".", ")", "]", "}"):
                return None
    found.append((text[at:].strip(), False))
    made = []
    for operand, _ in found:
        tokens = parsed(operand).tokens
        is_text = len(tokens) == 1 and tokens[0].kind == "string"
        made.append((str(tokens[0].value) if is_text else operand, is_text))
    has_text = any(is_text and value for value, is_text in made)
    plain = all(not is_text or ("\n" not in value and "{%" not in value) for value, is_text in made)
    return made if has_text and plain and len(made) > 1 and node is not None else None


def _as_jsonata(value: Any, naming: Naming) -> str:
    """A template as one expression."""
    if is_expression(value):
        return f"({translated(inner(value), naming)})"
    if isinstance(value, str):
        return _with_parameters(value) if "${" in value else quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {_as_jsonata(one, naming)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_as_jsonata(one, naming) for one in value) + "]"
    return json.dumps(value)


def in_asl(text: str) -> str:
    """An expression of a workflow with AWS's names for the input and the context, as an `asl` step has them.

    >>> in_asl("$input.id & $context.Execution.Id & $input_2")
    '$states.context.Execution.Input.id & $states.context.Execution.Id & $input_2'
    """
    return _INPUT_NAME.sub("$states.context.Execution.Input", _CONTEXT_NAME.sub("$states.context", text))


def renamed_in(value: Any, naming: Naming) -> Any:
    """A part of an `asl` step: AWS's names stay, and variables have the names of the workflow's steps."""
    if is_expression(value):

        def variables(name: str, path: tuple[str, ...]) -> tuple[str, int] | None:
            found = None if name == "states" else naming(name, path)
            if found is None:
                return None
            if ERROR_NAME.search(found[0]):
                raise CannotExpressError("an `asl` step cannot read the caught error")
            return in_asl(found[0]), found[1]

        return f"{{% {translated(inner(value), variables)} %}}"
    if isinstance(value, Mapping):
        return {key: renamed_in(one, naming) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed_in(one, naming) for one in value]
    return value


def as_jsonata(value: Any, naming: Naming) -> str:
    """A template as the text of one expression."""
    return translated(inner(value), naming) if is_expression(value) else _as_jsonata(value, naming)


def dotted(base: str, path: tuple[str, ...]) -> str:
    """A path from a variable.

    >>> dotted("$order", ("lines", "first name"))
    '$order.lines.`first name`'
    """
    return base + "".join(f".{one}" if _IDENTIFIER.fullmatch(one) else f".`{one}`" for one in path)


def whole_path(value: Any) -> tuple[str, tuple[str, ...]] | None:
    """The variable and the names of an expression that is only a path."""
    if not is_expression(value):
        return None
    text = inner(value)
    found = parsed(text).references
    if len(found) != 1 or found[0].called or found[0].start != 0:
        return None
    end = found[0].path_ends[-1] if found[0].path_ends else found[0].end
    return (found[0].name, found[0].path) if end == len(text) else None


def is_access(value: Any) -> bool:
    """Whether an expression only selects something from one variable: `$states.result.items[0].id`."""
    if not is_expression(value):
        return False
    text = inner(value)
    syntax = parsed(text)
    if len(syntax.references) != 1 or syntax.references[0].start != 0 or syntax.references[0].called:
        return False
    rest = syntax.tokens[1:]
    return all(
        token.kind in ("name", "number") or text[token.start : token.end] in (".", "[", "]", "-") for token in rest
    )
