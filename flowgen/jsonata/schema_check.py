"""JSONata that checks a value against a JSON Schema.

The expression evaluates to a string that names the first problem and its place, `$.lines[2].qty: expected integer, got
string`, or to an empty string. Each named type becomes a JSONata function, so types may be recursive.

Inside the functions, `$v` is a value and `$p` its path. A check is an expression that is a string for a wrong value and
undefined otherwise, so `[a, b][0]` is the first problem of several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowgen.jsonata.format_patterns import LENGTHS, PATTERNS
from flowgen.jsonata.literals import literal, quoted, regex
from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.jsonata.schema_kinds import KINDS, Schema, kinds_of

_OF_KIND: Mapping[str, frozenset[str]] = {
    "object": frozenset(
        (
            *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
            *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
        )
    ),
    "array": frozenset(
        ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains")
    ),
    "string": frozenset(("minLength", "maxLength", "pattern", "format")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
}
_NOT_CHECKED = frozenset(("unevaluatedProperties", "unevaluatedItems", "$anchor", "$dynamicRef"))
_BOUNDS = {
    "minimum": ("<", "at least"),
    "maximum": (">", "at most"),
    "exclusiveMinimum": ("<=", "more than"),
    "exclusiveMaximum": (">=", "less than"),
}
_INHERITED = frozenset(dir(object)) | frozenset(
    ("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf")
)
"""Names that every JavaScript object has, so that a path to them is never undefined."""

_KIND_CHECK = "$is := function($v, $t, $p) { $type($v) != $t ? $p & ': expected ' & $t & ', got ' & $type($v) }"
_INTEGER_CHECK = (
    "$isInteger := function($v, $p) { $exists($v) ? ($type($v) != 'number' ? $p & ': expected integer, got '"
    " & $type($v) : $v != $floor($v) ? $p & ': expected integer, got a fraction') }"
)
_ENUM_CHECK = "$isOneOf := function($v, $a, $p) { $exists($v) and $not($v in $a) ? $p & ': expected ' & $string($a) }"
_FIELDS_CHECK = (
    "$hasOnly := function($k, $a, $p) { $map($k, function($n) { $not($n in $a) ? $p & '.' & $substring($n, 0, 24)"
    " & ': not allowed' })[0] }"
)
_HELPERS = (
    ("$is(", _KIND_CHECK),
    ("$isInteger(", _INTEGER_CHECK),
    ("$isOneOf(", _ENUM_CHECK),
    ("$hasOnly(", _FIELDS_CHECK),
)


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """The check of a type, and the keywords with values that it leaves out, because JSONata cannot express them.

    `functions` define the named types that `check` uses. `check` is None if every value fits.
    """

    functions: tuple[str, ...]
    check: str | None
    left_out: tuple[tuple[str, str], ...] = ()

    def of(self, value: str, path: str = "$") -> str | None:
        """The JSONata of the first problem of `value` (JSONata), or of an empty string; None if every value fits.

        `path` is the path of the value in messages.
        """
        if self.check is None:
            return None
        found = f"[{self.check}, ''][0]"
        return f"({'; '.join([*self.functions, f'$v := {value}', f'$p := {quoted(path)}', found])})"


_NOTHING = "[][0]"
"""Undefined: the check of a type that accepts every value. Step Functions rejects variables that no state assigns."""


def schema_check(schema: Schema, definitions: Mapping[str, Any]) -> SchemaCheck:
    """The check of a JSON Schema, whose references have the form `#/$defs/NAME`.

    >>> schema_check({"type": "null"}, {}).check
    "$is($v, 'null', $p)"
    """
    checks = _Checks(definitions)
    check = checks.of(schema)
    bodies: dict[str, str] = {}
    waiting = list(checks.used)
    while waiting:
        name = waiting.pop()
        if name not in bodies:
            bodies[name] = checks.of(definitions[name]) or _NOTHING
            waiting += checks.used
    named = [f"{_function(name)} := function($v, $p) {{ {bodies[name]} }}" for name in definitions if name in bodies]
    text = " ".join([*named, check or ""])
    helpers = [helper for call, helper in _HELPERS if call in text]
    return SchemaCheck((*helpers, *named), check, tuple(dict.fromkeys(checks.left_out)))


def _function(name: str) -> str:
    return f"$is{name}" if f"$is{name}(" not in dict(_HELPERS) else f"$is{name}_"


@dataclass(slots=True)
class _Checks:
    definitions: Mapping[str, Any]
    used: dict[str, None] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, schema: Schema) -> str | None:
        """The check of `$v` at `$p`; None if every value fits."""
        if isinstance(schema, bool):
            return None if schema else "$p & ': not allowed'"
        self.left_out += [(key, json.dumps(schema[key])) for key in schema if key in _NOT_CHECKED]
        checks = [*self._every_kind(schema), self._kinds(schema)]
        return _first(check for check in checks if check is not None) or None

    def _every_kind(self, schema: Mapping[str, Any]) -> Iterator[str]:
        if "$ref" in schema:
            name = self._named(schema)
            if name in self.definitions:
                self.used[name] = None
                yield f"{_function(name)}($v, $p)"
            else:
                self.left_out.append(("$ref", str(schema["$ref"])))
        if "enum" in schema or "const" in schema:
            yield _members(schema["enum"] if "enum" in schema else [schema["const"]])
        if "discriminator" in schema and isinstance(schema["discriminator"].get("mapping"), dict):
            yield self._variants(schema["discriminator"])
        else:
            yield from (
                self._options(schema[key], one=key == "oneOf") or "" for key in ("anyOf", "oneOf") if key in schema
            )
        yield from (self.of(part) or "" for part in schema.get("allOf", ()))
        if "not" in schema:
            inner = self.of(schema["not"])
            yield "$p & ': not allowed'" if inner is None else f"$not($exists({inner})) ? $p & ': not allowed'"
        if "if" in schema:
            yield self._if(schema) or ""

    def _named(self, schema: Mapping[str, Any]) -> str:
        """The type that a reference names; for another name of a type, that type."""
        name = str(schema["$ref"]).rpartition("/")[2]
        for _ in self.definitions:
            other = self.definitions.get(name)
            if not isinstance(other, dict) or other.keys() != {"$ref"}:
                break
            name = str(other["$ref"]).rpartition("/")[2]
        return name

    def _if(self, schema: Mapping[str, Any]) -> str | None:
        test = self.of(schema["if"])
        met, unmet = (self.of(schema.get(key, True)) for key in ("then", "else"))
        if test is None:
            return met
        then = "" if met is None else f"$not($exists($q)) ? {met}"
        otherwise = "" if unmet is None else f"$exists($q) ? {unmet}"
        rules = _first((then, otherwise))
        return f"($q := {test}; {rules})" if rules else None

    def _variants(self, discriminator: Mapping[str, Any]) -> str:
        """A tagged union: the variant that the tag selects."""
        tag, mapping = discriminator["propertyName"], discriminator["mapping"]
        names = literal(list(mapping))
        rules = [f"$d = {quoted(value)} ? {self.of({'$ref': target})}" for value, target in mapping.items()]
        rules.append(f"$not($d in {names}) ? $p & {quoted(_step(tag) + ': expected ')} & $string({names})")
        return f"$type($v) != 'object' ? {_expected('object')} : ($d := {_field('$v', tag)}; {_first(rules)})"

    def _options(self, options: Sequence[Schema], *, one: bool) -> str | None:
        """`anyOf` and `oneOf`. If the JSON types of the options differ, the value's type selects the option."""
        checks = [self.of(option) for option in options]
        kinds = [kinds_of(option, self.definitions, self.known) for option in options]
        if sum(map(len, kinds)) == len(frozenset[str]().union(*kinds)):
            return self._by_kind(checks, kinds)
        if None in checks and not one:
            return None
        wrong = f"$count([{', '.join(f'({check})' for check in checks if check is not None)}])"
        what = " or ".join(dict.fromkeys(map(_describe, options)))
        if not one:
            return f"{wrong} = {len(checks)} ? $p & {quoted(f': expected {what}')}"
        return f"{wrong} != {len(checks) - 1} ? $p & {quoted(f': expected exactly one of {what}')}"

    def _by_kind(self, checks: Sequence[str | None], kinds: Sequence[frozenset[str]]) -> str | None:
        rules = [
            f"$t in {literal(sorted(kind))} ? {check}"
            for check, kind in zip(checks, kinds, strict=True)
            if check is not None and check != _only(kind)
        ]
        every = frozenset().union(*kinds)
        if every != frozenset(KINDS):
            names = " or ".join(name for name in KINDS if name in every)
            rules.append(f"$not($t in {literal(sorted(every))}) ? {_expected(names, '$t')}")
        return f"($t := $type($v); {_first(rules)})" if rules else None

    def _kinds(self, schema: Mapping[str, Any]) -> str | None:
        """`type`, and the keywords that apply to values of one JSON type."""
        types = schema.get("type", list(KINDS))
        types = types if isinstance(types, list) else [types]
        makers = {"object": self._object, "array": self._array, "string": self._string, "number": self._number}
        checks = {
            kind: check
            for kind, make in makers.items()
            if not _OF_KIND[kind].isdisjoint(schema)
            and (kind in types or (kind == "number" and "integer" in types))
            and (check := make(schema)) is not None
        }
        if len(types) == 1:
            (kind,) = types
            found = checks.get("number" if kind == "integer" else kind)
            first = "$isInteger($v, $p)" if kind == "integer" else f"$is($v, {quoted(kind)}, $p)"
            if found is None:
                return first
            if kind != "integer":
                return f"$type($v) != {quoted(kind)} ? {_expected(kind)} : {found}"
            return f"($e := {first}; $exists($e) ? $e : {found})"
        whole = "integer" in types and "number" not in types
        allowed = sorted({"number" if kind == "integer" else kind for kind in types})
        rules = [f"$t = {quoted(kind)} ? {check}" for kind, check in checks.items()]
        if whole:
            rules.append("$t = 'number' ? $isInteger($v, $p)")
        if len(allowed) < len(KINDS):
            rules.append(f"$not($t in {literal(allowed)}) ? {_expected(' or '.join(types), '$t')}")
        return f"($t := $type($v); {_first(rules)})" if rules else None

    def _object(self, schema: Mapping[str, Any]) -> str | None:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if name not in properties]
        checks = [
            self._property(name, inner, needed=name in schema.get("required", ())) for name, inner in properties.items()
        ]
        checks += [_missing(name) for name in dict.fromkeys(required)]
        patterns = {
            key: found for key in schema.get("patternProperties", {}) if (found := self._regex(key)) is not None
        }
        for key, found in patterns.items():
            checks.append(self._members(schema["patternProperties"][key], f"$contains($n, {found})"))
        rest = schema.get("additionalProperties", True)
        if rest is False and not patterns:
            checks.append(f"$hasOnly($k, {literal(list(properties))}, $p)")
        elif rest is not True:
            unknown = [f"$not($n in {literal(list(properties))})"] if properties else []
            unknown += [f"$not($contains($n, {found}))" for found in patterns.values()]
            checks.append(self._members(rest, " and ".join(unknown)))
        if "propertyNames" in schema and (inner := self.of(schema["propertyNames"])) is not None:
            path = "$p & '.' & $substring($n, 0, 24)"
            checks.append(f"$map($k, function($n) {{ {_at(inner, '$n', path)} }})[0]")
        for key, sign, word in (("minProperties", "<", "at least"), ("maxProperties", ">", "at most")):
            if key in schema:
                checks.append(
                    f"$count($k) {sign} {schema[key]} ? $p & ': expected {word} {_count(schema[key], 'field')}'"
                )
        for name, others in schema.get("dependentRequired", {}).items():
            checks += [f"{quoted(name)} in $k and {_missing(other)}" for other in others]
        for name, inner_schema in schema.get("dependentSchemas", {}).items():
            if (inner := self.of(inner_schema)) is not None:
                checks.append(f"{quoted(name)} in $k ? ({inner})")
        whole = [check for check in checks if check is not None]
        if not whole:
            return None
        return f"($k := $keys($v); {_first(whole)})" if "$k" in " ".join(whole) else _first(whole)

    def _property(self, name: str, schema: Schema, *, needed: bool) -> str | None:
        inner = self.of(schema)
        if inner is None:
            return _missing(name) if needed else None
        value, path = _field("$v", name), f"$p & {quoted(_step(name))}"
        check = _at(inner, value, path)
        if _is_helper(inner) and not needed and name not in _INHERITED:
            return check
        missing = f" : $p & {quoted(f'{_step(name)}: missing')}" if needed else ""
        return f"{quoted(name)} in $k ? {check}{missing}"

    def _members(self, schema: Schema, condition: str) -> str | None:
        """The check of the fields whose names, `$n`, meet a condition."""
        inner = self.of(schema)
        if inner is None:
            return None
        path = "$p & '.' & $substring($n, 0, 24)"
        body = _at(inner, "$lookup($v, $n)", path)
        return f"$map($k, function($n) {{ {f'{condition} ? {body}' if condition else body} }})[0]"

    def _array(self, schema: Mapping[str, Any]) -> str | None:
        checks: list[str] = []
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if least:
            checks.append(f"$count($v) < {least} ? $p & ': expected at least {_count(least, 'item')}'")
        if most is not None:
            checks.append(f"$count($v) > {most} ? $p & ': expected at most {_count(most, 'item')}'")
        first: Sequence[Schema] = schema.get("prefixItems", ())
        for index, item in enumerate(first):
            if (inner := self.of(item)) is not None:
                item_check = _at(inner, f"$v[{index}]", f"$p & '[{index}]'")
                checks.append(f"$count($v) > {index} ? {item_check}")
        if "items" in schema and (inner := self.of(schema["items"])) is not None:
            body = _at(inner, "$v", "$p & '[' & $i & ']'")
            body = f"$i >= {len(first)} ? {body}" if first else body
            checks.append(f"$map($v, function($v, $i) {{ {body} }})[0]")
        if schema.get("uniqueItems"):
            # In objects, because `$distinct` unwraps a list that is the only item left.
            distinct = "$count($distinct($map($v, function($v) { {'v': $v} })))"
            checks.append(f"{distinct} < $count($v) ? $p & ': expected distinct items'")
        if "contains" in schema:
            checks += self._contains(schema)
        return _first(checks) if checks else None

    def _contains(self, schema: Mapping[str, Any]) -> Iterator[str]:
        inner = self.of(schema["contains"])
        count = (
            "$count($v)"
            if inner is None
            else f"$count($filter($map($v, function($v) {{ $exists({inner}) }}), function($e) {{ $not($e) }}))"
        )
        least, most = schema.get("minContains", 1), schema.get("maxContains")
        rules: list[str] = []
        what = _describe(schema["contains"])
        for bound, sign, word in ((least, "<", "at least"), (most, ">", "at most")):
            if bound or (bound == 0 and sign == ">"):
                message = quoted(f": expected {word} {_count(bound, 'item')} of type {what}")
                rules.append(f"$q {sign} {bound} ? $p & {message}")
        if rules:
            yield f"($q := {count}; {_first(rules)})"

    def _string(self, schema: Mapping[str, Any]) -> str | None:
        checks: list[str] = []
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if least:
            checks.append(f"$length($v) < {least} ? $p & ': expected at least {_count(least, 'character')}'")
        if most is not None:
            checks.append(f"$length($v) > {most} ? $p & ': expected at most {_count(most, 'character')}'")
        if "pattern" in schema and (found := self._regex(schema["pattern"])) is not None:
            what = quoted(f": expected a string that matches {schema['pattern']}")
            checks.append(f"$not($contains($v, {found})) ? $p & {what}")
        format_ = str(schema.get("format"))
        if format_ in PATTERNS:
            test = f"$not($contains($v, {regex(f'^(?:{PATTERNS[format_]})$')}))"
            if format_ in LENGTHS:
                shortest, longest = LENGTHS[format_]
                test += f" or $length($v) < {shortest} or $length($v) > {longest}"
            checks.append(f"{test} ? $p & ': expected {format_}'")
        elif format_ == "regex":
            self.left_out.append(("format", format_))
        return _first(checks) if checks else None

    def _regex(self, pattern: str) -> str | None:
        """A pattern of a schema as JSONata, if its engine can read it."""
        import jlens

        found = regex(pattern)
        if found is not None and not isinstance(ExpressionParser().parse(f"$contains('', {found})"), Syntax):
            found = None
        if found is not None:
            try:
                jlens.Expression(f"$contains('', {found})").evaluate(None)
            except Exception:  # noqa: BLE001 - whatever it raises, the engine cannot read the pattern
                found = None
        if found is None:
            self.left_out.append(("pattern", pattern))
        return found

    def _number(self, schema: Mapping[str, Any]) -> str | None:
        checks = [
            f"$v {sign} {json.dumps(schema[key])} ? $p & ': expected {word} {json.dumps(schema[key])}'"
            for key, (sign, word) in _BOUNDS.items()
            if key in schema
        ]
        step = schema.get("multipleOf")
        if step is not None:
            what = f"$p & ': expected a multiple of {json.dumps(step)}'"
            if float(step).is_integer():
                checks.append(f"$v % {int(step)} != 0 ? {what}")
            else:
                # A multiple is rarely exact in binary: the value, the step and their product are each rounded once.
                text = json.dumps(step)
                checks.append(f"$abs($v - $round($v / {text}) * {text}) > $abs($v) * 3.4e-16 ? {what}")
        return _first(checks) if checks else None


