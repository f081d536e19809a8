"""Random expressions over variables of given types, for the tests of soundness.

Expressions are made towards a kind of value, so that most of them evaluate; every construct of the language is among
them, and now and then one of the wrong kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flowgen.types import ANY_TYPE, Type, expand, present, union
from tests.property.idioms import IDIOMS
from tests.property.random_types import NAMES, NUMBERS, TEXTS


@dataclass(slots=True)
class Expressions:
    """Makes expressions. `variables` are those in scope, `context` what bare names are looked up in."""

    rng: Random
    variables: dict[str, Type]
    context: Type | None = None
    _bound: int = field(default=0)

    def idiom(self) -> str:
        """An expression as people write them, over the variables in scope."""
        rng = self.rng
        parts = {
            "p": self._plain_path(),
            "q": self._plain_path(),
            "n": rng.choice(NAMES),
            "m": rng.choice(NAMES),
            "t": f'"{rng.choice(TEXTS)}"',
            "i": str(rng.choice((0, 1, 2))),
        }
        return rng.choice(IDIOMS).format(**parts)

    def expression(self, depth: int = 3) -> str:
        goal = self.rng.choice(("number", "text", "boolean", "array", "object", "value", "value"))
        return self.make(goal, depth)

    def make(self, goal: str, depth: int) -> str:
        if self.rng.random() < 0.03:
            goal = self.rng.choice(("number", "text", "boolean", "array", "object", "value"))
        if depth <= 0:
            return self.rng.choice((self.path, self.path, lambda: self.leaf(goal)))()
        if self.rng.random() < 0.08:
            return self.general(goal, depth)
        maker: Callable[[int], str] = getattr(self, f"_{goal}")
        return maker(depth - 1)

    # --- leaves ---

    def leaf(self, goal: str) -> str:
        match goal:
            case "number":
                return str(self.rng.choice(NUMBERS))
            case "text":
                return f'"{self.rng.choice(TEXTS)}"'
            case "boolean":
                return self.rng.choice(("true", "false"))
            case "array":
                return self.rng.choice(("[]", "[1, 2]", '["a"]', "[[1], [2, 3]]", "[null]"))
            case "object":
                return self.rng.choice(("{}", '{"a": 1}', '{"a": "x", "b": [1]}'))
            case _:
                return self.rng.choice(("null", "1", '"a"', "[]", "{}"))

    def path(self, steps: int | None = None) -> str:
        """A path along fields that the types have, with stages between them."""
        rng = self.rng
        if self.context is not None and rng.random() < 0.5:
            current, text = self.context, "$"
        elif self.variables:
            name = rng.choice(sorted(self.variables))
            current, text = self.variables[name], f"${name}"
        else:
            return self.leaf("value")
        for _ in range(rng.randint(0, 3) if steps is None else steps):
            names = _field_names(current)
            if rng.random() < 0.05:
                names = list(NAMES)
            if not names:
                break
            name = rng.choice(names)
            text = name if text == "$" and rng.random() < 0.7 else f"{text}.{name}"
            current = _field(current, name)
            text += self._stage(current)
        if rng.random() < 0.06:
            text += "[]"
        return text

    def _stage(self, current: Type) -> str:
        rng = self.rng
        if rng.random() < 0.82:
            return ""
        inner = Expressions(rng, self.variables, _items(current), self._bound + 10)
        match rng.randint(0, 5):
            case 0:
                return f"[{rng.choice((0, 0, 1, -1, 2, -2))}]"
            case 1:
                return f"[{inner.make('boolean', 1)}]"
            case 2:
                return f"[{inner.path(1)} = {inner.path(1)}]"
            case 3:
                return f"[$exists({inner.path(1)})]"
            case 4:
                return f"[{inner.make('number', 1)}]"
            case _:
                return f"[{rng.choice(('$not', '$boolean'))}({inner.path(1)})]"

    # --- what may give anything ---

    def general(self, goal: str, depth: int) -> str:
        rng = self.rng
        match rng.randint(0, 13):
            case 9:
                function = rng.choice(
                    ("$string", "$count", "$keys", "$append(?, 1)", "$boolean", "$reverse", "$substring(?, 1)")
                )
                return f"{self.make('value', depth - 1)} ~> {function}"
            case 10:
                function = rng.choice(
                    ("$append([3])", "$string()", "$map($string)", '$lookup("a")', "$filter($exists)")
                )
                return f"{self.make('value', depth - 1)} ~> {function}"
            case 11:
                signature = rng.choice(("<a>", "<x>", "<s>", "<n>", "<a<n>>", "<o>", "<x-:x>", "<j?>", "<(sn)>"))
                body = self._in("z1").make(goal, depth - 1)
                return f"(function($z1){signature}{{ {body} }})({self.make('value', depth - 1)})"
            case 12:
                body = self._in("n").make("value", 1)
                return f"($r := function($n){{ $n <= 0 ? {body} : [$r($n - 1)] }}; $r({rng.choice((0, 1, 2))}))"
            case 13:
                chain = rng.choice(("$string ~> $length", "$keys ~> $count", "function($q){ [$q] } ~> $append(?, 2)"))
                return f"($h := {chain}; $h({self.make('value', depth - 1)}))"
            case 0:
                return f"({self.condition(depth - 1)} ? {self.make(goal, depth - 1)} : {self.make(goal, depth - 1)})"
            case 1:
                return f"({self.condition(depth - 1)} ? {self.make(goal, depth - 1)})"
            case 2:
                return self._block(goal, depth)
            case 3:
                return self._guarded(goal, depth)
            case 4:
                return f"{self.make('array', depth - 1)}[{self.rng.choice((0, 1, -1))}]"
            case 5:
                return f"({self.make(goal, depth - 1)})[{self.condition(depth - 1)}]"
            case 6:
                inner = self._within("z1", ANY_TYPE)
                body = inner.make(goal, depth - 1)
                return f"(function($z1){{ {body} }})({self.make('value', depth - 1)})"
            case 7:
                body = self._in("p", "q").make(goal, 1)
                start = rng.choice(("", f", {self.leaf(goal)}"))
                return f"$reduce({self.make('array', depth - 1)}, function($p, $q){{ {body} }}{start})"
            case _:
                return f'$lookup({self.make("object", depth - 1)}, "{rng.choice(NAMES)}")'

    def _in(self, *names: str) -> Expressions:
        variables = {**self.variables, **dict.fromkeys(names, ANY_TYPE)}
        return Expressions(self.rng, variables, self.context, self._bound)

    def _within(self, name: str, type_: Type) -> Expressions:
        return Expressions(self.rng, {**self.variables, name: type_}, self.context, self._bound)

    def _block(self, goal: str, depth: int) -> str:
        self._bound += 1
        name = f"v{self._bound}"
        value = self.make(self.rng.choice(("array", "object", "value", "number")), depth - 1)
        inner = Expressions(self.rng, {**self.variables, name: ANY_TYPE}, self.context, self._bound)
        if self.rng.random() < 0.3:
            name2 = self.rng.choice(sorted(self.variables)) if self.variables else name
            return f"(${name} := {value}; ${name2} := {self.path()}; {inner.make(goal, depth - 1)})"
        return f"(${name} := {value}; {inner.make(goal, depth - 1)})"

    def _guarded(self, goal: str, depth: int) -> str:
        """A test of a path, and then its use: what narrowing is about."""
        rng = self.rng
        path = self._plain_path() if rng.random() < 0.6 else self._computed()
        test = rng.choice(
            (
                f"$exists({path})",
                f"$not($exists({path}))",
                f"{path} != null",
                f"{path} = null",
                f'$type({path}) = "{rng.choice(("string", "number", "array", "object", "boolean", "null"))}"',
                f'$type({path}) != "{rng.choice(("string", "number", "array", "object"))}"',
                f'{path} = "{rng.choice(TEXTS)}"',
                f'{path} != "{rng.choice(TEXTS)}"',
                f'{path} in ["a", "b", "open"]',
                f"{path} > 1",
                f"{path} {rng.choice(('=', '!=', '>', '<', '>=', '<='))} {rng.choice((0, 0, 1, -1))}",
                f"$contains({path}, /^-?[0-9]+([.][0-9]+)?$/)",
                f"$match({path}, /^\\d+$/)",
                f"{path} = {rng.choice(('true', 'false', '1', '[]', self._plain_path()))}",
                f"$count({path}) > 0",
                f"$count({path}) {rng.choice(('=', '!=', '>', '<', '>=', '<='))} {rng.choice((0, 0, 1, 2))}",
                f"{rng.choice((0, 1, 2))} {rng.choice(('=', '!=', '>', '<', '>=', '<='))} $count({path})",
                f"{path} in {self._plain_path()}",
                f"$exists({path}.{rng.choice(NAMES)})",
                f"$exists({path}[{rng.choice(('0', '1', '-1'))}])",
                path,
                f"$not({path})",
                f"$boolean({path})",
            )
        )
        if rng.random() < 0.4:
            other = self._plain_path()
            joined = rng.choice(("and", "or"))
            test = f"{test} {joined} {rng.choice((f'$exists({other})', other, f'{other} != null'))}"
        if rng.random() < 0.2:
            test = f"$not({test})"
        use = rng.choice(
            (
                path,
                f"$string({path})",
                f'{path} & ""',
                f"[{path}]",
                f"{path} + 1",
                f"$uppercase({path})",
                f"$number({path})",
                f"6 {rng.choice('/%')} {path}",
                f"$toMillis({path})",
                f"{path}.{rng.choice(NAMES)}",
                f"{path}.{rng.choice(NAMES)}.{rng.choice(NAMES)}",
                f"{{'k': {path}}}",
                f"6 / $count({path})",
                f"6 / ($count({path}) * 2 + 1)",
                f"[{path}][0]",
                f"$join([{path}])",
                f"$sum({path})",
                f"[1..2].({path})",
            )
        )
        other = self.make(goal, depth - 1) if rng.random() < 0.5 else path
        return f"({test} ? {use} : {other})"

    def _computed(self) -> str:
        """What people test before they use it, and what is more than names: a filter, an item, a look-up, a number."""
        rng = self.rng
        path = self._plain_path()
        name = rng.choice(NAMES)
        text = f'"{rng.choice(TEXTS)}"'
        found = rng.choice(
            (
                f"{path}[{name} = {text}]",
                f"{path}[{rng.choice(('kind', 'name'))} = {self._plain_path()}]",
                f"{path}[$count({name}) > 0]",
                f"{path}[$exists({name})]",
                f"{path}[$ = {text}]",
                f"{path}[{self._plain_path()}]",
                f'$lookup({path}, "{name}")',
                f"$lookup({path}, {self._plain_path()})",
                f"$count({path})",
                f"$sum({path})",
                f"{path} + 1",
                f"$length({path})",
                f"$filter({path}, function($i){{ $exists($i.{name}) }})",
                f"$max({path})",
                f"[{path}, {self._plain_path()}][{rng.choice(('0', '-1', f'{name} = {text}'))}]",
                f"{path}.{{'k': {name}}}",
            )
        )
        return f"{found}.{rng.choice(NAMES)}" if rng.random() < 0.3 else found

    def _plain_path(self) -> str:
        rng = self.rng
        if not self.variables:
            return "$"
        name = rng.choice(sorted(self.variables))
        current, text = self.variables[name], f"${name}"
        if self.context is not None and rng.random() < 0.4:
            current, text = self.context, "$"
        for _ in range(rng.randint(0, 2)):
            names = _field_names(current)
            if not names:
                break
            chosen = rng.choice(names)
            text, current = f"{text}.{chosen}", _field(current, chosen)
            if rng.random() < 0.25:
                text += f"[{rng.choice((0, 0, 1, -1))}]"
        if text != "$" and rng.random() < 0.1:
            text += "[0]"
        return text

    def condition(self, depth: int) -> str:
        return self.make("boolean", depth) if self.rng.random() < 0.8 else self.path()

    # --- by kind ---

    def _number(self, depth: int) -> str:
        rng = self.rng
        match rng.randint(0, 9):
            case 0:
                return self.leaf("number")
            case 1:
                return f"$count({self.make('value', depth)})"
            case 2:
                return f"{self.make('number', depth)} {rng.choice('+-*')} {self.make('number', depth)}"
            case 3:
                return f"$length({self.make('text', depth)})"
            case 4:
                return f"$sum({rng.choice(('[1, 2]', self.path(), '[1..3]'))})"
            case 5:
                name = rng.choice(("round", "floor", "ceil", "abs", "number"))
                return f"${name}({self.make('number', depth)})"
            case 6:
                return f"-({self.make('number', depth)})"
            case 7:
                return f"${rng.choice(('max', 'min', 'average'))}({rng.choice(('[]', '[1, 2.5]', self.path()))})"
            case 8:
                divisor = rng.choice(("2", "4", self.make("number", depth)))
                return f"{self.make('number', depth)} {rng.choice('/%')} {divisor}"
            case _:
                return self.path()

    def _text(self, depth: int) -> str:
        rng = self.rng
        match rng.randint(0, 12):
            case 0:
                return self.leaf("text")
            case 1:
                return f"{self.make('value', depth)} & {self.make('text', depth)}"
            case 2:
                name = rng.choice(("uppercase", "lowercase", "trim", "base64encode", "encodeUrlComponent"))
                return f"${name}({self.make('text', depth)})"
            case 3:
                return f"$string({self.make('value', depth)})"
            case 4:
                separator = rng.choice(("", f", {self.leaf('text')}"))
                return f"$join({rng.choice((self.path(), self.make('array', depth)))}{separator})"
            case 5:
                return f"$substring({self.make('text', depth)}, {rng.choice((0, 1, -1))}{rng.choice(('', ', 1'))})"
            case 6:
                return f"$type({self.make('value', depth)})"
            case 7:
                return f'$substring{rng.choice(("Before", "After"))}({self.make("text", depth)}, "a")'
            case 8:
                return f'$replace({self.make("text", depth)}, {rng.choice((chr(34) + "a" + chr(34), "/[a-c]/"))}, "b")'
            case 9:
                return f"$pad({self.make('text', depth)}, {rng.choice((3, -3))})"
            case 10:
                return rng.choice(
                    (
                        '$fromMillis(1700000000000, "[Y]-[M01]")',
                        '$formatNumber(12.5, "0.0")',
                        "$formatBase(10, 2)",
                        '$hash("a", "SHA-256")',
                        '$formatInteger(3, "w")',
                    )
                )
            case _:
                return self.path()

    def _boolean(self, depth: int) -> str:
        rng = self.rng
        match rng.randint(0, 10):
            case 0:
                return self.leaf("boolean")
            case 1:
                return f"{self.make('value', depth)} {rng.choice(('=', '!='))} {self.make('value', depth)}"
            case 2:
                return f"{self.make('number', depth)} {rng.choice(('<', '<=', '>', '>='))} {self.make('number', depth)}"
            case 3:
                return f"$exists({self.make('value', depth)})"
            case 4:
                return f"{self.condition(depth)} {rng.choice(('and', 'or'))} {self.condition(depth)}"
            case 5:
                return f"$not({self.make('value', depth)})"
            case 6:
                return f"$boolean({self.make('value', depth)})"
            case 7:
                return f"{self.make('value', depth)} in {self.make('array', depth)}"
            case 8:
                return f"$contains({self.make('text', depth)}, {rng.choice((chr(34) + 'a' + chr(34), '/[ab]/'))})"
            case 9:
                return f"{self.path()} = {self.leaf('text')}"
            case _:
                return self.path()

    def _array(self, depth: int) -> str:
        rng = self.rng
        value = self.make("value", depth)
        match rng.randint(0, 25):
            case 20:
                names = (rng.choice(NAMES), rng.choice(NAMES))
                return f'{self.path(1)}@$u.{names[0]}@$w[$w = $u.{names[1]}].{{"u": $u, "w": $w}}'
            case 21:
                return f"{self.path(1)}#$i[$i < {rng.choice((1, 2))}].{rng.choice(('$i', *NAMES))}"
            case 22:
                return f"{self.path(1)}.({self.path(1)}).%"
            case 23:
                return f'{self.path(2)}.{{"p": %.{rng.choice(NAMES)}, "q": $}}'
            case 24:
                return f"{self.path(1)}#$i{{$string($i): $i}}"
            case 25:
                return f"{self.path(1)}^(>{rng.choice(NAMES)}, {rng.choice(NAMES)})[{rng.choice((0, '$exists($)'))}]"
            case 0:
                return f"[{', '.join(self.make('value', depth) for _ in range(rng.randint(0, 3)))}]"
            case 1:
                return f"$append({value}, {self.make('array', depth)})"
            case 2:
                name = rng.choice(("reverse", "distinct", "shuffle", "sort", "spread", "keys"))
                return f"${name}({self.make('array', depth)})"
            case 3:
                return f"$map({self.make('array', depth)}, {self._lambda('value', depth)})"
            case 4:
                return f"$filter({self.make('array', depth)}, {self._lambda('boolean', depth)})"
            case 5:
                return f"[{rng.choice((0, 1, 2))}..{rng.choice(('3', '1', '$count(' + value + ')'))}]"
            case 6:
                return f"$split({self.make('text', depth)}, {rng.choice((chr(34) + ' ' + chr(34), '/[ab]/'))})"
            case 7:
                return f"$zip({self.make('array', depth)}, {self.make('array', depth)})"
            case 8:
                return f"{self.path()}.({self._step(depth)})"
            case 9:
                return f"{self.path()}.{self._object_text(depth)}"
            case 10:
                return f"{self.path()}.[{self._step(depth)}]"
            case 11:
                return f"{self.path()}^({rng.choice(('', '>', '<'))}{rng.choice(('$', *NAMES))})"
            case 12:
                return f"{self.path()}.*"
            case 13:
                return f"{self.path()}.**"
            case 14:
                return f"{self.path()}#$i.{rng.choice(('$i', '{' + chr(34) + 'i' + chr(34) + ': $i}', *NAMES))}"
            case 15:
                return f"{self.path(1)}@$u.{rng.choice(('$u', *NAMES))}"
            case 16:
                return f"{self.path(2)}.%.{rng.choice(NAMES)}"
            case 17:
                name = rng.choice(("string", "keys", "count", "spread", "exists", "boolean", "type", "reverse"))
                return f"$map({self.make('array', depth)}, ${name})"
            case 18:
                return f"$each({self.make('object', depth)}, {self._lambda('value', depth)})"
            case 19:
                return f"$match({self.make('text', depth)}, /[a-z]/)"
            case _:
                return self.path()

    def _step(self, depth: int) -> str:
        inner = Expressions(self.rng, self.variables, self._some_type(), self._bound + 10)
        return inner.make("value", max(depth, 1))

    def _some_type(self) -> Type:
        types = [type_ for type_ in self.variables.values() if not type_.is_any]
        if not types:
            return ANY_TYPE
        current = _items(self.rng.choice(types))
        for _ in range(self.rng.randint(0, 2)):
            names = _field_names(current)
            if not names:
                break
            current = _items(_field(current, self.rng.choice(names)))
        return current

    def _lambda(self, goal: str, depth: int) -> str:
        parameters = self.rng.choice((("e",), ("e",), ("e", "k"), ("e", "k", "w")))
        inner = Expressions(self.rng, {**self.variables, "e": self._some_type()}, self.context, self._bound + 10)
        return f"function({', '.join('$' + name for name in parameters)}){{ {inner.make(goal, depth)} }}"

    def _object_text(self, depth: int) -> str:
        inner = Expressions(self.rng, self.variables, self._some_type(), self._bound + 10)
        keys = self.rng.sample(NAMES, self.rng.randint(1, 2))
        return "{" + ", ".join(f'"{key}": {inner.make("value", depth)}' for key in keys) + "}"

    def _object(self, depth: int) -> str:
        rng = self.rng
        match rng.randint(0, 9):
            case 0:
                keys = rng.sample(NAMES, rng.randint(0, 3))
                return "{" + ", ".join(f'"{key}": {self.make("value", depth)}' for key in keys) + "}"
            case 1:
                return f"$merge([{self.make('object', depth)}, {self.make('object', depth)}])"
            case 2:
                return f"$merge({self.make('array', depth)})"
            case 3:
                return f"$sift({self.make('object', depth)}, {self._lambda('boolean', depth)})"
            case 4:
                key = rng.choice(("name", "kind", '"k"', "$string(a)"))
                return f"{self.path()}{{{key}: {self._step(depth)}}}"
            case 5:
                deleted = rng.choice(("", ', "a"', ', ["b"]'))
                return f"{self.make('object', depth)} ~> |$|{self._object_text(depth)}{deleted}|"
            case 6:
                return f"{self.make('object', depth)} ~> |{rng.choice(NAMES)}|{self._object_text(depth)}|"
            case 7:
                return f"${rng.choice(('clone', 'merge'))}({self.make('object', depth)})"
            case _:
                return self.path()

    def _value(self, depth: int) -> str:
        goal = self.rng.choice(("number", "text", "boolean", "array", "object", "path", "path", "leaf"))
        if goal == "path":
            return self.path()
        if goal == "leaf":
            return self.leaf("value")
        return self.make(goal, depth)


def _field_names(type_: Type) -> list[str]:
    type_ = expand(type_)
    if type_.is_any:
        return ["a", "b", "items"]
    names = [name for one in type_.objects for name in one.fields]
    if any(not one.rest.is_never for one in type_.objects):
        names += ["a", "b"]
    for array in type_.arrays:
        names += _field_names(array.item())
    return sorted(set(names))


def _field(type_: Type, name: str) -> Type:
    type_ = expand(type_)
    if type_.is_any:
        return ANY_TYPE
    found = [present(one.get(name)) for one in type_.objects]
    found += [_field(array.item(), name) for array in type_.arrays]
    return union(*found)


def _items(type_: Type) -> Type:
    type_ = expand(type_)
    return union(*(array.item() for array in type_.arrays)) if type_.arrays else type_
