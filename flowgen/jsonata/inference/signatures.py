"""JSONata's function signatures (`<s-nn?:s>`): which arguments a function accepts, and which parameter gets which one.

For the syntax, see "Function signatures" in the JSONata documentation. As in the evaluator, a signature is matched as a
regular expression over one letter per argument, so that it assigns optional arguments and the context in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from flowgen.types import NEVER, NOTHING_TYPE, Type, expand, present, record, union, unknown
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Function,
    Object,
)

_MAX_COMBINATIONS = 200
_WORDS = {
    "s": "a string",
    "n": "a number",
    "b": "a boolean",
    "l": "null",
    "a": "an array",
    "o": "an object",
    "f": "a function",
    "j": "a JSON value",
    "x": "a value",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: the letters that it accepts ("m" is undefined), and what happens without an argument."""

    letters: str
    kind: str
    optional: bool = False
    several: bool = False
    context: bool = False
    items: str | None = None

    def __str__(self) -> str:
        if self.items is not None:
            return {"n": "numbers", "s": "strings", "o": "objects"}.get(self.items, "an array")
        if self.kind.startswith("("):
            return " or ".join(_WORDS[letter] for letter in self.kind[1:-1])
        return _WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class Placed:
    """Arguments as the function receives them: one type per parameter (several for a repeated one)."""

    arguments: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Argument number `index` is rejected if its value is a `part`; None if the number of arguments is wrong.

    `context` means that the rejected value is the context, which replaces an omitted argument.
    """

    index: int | None
    part: Type
    wanted: str
    certain: bool
    context: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The possible assignments of arguments, what may be rejected, and which arguments are unchecked (`any`)."""

    placed: tuple[Placed, ...]
    refusals: tuple[Refusal, ...]
    unchecked: tuple[int, ...]


@lru_cache(maxsize=256)
def parse_signature(text: str) -> tuple[Parameter, ...] | None:
    """The parameters of a signature with its angle brackets, or None if its syntax is invalid."""
    parameters: list[Parameter] = []
    position = 1
    while position < len(text) and text[position] not in ":>":
        letter = text[position]
        if letter in "sbnlo":
            parameters.append(Parameter(letter + "m", letter))
        elif letter in "ax":
            parameters.append(Parameter("asnblfom", letter))
        elif letter == "f":
            parameters.append(Parameter("f", "f"))
        elif letter == "j":
            parameters.append(Parameter("asnblom", "j"))
        elif letter == "(":
            end = text.find(")", position)
            if end < 0:
                return None
            parameters.append(Parameter(text[position + 1 : end] + "m", text[position : end + 1]))
            position = end
        elif not parameters:
            return None
        elif letter in "-?+<":
            last = parameters[-1]
            if letter == "<":
                end = _closing(text, position)
                last = Parameter(
                    last.letters, last.kind, last.optional, last.several, last.context, text[position + 1 : end]
                )
                position = end
            else:
                last = Parameter(
                    last.letters,
                    last.kind,
                    last.optional or letter != "+",
                    last.several or letter == "+",
                    last.context or letter == "-",
                    last.items,
                )
            parameters[-1] = last
        else:
            return None
        position += 1
    return tuple(parameters)


