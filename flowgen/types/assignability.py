"""Whether values of one type are assignable to another, and if not, what is wrong and where in the value.

The comparison is structural: kinds, fields, literals. Formats of strings and lengths of arrays are refinements, which
generated models check at run time; if nothing checks them, the comparison must be `exact`. `any` is assignable to every
type, but leaves a doubt, like a member that its author marks as optional by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flowgen.diagnostics import did_you_mean
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FRACTION,
    INTEGER,
    NOTHING,
    NULL,
    NUMBER,
    TEXT,
    TRUE,
    UNDECLARED,
    Array,
    Declaration,
    Function,
    Object,
    Reference,
    Type,
    alternatives,
    expand,
    optional,
    present,
)
from flowgen.types.comparison import Comparison, Key, key
from flowgen.types.mismatch import Doubt, Mismatch, MismatchKind, Path
from flowgen.types.printing import show

_MAX_DEPTH = 40
_MAX_SPLIT = 16
_MAX_VARIANTS = 512
"""Most variants to try for one object: each field that is split multiplies them."""


def assign(source: Type, target: Type, doubts: list[Doubt] | None = None, *, exact: bool = False) -> Mismatch | None:
    """None if every value of `source` is assignable to `target`, otherwise the first mismatch.

    Parts that fit only because their type is unknown are added to `doubts`. If `exact`, formats and lengths must fit.

    >>> from flowgen.types.algebra import INTEGER_TYPE, TEXT_TYPE, record
    >>> assign(record({"n": TEXT_TYPE}), record({"n": INTEGER_TYPE})).path
    ('n',)
    """
    return _fits(source, target, (), Comparison(doubts, exact))


def _fits(source: Type, target: Type, path: Path, state: Comparison) -> Mismatch | None:
    depth = len(path)
    if source is target or depth > _MAX_DEPTH:
        return None
    pair = (key(source), key(target))
    fitting = state.fitting.get(pair)
    # `_MAX_DEPTH` cuts a comparison that starts deeper earlier, so its result does not hold for a shallower one.
    if fitting is not None and fitting[0] <= depth:
        for doubt in fitting[1]:
            state.doubt((*path, *doubt.path[fitting[0] :]), doubt.source, doubt.wanted)
        return None
    reported = (*pair, id(source.absent), id(state.declaration))
    failing = state.failing.get(reported)
    if failing is not None:
        return replace(failing[1], path=(*path, *failing[1].path[failing[0] :]))
    doubts, added = len(state.doubts or ()), len(state.trail)
    mismatch = _compared(source, target, path, state)
    if mismatch is None:
        state.fitting[pair] = depth, (state.doubts or [])[doubts:], source, target
        state.trail.append(pair)
        return None
    state.failing[reported] = depth, mismatch, source, target
    for assumed in state.trail[added:]:
        state.fitting.pop(assumed, None)
    del state.trail[added:]
    return mismatch


def _compared(source: Type, target: Type, path: Path, state: Comparison) -> Mismatch | None:
    sequence = _sequence(source, target, path, state)
    if sequence is not None:
        return sequence
    if source.atoms & ABSENT and not target.atoms & ABSENT:
        if source.atoms & NOTHING:
            return _absent(source, target, path, state)
        state.doubt(path, source, target)
    if source.atoms & ANY:
        if not target.atoms & ANY:
            state.doubt(path, source, target)
        return None
    if target.atoms & ANY:
        return _no_functions(source, target, path)
    unnamed = [part for part in source.parts if type(part) is Reference and part not in target.parts]
    wanted = key(target)
    keys: set[Key] = {(part, wanted) for part in unnamed}
    if keys and keys <= state.assumed:
        source = replace(source, parts=tuple(part for part in source.parts if type(part) is not Reference))
    same = tuple(part for part in source.parts if type(part) is Reference and part in target.parts)
    if same:
        source = replace(source, parts=tuple(part for part in source.parts if part not in same))
    added = keys - state.assumed
    state.assumed |= added
    try:
        expanded = expand(target)
        if expanded.atoms & ANY:
            return _no_functions(source, target, path)
        source = expand(source)
        if source.atoms & ANY:
            return _fits(source, expanded, path, state)
        return _scalars(source, expanded, target, path, state) or _parts(source, expanded, target, path, state)
    finally:
        state.assumed -= added


def _sequence(source: Type, target: Type, path: Path, state: Comparison) -> Mismatch | None:
    """The mismatch of a sequence (undefined, a single item or an array) and an array."""
    flattened = next((part for part in source.parts if type(part) is Array and part.origin is not None), None)
    if flattened is None or not any(type(part) is Array for part in target.parts):
        return None
    bare = present(replace(source, parts=tuple(part for part in source.parts if type(part) is not Array)))
    if bare.atoms & ANY or (bare.is_never and not source.atoms & NOTHING):
        return None
    if not bare.is_never:
        # All sequences share it: otherwise nested sequences would be compared twice at each level.
        state.sketch = state.sketch or Comparison(None)
        state.sketch.sketch = state.sketch
        if _fits(bare, replace(target, atoms=target.atoms | ABSENT), path, state.sketch) is None:
            return None
    one = "" if bare.is_never else f"a single `{show(bare)}` for one item, "
    none = "undefined for no items, " if source.atoms & NOTHING else ""
    origin = flattened.origin
    assert origin is not None  # noqa: S101 - `flattened` was selected by it
    return Mismatch(
        MismatchKind.SEQUENCE,
        path,
        source,
        target,
        f"is {none}{one}and an array only for more, expected `{show(present(target))}` ({origin.text})",
        "enclose it in `[…]`, which makes an array of any number of items",
        origin,
    )


def _absent(source: Type, target: Type, path: Path, state: Comparison) -> Mismatch:
    why = f": {source.absent.text}" if source.absent is not None else ""
    wanted = show(target)
    if present(source).is_never:
        return Mismatch(
            MismatchKind.ABSENT, path, source, target, f"is always undefined, expected `{wanted}`{why}",
            "write the path of an existing value", source.absent, state.declaration,
        )  # fmt: skip
    return Mismatch(
        MismatchKind.ABSENT,
        path,
        source,
        target,
        f"may be undefined, expected `{wanted}`{why}",
        "provide a default: `$exists(x) ? x : …`",
        source.absent,
        state.declaration,
    )


def _no_functions(source: Type, target: Type, path: Path) -> Mismatch | None:
    if any(type(part) is Function for part in source.parts):
        return Mismatch(
            MismatchKind.FUNCTION, path, source, target, "may be a function, which is not a JSON value",
            "call the function: write `(…)` after its name",
        )  # fmt: skip
    return None


def _scalars(source: Type, target: Type, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    missing = source.atoms & ~target.atoms & ~ABSENT
    if missing & TEXT and target.formats and not state.exact:
        missing &= ~TEXT
    if missing & NULL:
        return Mismatch(
            MismatchKind.NULL, path, source, named, f"{'may be' if source.atoms != NULL else 'is'} null, "
            f"expected `{show(present(named))}`", "provide a default: `x != null ? x : …`",
            declaration=state.declaration,
        )  # fmt: skip
    if missing:
        return _scalar_mismatch(missing, source, target, named, path, state)
    for value in sorted(source.literals, key=str):
        bit = TEXT if isinstance(value, str) else INTEGER if isinstance(value, int) else FRACTION
        if value in target.literals or target.atoms & bit:
            continue
        if isinstance(value, str) and target.formats and not (state.exact and not _has_form(value, target.formats)):
            continue
        return _literal_mismatch(value, source, target, named, path, state)
    unlike = source.formats - target.formats if state.exact or not target.formats else frozenset()
    if unlike and not target.atoms & TEXT:
        return _scalar_mismatch(TEXT, replace(source, formats=unlike), target, named, path, state)
    return None


def _has_form(value: str, formats: frozenset[str]) -> bool:
    """Whether a string has one of these formats, as far as `_FORMS` can test them."""
    known = formats & _FORMS.keys()
    return known < formats or any(_FORMS[name].fullmatch(value) for name in known)


_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_FORMS = {
    "date": re.compile(_DATE),
    "date-time": re.compile(_DATE + r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"),
}


def _scalar_mismatch(missing: int, source: Type, target: Type, named: Type, path: Path, state: Comparison) -> Mismatch:
    wanted = show(present(named))
    strings = any(isinstance(value, str) for value in target.literals)
    numbers = any(not isinstance(value, str) for value in target.literals)
    kind, help_ = MismatchKind.KIND, None
    if missing & TEXT and source.atoms & TEXT and target.formats:
        kind, message = MismatchKind.FORMAT, f"may be any string, expected a `{wanted}`"
        help_ = _format_help(target)
    elif missing & TEXT and strings:
        kind, message = MismatchKind.LITERAL, f"may be any string, expected {wanted}"
        help_ = 'compare it first: `x in ["…", "…"] ? x : …`'
    elif missing & NUMBER and numbers:
        kind, message = MismatchKind.LITERAL, f"may be any number, expected {wanted}"
    elif missing & BOOLEAN and target.atoms & BOOLEAN:
        kind = MismatchKind.LITERAL
        message = f"may be {'true' if missing & TRUE else 'false'}, expected {wanted}"
    elif missing == FRACTION and target.atoms & INTEGER:
        message = f"is `{show(present(source))}` and may have a fraction, expected `{wanted}`"
        help_ = "round it: `$round(x)`, `$floor(x)` or `$ceil(x)`"
    else:
        message = f"{_may_be(source, missing)}, expected `{wanted}`"
        if missing & TEXT and target.formats and not target.atoms & NUMBER:
            help_ = _format_help(target)
        elif missing & TEXT and target.atoms & NUMBER:
            help_ = "convert it to a number: `$number(x)`"
        elif missing & (NUMBER | BOOLEAN) and target.atoms & TEXT:
            help_ = "convert it to a string: `$string(x)`"
    return Mismatch(kind, path, source, named, message, help_, declaration=state.declaration)


def _format_help(target: Type) -> str:
    help_ = "declare the format where the value comes from"
    if "date-time" in target.formats:
        help_ += '; `$fromMillis(…)` and `$day & "T00:00:00Z"` return a `date-time`'
    return help_


def _may_be(source: Type, missing: int) -> str:
    what = Type(missing)
    if missing & TEXT and source.formats and not source.atoms & TEXT:
        what = Type(formats=source.formats)
    rest = list(alternatives(present(source)))
    alone = len(rest) == 1 or (not present(source).atoms & ~missing and not source.literals and not source.parts)
    return f"{'is' if alone else 'may be'} `{show(what)}`"


def _literal_mismatch(
    value: str | float, source: Type, target: Type, named: Type, path: Path, state: Comparison
) -> Mismatch:
    alike = sorted(str(other) for other in target.literals if isinstance(other, str) == isinstance(value, str))
    shown = show(Type(literals=frozenset((value,))))
    verb = "is" if len(source.literals) == 1 and not source.atoms and not source.parts else "may be"
    if not alike:
        message, help_ = f"{verb} {shown}, expected `{show(present(named))}`", None
        if isinstance(value, str) and target.atoms & NUMBER:
            help_ = "remove the quotes, or convert it with `$number(x)`"
        elif not isinstance(value, str) and target.atoms & TEXT:
            help_ = "convert it to a string: `$string(x)`"
        elif isinstance(value, float) and target.atoms & INTEGER:
            help_ = "write a whole number"
        return Mismatch(MismatchKind.KIND, path, source, named, message, help_, declaration=state.declaration)
    guess = did_you_mean(str(value), alike)
    message = f"{verb} {shown}, expected {show(present(named))}"
    help_ = f"did you mean `{guess}`?" if guess else None
    return Mismatch(
        MismatchKind.LITERAL, path, source, named, message, help_, declaration=state.declaration, guess=guess
    )


def _parts(source: Type, target: Type, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    arrays, objects = target.arrays, target.objects
    for part in source.parts:
        if type(part) is Array:
            mismatch = _array(part, arrays, named, path, state)
        elif type(part) is Object:
            mismatch = _object(part, objects, named, path, state)
        else:
            mismatch = _no_functions(source, named, path)
        if mismatch is not None:
            return mismatch
    return None


def _array(source: Array, targets: list[Array], named: Type, path: Path, state: Comparison) -> Mismatch | None:
    first: Mismatch | None = None
    for target in targets:
        mismatch = _array_fits(source, target, named, path, state)
        if mismatch is None:
            return None
        first = first or mismatch
    if first is not None:
        return first
    type_ = Type(parts=(source,))
    help_ = "take the first item with `x[0]`, or map each with `x.(…)`"
    message = f"is an array `{show(type_)}`, expected `{show(present(named))}`"
    return Mismatch(MismatchKind.KIND, path, type_, named, message, help_, source.origin, state.declaration)


def _array_fits(source: Array, target: Array, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    whole = Type(parts=(source,))
    if target.most is not None and source.least > target.most:
        message = f"has at least {source.least} items, expected at most {target.most}"
        return Mismatch(MismatchKind.LENGTH, path, whole, named, message, declaration=state.declaration)
    if source.most is not None and source.most < target.least:
        message = f"has at most {source.most} items, expected at least {target.least}"
        return Mismatch(MismatchKind.LENGTH, path, whole, named, message, declaration=state.declaration)
    if state.exact and source.least < target.least:
        message = f"may have {source.least or 'no'} items, expected at least {target.least}"
        help_ = f"test it first: `$count(x) >= {target.least} ? x : …`"
        return Mismatch(MismatchKind.LENGTH, path, whole, named, message, help_, declaration=state.declaration)
    if state.exact and target.most is not None and (source.most is None or source.most > target.most):
        message = f"may have more than {target.most} items, expected at most {target.most}"
        help_ = f"take the first ones: `[x[[0..{target.most - 1}]]]`"
        return Mismatch(MismatchKind.LENGTH, path, whole, named, message, help_, declaration=state.declaration)
    for index in range(max(len(source.prefix), len(target.prefix))):
        if source.most is not None and index >= source.most:
            break
        mismatch = _fits(source.slot(index), target.slot(index), (*path, index), state)
        if mismatch is not None:
            return mismatch
    if source.most == 0 or source.rest.is_never:
        return None
    return _fits(source.rest, target.rest, (*path, None), state)


def _object(source: Object, targets: list[Object], named: Type, path: Path, state: Comparison) -> Mismatch | None:
    type_ = Type(parts=(source,))
    if not targets:
        wanted = show(present(named))
        message = f"is an object `{show(type_)}`, expected `{wanted}`"
        return Mismatch(MismatchKind.KIND, path, type_, named, message, declaration=state.declaration)
    likely = [target for target in targets if _discriminates(source, target)] if len(targets) > 1 else targets
    found: list[Mismatch] = []
    for target in likely or targets:
        doubts = len(state.doubts) if state.doubts is not None else 0
        mismatch = _object_fits(source, target, named, path, state)
        if mismatch is None:
            return None
        if state.doubts is not None:
            del state.doubts[doubts:]
        found.append(mismatch)
    if len(targets) > 1:
        outer = state.variants
        try:
            for variants in _splits(source, targets):
                state.variants += len(variants)
                if state.variants > _MAX_VARIANTS:
                    break
                if all(_object(variant, targets, named, path, state) is None for variant in variants):
                    return None
        finally:
            state.variants = outer and state.variants
    if not likely:
        return _no_variant(source, targets, path, state) or found[0]
    return max(found, key=lambda mismatch: len(mismatch.path))


def _discriminates(source: Object, target: Object) -> bool:
    """Whether the tags of `source`, if any, match this variant."""
    for name, wanted in target.fields.items():
        if _is_tag(wanted) and name in source.fields:
            there = expand(present(source.fields[name]))
            if there.atoms & ANY or there.atoms & TEXT or there.formats:
                continue
            if not there.literals & wanted.literals and not there.atoms & wanted.atoms & BOOLEAN:
                return False
    return True


def _is_tag(type_: Type) -> bool:
    return not type_.parts and not type_.formats and not type_.atoms & ~BOOLEAN and type_.atoms & BOOLEAN != BOOLEAN


def _splits(source: Object, targets: list[Object]) -> Iterator[list[Object]]:
    """`source` split into variants, one for each value of a field that distinguishes the targets."""
    for name, there in source.fields.items():
        options = list(alternatives(there))
        if not 1 < len(options) <= _MAX_SPLIT or not all(name in target.fields for target in targets):
            continue
        if any(_is_tag(target.fields[name]) for target in targets):
            yield [replace(source, fields={**source.fields, name: option}) for option in options]


def _no_variant(source: Object, targets: Sequence[Object], path: Path, state: Comparison) -> Mismatch | None:
    tags = {name for target in targets for name, wanted in target.fields.items() if _is_tag(wanted)}
    for name in source.fields:
        if name in tags and all(name in target.fields for target in targets):
            wanted = Type()
            for target in targets:
                wanted = Type(wanted.atoms | target.fields[name].atoms, wanted.literals | target.fields[name].literals)
            return _fits(source.fields[name], wanted, (*path, name), state)
    return None


def _object_fits(source: Object, target: Object, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    outer, state.declaration = state.declaration, target.declaration or state.declaration
    try:
        return _fields(source, target, named, path, state) or _beyond(source, target, named, path, state)
    finally:
        state.declaration = outer


def _fields(source: Object, target: Object, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    for name, wanted in target.fields.items():
        there = source.get(name)
        if there.atoms & NOTHING and present(there).is_never and not wanted.may_be_absent:
            unknown = [other for other in source.fields if other not in target.fields]
            guess = did_you_mean(name, unknown)
            if guess and target.rest.is_never:
                help_ = f"did you mean `{name}`?"
                return replace(_unknown_field(guess, help_, source, target, named, path, state), guess=name)
            required = f"`{target.name}` requires" if target.name else "expected"
            return Mismatch(
                MismatchKind.MISSING_FIELD,
                (*path, name),
                Type(parts=(source,)),
                wanted,
                f"is missing: {required} a field of type `{show(wanted)}`",
                f"rename `{guess}` if it is this field" if guess else None,
                there.absent,
                _field_declaration(state, name),
            )
        mismatch = _fits(there, wanted, (*path, name), state)
        if mismatch is not None:
            if mismatch.declaration is state.declaration:
                return replace(mismatch, declaration=_field_declaration(state, name))
            return mismatch
    return None


def _field_declaration(state: Comparison, name: str) -> Declaration | None:
    declared = state.declaration
    return None if declared is None else Declaration(declared.name, (*declared.pointer, "properties", name))


def _beyond(source: Object, target: Object, named: Type, path: Path, state: Comparison) -> Mismatch | None:
    for name, there in source.fields.items():
        if name in target.fields or present(there).is_never:
            continue
        if target.rest.is_never:
            guess = did_you_mean(name, target.fields)
            help_ = f"did you mean `{guess}`?" if guess else f"its fields are {', '.join(target.fields) or 'none'}"
            return replace(_unknown_field(name, help_, source, target, named, path, state), guess=guess)
        mismatch = _fits(there, optional(target.rest), (*path, name), state)
        if mismatch is not None:
            return mismatch
    if source.rest.is_never:
        return None
    if target.rest.is_never:
        here = Type(parts=(source,))
        why = ": nothing enforces the declared type of a response" if source.rest is UNDECLARED else ""
        return Mismatch(
            MismatchKind.OPEN,
            path,
            here,
            named,
            f"may have more fields than {_owner(target, named)}, which allows no others{why}",
            'make an object with only these fields: `{"a": x.a, …}`'
            + (", or add `validate: true` to the step of the response" if why else ""),
            declaration=state.declaration,
        )
    return _fits(source.rest, optional(target.rest), (*path, None), state)


def _unknown_field(
    name: str, help_: str, source: Object, target: Object, named: Type, path: Path, state: Comparison
) -> Mismatch:
    return Mismatch(
        MismatchKind.UNKNOWN_FIELD,
        (*path, name),
        Type(parts=(source,)),
        named,
        f"is not a field of {_owner(target, named)}",
        help_,
        declaration=state.declaration,
    )


def _owner(target: Object, named: Type) -> str:
    return f"`{target.name or show(present(named))}`"
