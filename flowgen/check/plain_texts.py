"""Plain strings that look like expressions without braces, or with the braces of another language.

In: the literals of a workflow's values. Out: FG314, with a replacement. Never: an error, because any string is valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from flowgen.diagnostics import Diagnostic, Fix
from flowgen.diagnostics.characters import in_typographic_quotes
from flowgen.jsonata.parsing import BUILT_IN
from flowgen.model import (
    Expression,
    Interpolation,
    Intrinsic,
    ListValue,
    Literal,
    ObjectValue,
    Value,
    Workflow,
    every_step,
    undoing_of,
)
from flowgen.model.expressions import values_of
from flowgen.model.leaves import RESERVED
from flowgen.model.triggers import NamingTrigger
from flowgen.source import Scalar
from flowgen.source.nodes import Style
from flowgen.source.yaml_hints import as_quoted

_PATH = r"(?:\.\w+|\[[^\]\s]*\])*"
_VARIABLE = re.compile(rf"(?<![\w$]){re.escape('$')}(?P<name>[A-Za-z_]\w*){_PATH}", re.ASCII)
_WHOLE = re.compile(r"\$[A-Za-z_]\w*(?:[.(\[].*|\s+(?:or|and|\?|[&=<>+*/-]).*)", re.ASCII | re.DOTALL)
_JSON_PATH = re.compile(r"(?P<root>\$\$?)(?P<path>(?:\.[A-Za-z_]\w*|\[[^\]]+\])*)", re.ASCII)
_BRACES = re.compile(r"\{\{-?\s*(?!resolve:)(?P<inside>[^{}]*?)\s*-?\}\}")
_WORDS = {
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
    **dict.fromkeys(("None", "Null", "NULL"), "null"),
}
_OR = re.compile(r"(?P<value>\$\w[\w.]*)\s+(?:or|\|\||\?\?|\?:)\s+(?P<default>'[^']*'|\"[^\"]*\"|[\w.-]+)", re.ASCII)

_NO_PATH_KEY = "`{}` is an ordinary key: `.$` has no meaning here"
_INTRINSIC = re.compile(r"States\.(?P<name>[A-Z]\w+)\(")
_OF_INTRINSICS = {
    "Array": "[…]",
    "ArrayContains": "x in list",
    "ArrayGetItem": "list[i]",
    "ArrayLength": "$count(list)",
    "ArrayPartition": "$partition(list, n)",
    "ArrayRange": "[first..last]",
    "ArrayUnique": "$distinct(list)",
    "Base64Decode": "$base64decode(x)",
    "Base64Encode": "$base64encode(x)",
    "Format": "'…' & x & '…'",
    "Hash": "$hash(x, 'SHA-256')",
    "JsonMerge": "$merge([a, b])",
    "JsonToString": "$string(x)",
    "MathAdd": "a + b",
    "MathRandom": "$random()",
    "StringSplit": "$split(x, ',')",
    "StringToJson": "$parse(x)",
    "UUID": "$uuid()",
}
"""Developer guide, "Intrinsic functions for JSONPath states", and the JSONata for each."""


def check_plain_texts(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG314: strings that look like expressions but are sent literally."""
    looking = _Texts(workflow)
    for step in every_step(workflow):
        for value in values_of(step):
            yield from looking.at(value)
        undoing = undoing_of(step)
        if undoing is not None:
            for value in values_of(undoing):
                yield from looking.at(value)
    for trigger in workflow.triggers.values():
        for given in (trigger.argument, trigger.execution_name if isinstance(trigger, NamingTrigger) else None):
            if given is not None:
                yield from looking.at(given)


