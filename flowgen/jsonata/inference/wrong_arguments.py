"""Messages about arguments that the signature of a function does not accept."""

from __future__ import annotations

from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.signatures import Match, Parameter, Refusal, letters_of
from flowgen.jsonata.tree import Tree
from flowgen.types import Type, expand, present

_FAILS = "the expression fails"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def tell_wrong_arguments(
    run: Inferrer,
    function: str,
    matched: Match,
    arguments: list[Type],
    node: Tree,
    nodes: list[Tree],
    parameters: tuple[Parameter, ...],
) -> None:
    for refusal in matched.refusals:
        _tell(run, function, refusal, arguments, node, nodes, parameters)
    for index in matched.unchecked:
        why = arguments[index].unknown
        run.tell(
            Kind.UNCHECKED, Severity.NOTE, nodes[index] if index < len(nodes) else node,
            f"{function} gets an argument of type `any`{f': {why.text}' if why else ''}",
            may_fail=True, type=arguments[index],
        )  # fmt: skip


def _tell(
    run: Inferrer,
    function: str,
    refusal: Refusal,
    arguments: list[Type],
    node: Tree,
    nodes: list[Tree],
    parameters: tuple[Parameter, ...],
) -> None:
    index, certain, count = refusal.index, refusal.certain, len(parameters)
    if index is None:
        if refusal.context and arguments and nodes:
            # The context became the first argument, because the given one has a different type.
            given = present(expand(arguments[0]))
            run.tell(
                Kind.WRONG_ARGUMENT, Severity.ERROR, nodes[0],
                f"{function} expects {refusal.wanted} as its first argument, found `{given}`: the expression fails",
                _argument_help(refusal, given), certain=certain, may_fail=True, type=arguments[0],
            )  # fmt: skip
            return
        if refusal.context:
            message = (
                f"{function} without an argument uses the context, which "
                f"{'is' if certain else 'may be'} `{refusal.part}`, expected {refusal.wanted}"
            )
        elif len(arguments) > count:
            message = f"{function} accepts at most {count} argument{'' if count == 1 else 's'}, found {len(arguments)}"
        else:
            message = _few_arguments(function, arguments, parameters)
        place = nodes[count] if count < len(nodes) else node
        run.tell(Kind.WRONG_ARGUMENT, Severity.ERROR, place, message, certain=certain, may_fail=True)
        return
    place = nodes[index] if index < len(nodes) else node
    ordinal = _ORDINALS[min(index, len(_ORDINALS) - 1)]
    part = present(refusal.part)
    what = "undefined" if part.is_never else f"`{part}`"
    help_ = _argument_help(refusal, part)
    run.tell(
        Kind.WRONG_ARGUMENT,
        Severity.ERROR,
        place,
        f"{function} expects {refusal.wanted} as its {ordinal} argument, but this "
        + (f"is {what}: the expression fails" if certain else f"may be {what}, and the expression then fails"),
        help_,
        certain=certain,
        may_fail=True,
        type=arguments[index] if index < len(arguments) else None,
    )


def _few_arguments(function: str, arguments: list[Type], parameters: tuple[Parameter, ...]) -> str:
    """Says which argument is missing, or what was expected and found."""
    needed = [parameter for parameter in parameters if not parameter.optional and not parameter.context]
    if len(arguments) < len(needed):
        return _missing(function, arguments, parameters)
    if arguments and not letters_of(arguments[0]).keys() & set(parameters[0].letters):
        return f"{function} expects {parameters[0]} as its first argument, found `{present(arguments[0])}`: {_FAILS}"
    if len(arguments) < len(parameters) and not parameters[len(arguments)].optional:
        return _missing(function, arguments, parameters)
    wanted = ", ".join(str(parameter) for parameter in parameters)
    given = ", ".join(f"`{present(argument)}`" for argument in arguments) or "none"
    return f"{function} expects ({wanted}), found {given}: {_FAILS}"


def _missing(function: str, arguments: list[Type], parameters: tuple[Parameter, ...]) -> str:
    ordinal = _ORDINALS[min(len(arguments), len(_ORDINALS) - 1)]
    return f"missing {ordinal} argument of {function}: expected {parameters[len(arguments)]}; {_FAILS}"


def _argument_help(refusal: Refusal, part: Type) -> str | None:
    letters = refusal.wanted
    if part.atoms & 4:  # null
        return "provide a default: `x != null ? x : …`"
    if letters == "strings":
        return "convert the items: `x.$string()`"
    if letters == "a string" and part.arrays:
        return 'join the items: `$join(x, ", ")`'
    if letters == "a string":
        return "convert it: `$string(x)`"
    if letters in ("a number", "numbers") and (part.atoms & 128 or part.formats or part.literals):
        return "convert the string: `$number(x)`"
    return None