def _closing(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += {"<": 1, ">": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


@lru_cache(maxsize=256)
def _pattern(parameters: tuple[Parameter, ...]) -> re.Pattern[str]:
    groups = (
        f"([{parameter.letters}]{'+' if parameter.several else ''}{'?' if parameter.optional else ''})"
        for parameter in parameters
    )
    return re.compile("".join(groups) + r"\Z")


@lru_cache(maxsize=4096)
def _groups(parameters: tuple[Parameter, ...], supplied: str) -> tuple[str, ...] | None:
    found = _pattern(parameters).match(supplied)
    return None if found is None else found.groups()


def letters_of(type_: Type) -> dict[str, Type]:
    """The letters of the values of `type_`, each with its part of the type."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        whole = present(type_)
        found = dict.fromkeys("snblao", whole)
    else:
        numbers = frozenset(value for value in type_.literals if not isinstance(value, str))
        parts = {
            "s": Type(type_.atoms & TEXT, type_.literals - numbers, type_.formats),
            "n": Type(type_.atoms & NUMBER, numbers),
            "b": Type(type_.atoms & BOOLEAN),
            "l": Type(type_.atoms & NULL),
            "a": Type(parts=tuple(part for part in type_.parts if type(part) is Array)),
            "o": Type(parts=tuple(part for part in type_.parts if type(part) is Object)),
            "f": Type(parts=tuple(part for part in type_.parts if type(part) is Function)),
        }
        found = {letter: part for letter, part in parts.items() if not part.is_never}
    if type_.atoms & ABSENT:
        found["m"] = Type(type_.atoms & ABSENT, absent=type_.absent)
    return found


def match(parameters: tuple[Parameter, ...], arguments: list[Type], context: Type) -> Match:
    """Assigns `arguments` to parameters; `context` replaces a missing argument of a parameter marked `-`."""
    choices = [letters_of(argument) for argument in arguments]
    refusals: list[Refusal] = []
    unchecked: list[int] = []
    for index, (argument, letters) in enumerate(zip(arguments, choices, strict=True)):
        if argument.is_any and index < len(parameters):
            allowed = {letter: part for letter, part in letters.items() if letter in parameters[index].letters}
            if len(allowed) < len(letters):
                unchecked.append(index)
                choices[index] = allowed or letters
    total = 1
    for letters in choices:
        total *= len(letters)
    if total > _MAX_COMBINATIONS:
        choices = _restricted(parameters, choices, refusals)
    alignments: dict[tuple[tuple[int, ...], ...], list[str]] = {}
    wrong: list[str] = []
    for combination in product(*choices):
        supplied = "".join(combination)
        groups = _groups(parameters, supplied)
        if groups is None:
            wrong.append(supplied)
            continue
        alignments.setdefault(_alignment(parameters, groups, len(arguments)), []).append(supplied)
    if wrong:
        refusals.append(_refusal(parameters, arguments, choices, wrong, certain=not alignments))
    placed = []
    for alignment, combinations in alignments.items():
        found = _place(parameters, alignment, combinations, choices, context, refusals, unchecked)
        if found is not None:
            placed.append(found)
    return Match(tuple(placed), tuple(refusals), tuple(dict.fromkeys(unchecked)))


def _restricted(
    parameters: tuple[Parameter, ...], choices: list[dict[str, Type]], refusals: list[Refusal]
) -> list[dict[str, Type]]:
    """Too many combinations: checks each argument separately, and uses one letter for all that it may be."""
    result = []
    for index, letters in enumerate(choices):
        parameter = parameters[min(index, len(parameters) - 1)]
        allowed = {letter: part for letter, part in letters.items() if letter in parameter.letters}
        bad = [part for letter, part in letters.items() if letter not in parameter.letters]
        if bad:
            refusals.append(Refusal(index, union(*bad), str(parameter), certain=not allowed))
        first = next(iter(allowed), None)
        result.append({first: union(*allowed.values())} if first is not None else letters)
    return result


def _alignment(parameters: tuple[Parameter, ...], groups: tuple[str, ...], count: int) -> tuple[tuple[int, ...], ...]:
    """Which arguments each parameter gets; an empty tuple means the context.

    As in the evaluator, an optional parameter without a matching argument still consumes the next one.
    """
    position = 0
    found: list[tuple[int, ...]] = []
    for parameter, group in zip(parameters, groups, strict=True):
        if group or not parameter.context:
            found.append(tuple(range(position, position + max(1, len(group)))))
            position += max(1, len(group))
        else:
            found.append(())
    return tuple(tuple(index if index < count else _MISSING for index in indices) for indices in found)


_MISSING = -1


def _refusal(
    parameters: tuple[Parameter, ...],
    arguments: list[Type],
    choices: list[dict[str, Type]],
    wrong: list[str],
    *,
    certain: bool,
) -> Refusal:
    for index, letters in enumerate(choices):
        if index >= len(parameters) or (parameters[index].context and len(arguments) < len(parameters)):
            continue
        parameter = parameters[index]
        bad = {supplied[index] for supplied in wrong} - set(parameter.letters)
        if bad:
            part = union(*(letters[letter] for letter in sorted(bad)))
            return Refusal(index, part, str(parameter), certain=certain)
    del choices
    return Refusal(None, NEVER, "", certain=certain)


def _place(
    parameters: tuple[Parameter, ...],
    alignment: tuple[tuple[int, ...], ...],
    combinations: list[str],
    choices: list[dict[str, Type]],
    context: Type,
    refusals: list[Refusal],
    unchecked: list[int],
) -> Placed | None:
    result: list[Type] = []
    for parameter, indices in zip(parameters, alignment, strict=True):
        if not indices:
            letters = letters_of(context)
            fitting = [part for letter, part in letters.items() if letter in parameter.letters]
            if len(fitting) < len(letters) and not context.is_any:
                bad = union(*(part for letter, part in letters.items() if letter not in parameter.letters))
                refusals.append(Refusal(None, bad, str(parameter), certain=not fitting, context=True))
            if not fitting:
                return None
            result.append(union(*fitting))
            continue
        for index in indices:
            if index == _MISSING:
                result.append(NOTHING_TYPE)
                continue
            argument = union(
                *(
                    choices[index][letter]
                    for letter in dict.fromkeys(combination[index] for combination in combinations)
                )
            )
            if parameter.several and parameter.kind != "a":
                # The evaluator passes the first of them each time.
                argument = union(
                    argument, *(choices[other][combination[other]] for other in indices for combination in combinations)
                )
            if parameter.kind == "a":
                found = _as_array(parameter, argument, index, refusals, unchecked)
                if found is None:
                    return None
                argument = found
            result.append(argument)
    return Placed(tuple(result))


def _as_array(
    parameter: Parameter, argument: Type, index: int, refusals: list[Refusal], unchecked: list[int]
) -> Type | None:
    """An argument for an array parameter: a single value becomes an array, and the items must have the right type."""
    argument = expand(argument)
    arrays = Type(parts=tuple(part for part in argument.parts if type(part) is Array))
    absent = Type(argument.atoms & ABSENT, absent=argument.absent) if argument.atoms & ABSENT else NEVER
    single = present(
        Type(
            argument.atoms,
            argument.literals,
            argument.formats,
            tuple(part for part in argument.parts if type(part) is not Array),
            unknown=argument.unknown,
        )
    )
    wanted = parameter.items[:1] if parameter.items else None
    if wanted is None:
        wrapped = NEVER if single.is_never else Type(parts=(Array((single,), NEVER, 1, 1),))
        if single.atoms & ANY:
            wrapped = Type(parts=(Array((), single, 0, None),))
        return union(arrays, wrapped, absent)
    good: list[Type] = [absent]
    bad: list[Type] = []
    letters = letters_of(single)
    if single.atoms & ANY:
        unchecked.append(index)
        good.append(Type(parts=(Array((), _of_letter(wanted), 0, None),)))
    else:
        for letter, part in letters.items():
            if letter == wanted:
                good.append(Type(parts=(Array((part,), NEVER, 1, 1),)))
            else:
                bad.append(part)
    for array in arrays.arrays:
        item = expand(array.item())
        inside = letters_of(item)
        if array.most == 0 or set(inside) <= {wanted}:
            good.append(Type(parts=(array,)))
            continue
        if item.is_any:
            unchecked.append(index)
            good.append(Type(parts=(Array((), _of_letter(wanted), array.least, array.most, array.kind, array.origin),)))
            continue
        bad.append(Type(parts=(array,)))
        if wanted in inside:
            good.append(Type(parts=(Array((), inside[wanted], array.least, array.most, array.kind, array.origin),)))
        elif array.least == 0:
            good.append(Type(parts=(Array((), NEVER, 0, 0, array.kind),)))
    result = union(*good)
    if bad:
        refusals.append(Refusal(index, union(*bad), str(parameter), certain=result.is_never))
    return None if result.is_never else result


def _of_letter(letter: str) -> Type:
    why = "the item is not checked"
    return {"n": Type(NUMBER), "s": Type(TEXT)}.get(letter, record({}, unknown(why)))