def _first(checks: Any) -> str:
    """The first problem of several checks."""
    found = [check for check in checks if check]
    return found[0] if len(found) == 1 else f"[{', '.join(found)}][0]" if found else ""


_CALL = re.compile(r"(\$is\w*\()\$v, (.*)\$p\)")


def _at(check: str, value: str, path: str) -> str:
    """A check of another value at another path. A check that is only a call needs no block, which nests deeper."""
    call = _CALL.fullmatch(check)
    if call is not None and check.count("(") == 1:
        return f"{call[1]}{value}, {call[2]}{path})"
    own = "" if value == "$v" else f"$v := {value}; "
    return f"($p := {path}; {own}{check})"


def _is_helper(check: str) -> bool:
    """Whether a check is a call of a helper, which accepts undefined."""
    return check.count("(") == 1 and any(check.startswith(call) for call, _ in _HELPERS)


def _only(kinds: frozenset[str]) -> str | None:
    """The check that only tests the JSON type, which a choice by the type makes redundant."""
    return f"$is($v, {quoted(next(iter(kinds)))}, $p)" if len(kinds) == 1 else None


def _members(members: Sequence[Any]) -> str:
    scalars = [member for member in members if not isinstance(member, list | dict)]
    if len(scalars) == len(members):
        return f"$isOneOf($v, {literal(scalars)}, $p)"
    tests = [f"$v = {literal(member)}" for member in members if isinstance(member, list | dict)]
    tests += [f"$v in {literal(scalars)}"] if scalars else []
    return f"$not({' or '.join(tests)}) ? $p & {quoted(': expected ' + json.dumps(members))}"


def _missing(name: str) -> str:
    return f"$not({quoted(name)} in $k) ? $p & {quoted(f'{_step(name)}: missing')}"


def _expected(what: str, found: str = "$type($v)") -> str:
    return f"$p & ': expected {what}, got ' & {found}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _describe(schema: Schema) -> str:
    """A schema in a few words."""
    if isinstance(schema, bool):
        return "any" if schema else "never"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema or "enum" in schema:
        return ", ".join(json.dumps(member) for member in schema.get("enum", [schema.get("const")]))
    named = schema.get("title") or schema.get("format") or schema.get("type", "another value")
    return " or ".join(named) if isinstance(named, list) else str(named)


def _plain(name: str) -> bool:
    return name.isidentifier() and name.isascii()


def _field(value: str, name: str) -> str:
    """The field of an object. Names in backquotes have no escapes, so `$lookup` reads unusual ones."""
    known = _plain(name) and name not in ("and", "or", "in", "true", "false", "null", "function")
    return f"{value}.{name}" if known else f"$lookup({value}, {quoted(name)})"


def _step(name: str) -> str:
    """The name of a field in the path of a message."""
    return f".{name}" if _plain(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
