"""Breaks long lines as ruff does, so that formatting generated code changes nothing.

Supports only the expressions in fields with defaults: names, constants, calls, generic types, lists, dicts, lambdas.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flowgen.backends.python.text import WIDTH, string

STEP = 4


def aliased(name: str, value: ast.expr, written: str) -> str:
    """The definition of a type alias; the type as `written` if that fits in a line."""
    head = f"{name}: TypeAlias = "
    for line in (written, _flat(value)):
        if "\n" not in line and len(head + line) <= WIDTH:
            return head + line
    return f"{head}{_enclosed(value, 0) if isinstance(value, ast.BinOp | ast.Name) else _broken(value, 0)}"


def assigned(name: str, annotation: ast.expr, value: ast.expr, indent: int = STEP) -> str:
    """`annotation = value` for a class, where it follows `name: `."""
    head, type_, default = indent + len(f"{name}: "), _flat(annotation), _flat(value)
    if head + len(f"{type_} = {default}") <= WIDTH:
        return f"{type_} = {default}"
    opening = default.partition("(")[0]
    if head + len(f"{type_} = {opening}(") <= WIDTH:
        return f"{type_} = {_broken(value, indent)}"
    if head + len(f"{type_} = (") <= WIDTH:
        return f"{type_} = {_enclosed(value, indent)}"
    type_ = _enclosed(annotation, indent) if isinstance(annotation, ast.BinOp) else _broken(annotation, indent)
    return f"{type_} = {_fitting(value, indent, indent + len('] = '))}"


def fitting(node: ast.expr, *, column: int) -> str:
    """An expression that starts at `column` of a new line."""
    return _fitting(node, 0, column)


def _enclosed(node: ast.expr, indent: int) -> str:
    """A value in parentheses on separate lines."""
    inside = indent + STEP
    return f"(\n{' ' * inside}{_fitting(node, inside, inside)}\n{' ' * indent})"


def _fitting(node: ast.expr, indent: int, column: int, after: int = 0) -> str:
    """A value that starts at `column` of a line with `indent`, with `after` characters following it."""
    flat = _flat(node)
    return flat if column + len(flat) + after <= WIDTH else _broken(node, indent, after)


def _broken(node: ast.expr, indent: int, after: int = 0) -> str:
    match node:
        case ast.Call(func=function, args=args, keywords=keywords):
            return _lines(f"{_flat(function)}(", [*args, *keywords], ")", indent, joined=True)
        case ast.Subscript(value=value, slice=ast.Tuple(elts=[_, *_] as parts)):
            return _lines(f"{_flat(value)}[", parts, "]", indent, joined=True)
        case ast.Subscript(value=value, slice=part):
            return _lines(f"{_flat(value)}[", [part], "]", indent, joined=True)
        case ast.List(elts=[_, *_] as items):
            return _lines("[", items, "]", indent)
        case ast.Dict(keys=[_, *_] as keys, values=values):
            return _lines("{", _pairs(keys, values), "}", indent)
        case ast.Lambda(body=body):
            return f"lambda: {_broken(body, indent)}"
        case ast.BinOp():
            first, *others = _options(node)
            lines = (f"{' ' * indent}| {_fitting(option, indent, indent + 2, after)}" for option in others)
            return "\n".join([_fitting(first, indent, indent), *lines])
        case _:
            return _flat(node)


def _options(node: ast.expr) -> list[ast.expr]:
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


Item = ast.expr | ast.keyword | tuple[ast.expr, ast.expr]


def _lines(opening: str, items: Sequence[Item], closing: str, indent: int, *, joined: bool = False) -> str:
    """Items between brackets: in one line if they fit and may be `joined`, else one per line."""
    inside = indent + STEP
    margin = " " * inside
    one = ", ".join("".join(_item(item)) for item in items)
    if joined and inside + len(one) <= WIDTH:
        return f"{opening}\n{margin}{one}\n{' ' * indent}{closing}"
    comma = "" if joined and len(items) == 1 else ","
    lines = []
    for item in items:
        before, _ = _item(item)
        lines.append(f"{margin}{before}{_fitting(_value(item), inside, inside + len(before), len(comma))}{comma}")
    return "\n".join([opening, *lines, f"{' ' * indent}{closing}"])


def _value(item: Item) -> ast.expr:
    match item:
        case ast.keyword(value=value) | (_, value):
            return value
        case _:
            return item


def _item(item: Item) -> tuple[str, str]:
    """The text before an item's value, and the value, each in one line."""
    match item:
        case ast.keyword(arg=name, value=value):
            return f"{name}=", _flat(value)
        case (ast.expr() as key, value):
            return f"{_flat(key)}: ", _flat(value)
        case ast.expr():
            return "", _flat(item)
        case _:
            raise TypeError(item)


def _flat(node: ast.expr) -> str:
    """An expression in one line, with strings in double quotes."""
    match node:
        case ast.Constant(value=str(text)):
            return string(text)
        case ast.List(elts=items):
            return f"[{', '.join(map(_flat, items))}]"
        case ast.Dict(keys=keys, values=values):
            return "{" + ", ".join("".join(_item(pair)) for pair in _pairs(keys, values)) + "}"
        case ast.Call(func=function, args=args, keywords=keywords):
            given: list[Item] = [*args, *keywords]
            return f"{_flat(function)}({', '.join(''.join(_item(item)) for item in given)})"
        case ast.Subscript(value=value, slice=ast.Tuple(elts=[_, *_] as parts)):
            return f"{_flat(value)}[{', '.join(map(_flat, parts))}]"
        case ast.Subscript(value=value, slice=part):
            return f"{_flat(value)}[{_flat(part)}]"
        case ast.BinOp(op=ast.BitOr()):
            return " | ".join(map(_flat, _options(node)))
        case ast.Lambda(body=body):
            return f"lambda: {_flat(body)}"
        case _:
            return ast.unparse(node)


def _pairs(keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> list[tuple[ast.expr, ast.expr]]:
    return [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