class _Texts:
    def __init__(self, workflow: Workflow) -> None:
        steps = tuple(every_step(workflow))
        self.own = {"input", *(step.id for step in steps)}
        for step in steps:
            self.own |= {bound.name for body in step.bodies() for bound in body.binds if bound.span is not None}
        self.names = {*self.own, *RESERVED - BUILT_IN, "event"}

    def at(self, value: Value, key: str = "") -> Iterator[Diagnostic]:
        match value:
            case Literal(value=str(), node=node) if "${" not in node.text:
                yield from self.text(node, node.text, key, whole=True)
            case Interpolation(parts=parts, node=node):
                yield from self.text(node, _without_expressions(parts, node), key, whole=False)
            case ListValue(items=items):
                for item in items:
                    yield from self.at(item, key)
            case ObjectValue(members=members):
                for member in members:
                    if member.key.endswith(".$") and isinstance(member.value, Literal):
                        yield self.json_path_key(member.node, member.value)
                    else:
                        yield from self.at(member.value, f"{key}.{member.key}")
            case Literal() | Expression() | Intrinsic():
                pass
            case _:
                assert_never(value)

    def text(self, node: Scalar, text: str, key: str, *, whole: bool) -> Iterator[Diagnostic]:
        """`text` is the text of the node, with its expressions replaced by blanks."""
        bare = text.strip()
        if whole and node.style is Style.PLAIN and bare in _WORDS:
            word = _WORDS[bare]
            help_ = f"write `{word}`, or {as_quoted(bare)} for the string"
            yield _told(node, f"this is the string `{bare}`", help_, word)
            return
        between = in_typographic_quotes(bare) if whole and node.style is Style.PLAIN else None
        if between is not None:
            quoted = as_quoted(between)
            yield _told(node, "these typographic quotes are part of the string", f"write `{quoted}`", quoted)
            return
        if whole and (inside := self.expression(bare, key)) is not None:
            new = as_quoted(f"${{ {inside} }}") if "\n" not in inside else None
            help_ = f"write `{new}`" if new is not None else "write it in `${ }`"
            yield _told(node, f"`{_short(bare)}` is a plain string, not an expression", help_, new)
            return
        if whole and (called := _INTRINSIC.match(bare)) is not None:
            message = f"`States.{called['name']}` is part of JSONPath, and this is a plain string"
            yield _told(node, message, _of_intrinsic(called["name"]))
            return
        found = list(self.parts(text))
        if found:
            braced = node.text
            for start, end, inside in reversed(found):
                braced = f"{braced[:start]}${{ {inside} }}{braced[end:]}"
            start, end, _ = found[0]
            message = f"`{text[start:end]}` is part of a plain string, not an expression"
            help_ = f"write `{as_quoted(braced)}`" if "\n" not in braced else f"write `${{ {found[0][2]} }}`"
            fix = Fix.replace(node.span, as_quoted(braced)) if "\n" not in braced else None
            yield Diagnostic("FG314", message, node.part(start, end), "sent unchanged", help=help_, fix=fix)

    def expression(self, bare: str, key: str) -> str | None:
        """The expression that a whole string probably means; None if it does not look like one."""
        name = _VARIABLE.match(bare)
        if name is not None:
            alone = name.end() == len(bare) and ("." in name[0] or name["name"].islower())
            known = name["name"] in self.names or bare.startswith(f"${name['name']}(")
            if alone or (known and _WHOLE.fullmatch(bare)):
                return _in_jsonata(bare)
        path = _JSON_PATH.fullmatch(bare)
        if path is not None and path["path"] and "path" not in key.lower():
            return _from_json_path(bare)
        braces = _BRACES.fullmatch(bare)
        if braces is not None and braces["inside"]:
            return self.from_template(braces["inside"])
        return None

    def parts(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Expressions inside a longer string: only those that begin with a name of the workflow."""
        for match in _VARIABLE.finditer(text):
            # A shell script may have its own `$index`.
            read = match[0] != f"${match['name']}"
            if match["name"] in (self.names if read else self.own):
                yield match.start(), match.end(), _in_jsonata(match[0])
        for match in _BRACES.finditer(text):
            root = re.match(r"\$?(\w+)", match["inside"])
            if root is not None and root[1] in self.names and "$" not in match["inside"]:
                yield match.start(), match.end(), self.from_template(match["inside"])

    @staticmethod
    def from_template(inside: str) -> str:
        """The content of `{{ }}` in Jinja and others: names without `$`."""
        return _in_jsonata(f"${inside}" if re.match(r"[A-Za-z_]", inside) else inside)

    def json_path_key(self, key: Scalar, value: Literal) -> Diagnostic:
        name = key.text.removesuffix(".$")
        path = str(value.value).strip()
        called = _INTRINSIC.match(path)
        if called is not None:
            help_ = f"name the key `{name}`, and {_of_intrinsic(called['name'])}"
            return Diagnostic("FG314", _NO_PATH_KEY.format(key.text), key.span, "sent unchanged", help=help_)
        braced = as_quoted(f"${{ {_from_json_path(path) if path.startswith('$') else path} }}")
        return Diagnostic(
            "FG314", _NO_PATH_KEY.format(key.text), key.span, "sent unchanged", help=f"write `{name}: {braced}`"
        )


def _told(node: Scalar, message: str, help_: str, new: str | None = None) -> Diagnostic:
    fix = None if new is None else Fix.replace(node.span, new)
    return Diagnostic("FG314", message, node.span, "sent unchanged", help=help_, fix=fix)


def _in_jsonata(text: str) -> str:
    """The same in JSONata, where a field in brackets is an index, and `or` returns a boolean."""
    text = re.sub(r"\[(['\"])([A-Za-z_]\w*)\1\]", r".\2", text)
    return _OR.sub(lambda found: f"$exists({found['value']}) ? {found['value']} : {found['default']}", text)


def _from_json_path(path: str) -> str:
    """`$.id` and `$$.Execution.Id`: JSONPath as in Step Functions."""
    if path.startswith("$$."):
        return f"$context.{path[3:]}"
    return _in_jsonata(f"$input{path[1:]}") if path.startswith(("$.", "$[")) else _in_jsonata(path)


def _without_expressions(parts: tuple[str | Expression, ...], node: Scalar) -> str:
    text = node.text
    for part in parts:
        if isinstance(part, Expression):
            start, end = part.offset, part.offset + len(part.text)
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _of_intrinsic(name: str) -> str:
    written = _OF_INTRINSICS.get(name)
    return "write JSONata in `${ }`" if written is None else f'write `"${{ {written} }}"`'


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
