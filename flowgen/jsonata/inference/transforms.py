"""`| pattern | update, delete |`: a copy of a value with some of its objects changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flowgen.jsonata.inference.boundary import as_json
from flowgen.jsonata.inference.facts import access
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.lists import put_over
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import flattened
from flowgen.jsonata.tree import Path, Transform, Tree, Variable, walk
from flowgen.types import NOTHING_TYPE, Type, expand, optional, present, union, unknown
from flowgen.types.algebra import ANY, TEXT, Array, Object, Part, only_absent


def transformed(run: Inferrer, node: Transform, given: Type, frame: Frame) -> Type:
    """The result of a transform of a value of `given`; unknown if its pattern is more than names."""
    value = as_json(expand(given))
    if value.atoms & ANY:
        return optional(value) if value.may_be_absent else value
    if present(value).is_never:
        return NOTHING_TYPE
    there = present(value)
    matches = expand(run.evaluate(node.pattern, there, frame))
    item = present(expand(flattened(matches)[0]))
    update = present(expand(run.evaluate(node.update, item, frame))) if not item.is_never else Type()
    _check_update(run, node.update, update)
    _check_matches(run, node, item, update)
    names = _deleted(run, node, item, frame) if not item.is_never else frozenset()
    found = access(_plain(node.pattern))
    if item.is_never:
        changed = there
    elif found is None or found[0] != "" or names is None or update.atoms & ANY:
        changed = _anywhere(there)
    else:
        filtered = _plain(node.pattern) is not node.pattern or _has_stages(node.pattern)

        def change(object_: Object) -> list[Object]:
            results = [_without(put_over(object_, record_type), names or frozenset()) for record_type in update.objects]
            if not update.objects or update.is_never:
                results.append(_without(object_, names or frozenset()))
            return [*results, object_] if filtered else results

        changed = _along(there, found[1], change)
    return union(changed, only_absent(given))


def _has_stages(node: Tree) -> bool:
    return bool(node.predicates) or (isinstance(node, Path) and any(step.stages for step in node.steps))


def _plain(node: Tree) -> Tree:
    """A pattern without its predicates, which only reduce the set of changed objects."""
    if isinstance(node, Path) and not node.tuples and node.group is None:
        steps = tuple(replace(step, stages=(), node=_bare(step.node)) for step in node.steps)
        return replace(node, steps=steps) if _has_stages(node) else node
    return _bare(node)


def _bare(node: Tree) -> Tree:
    return replace(node, predicates=()) if isinstance(node, Variable) and node.predicates else node


def _anywhere(value: Type) -> Type:
    why = "a transform with a complex pattern may change any part of it"
    if any(type(part) is Array for part in value.parts):
        return Type(parts=(Array((), unknown(why), 0, None),)) if not value.objects else unknown(why)
    return Type(parts=(Object({}, unknown(why)),))


def _check_update(run: Inferrer, node: Tree, update: Type) -> None:
    others = replace(update, parts=tuple(part for part in update.parts if type(part) is not Object))
    if update.atoms & ANY:
        run.tell(Kind.UNCHECKED, Severity.NOTE, node, "expected an object, found `any`", may_fail=True)
    elif not others.is_never:
        run.tell(
            Kind.WRONG_OPERAND, Severity.ERROR, node,
            f"the update of a transform must be an object, but this may be `{others}`, and the expression then fails",
            may_fail=True, type=update,
        )  # fmt: skip


def _check_matches(run: Inferrer, node: Transform, item: Type, update: Type) -> None:
    """Checks that a transform changes only objects, and that it does not insert an object into itself."""
    others = replace(item, parts=tuple(part for part in item.parts if type(part) is not Object))
    if not others.is_never and any(object_.fields or not object_.rest.is_never for object_ in update.objects):
        run.tell(
            Kind.WRONG_OPERAND, Severity.ERROR, node.pattern,
            f"a transform changes objects, but its pattern may match `{others}`, and the expression then fails",
            may_fail=True, type=item,
        )  # fmt: skip
    if any(isinstance(part, Variable) and part.name == "" for part in walk(node.update)):
        run.tell(
            Kind.MAY_FAIL, Severity.NOTE, node.update,
            "`$` is the object to change: inserting it into itself makes the expression fail",
            may_fail=True,
        )  # fmt: skip


def _deleted(run: Inferrer, node: Transform, item: Type, frame: Frame) -> frozenset[str] | None:
    """The names that may be deleted; None if they are unknown."""
    if node.delete is None:
        return frozenset()
    given = expand(run.evaluate(node.delete, item, frame))
    names = present(expand(flattened(given)[0]))
    if names.atoms & ~TEXT or names.parts or any(not isinstance(value, str) for value in names.literals):
        run.tell(
            Kind.WRONG_OPERAND, Severity.ERROR, node.delete,
            f"the fields to delete must be strings, but this may be `{names}`, and the expression then fails",
            may_fail=True, type=given,
        )  # fmt: skip
    if names.atoms or names.formats:
        return None
    return frozenset(value for value in names.literals if isinstance(value, str))


def _without(object_: Object, names: frozenset[str]) -> Object:
    if not names:
        return object_
    fields = {name: optional(field) if name in names else field for name, field in object_.fields.items()}
    return Object(fields, object_.rest)


def _along(value: Type, path: tuple[str, ...], change: Callable[[Object], list[Object]], *, item: bool = False) -> Type:
    """`value` with the objects at `path` changed. An array at its end is flattened once: arrays in it are unchanged."""
    value = expand(value)
    parts: list[Part] = []
    for part in value.parts:
        if type(part) is Array:
            if item and not path:
                parts.append(part)
                continue
            prefix = tuple(_along(inner, path, change, item=True) for inner in part.prefix)
            parts.append(replace(part, prefix=prefix, rest=_along(part.rest, path, change, item=True)))
        elif type(part) is Object and not path:
            parts += change(part)
        elif type(part) is Object:
            field = part.fields.get(path[0])
            if field is None:
                rest = part.rest if part.rest.is_never else unknown("a transform may change it")
                parts.append(Object(part.fields, rest))
            else:
                changed = _along(field, path[1:], change)
                parts.append(Object({**part.fields, path[0]: changed}, part.rest))
        else:
            parts.append(part)
    return union(replace(value, parts=()), *(Type(parts=(part,)) for part in parts))
