"""Calls, partial application, `~>` and transforms.

The type of a function contains a value of one of the classes in `callables`.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

from flowgen.diagnostics import did_you_mean
from flowgen.jsonata.inference import transforms
from flowgen.jsonata.inference.built_in import SIGNATURES, arity_of, parameters_of
from flowgen.jsonata.inference.callables import BuiltIn, Chain, Closure, PartialBuiltIn, Pattern, Transformer
from flowgen.jsonata.inference.divisors import may_be_negative
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.invocation import Invocation
from flowgen.jsonata.inference.lambdas import apply_closure
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.results import result
from flowgen.jsonata.inference.signatures import letters_of, match, parse_signature
from flowgen.jsonata.inference.wrong_arguments import tell_wrong_arguments
from flowgen.jsonata.other_languages import function_of
from flowgen.jsonata.tree import Apply, Call, Lambda, Name, Partial, Path, Regex, TailCall, Transform, Tree, Variable
from flowgen.types import NEVER, NOTHING_TYPE, NULL_TYPE, Type, expand, optional, present, union, unknown
from flowgen.types.algebra import ANY, Function


def built_in(name: str) -> Type:
    return Type(parts=(Function(BuiltIn(name), arity_of(name)),))


def infer_lambda(run: Inferrer, node: Lambda, context: Type, frame: Frame) -> Type:
    del run
    closure = Closure(node, frame, context, {}, node.parameters, node.signature)
    return Type(parts=(Function(closure, len(node.parameters)),))


def infer_regex(run: Inferrer, node: Regex, context: Type, frame: Frame) -> Type:
    del run, node, context, frame
    return Type(parts=(Function(Pattern(), 2),))


def infer_transform(run: Inferrer, node: Transform, context: Type, frame: Frame) -> Type:
    del run, context
    return Type(parts=(Function(Transformer(node, frame), 1),))


def infer_call(run: Inferrer, node: Call, context: Type, frame: Frame) -> Type:
    callee = _callee(run, node.procedure, context, frame)
    arguments = [run.evaluate(argument, context, frame) for argument in node.arguments]
    given = apply(run, callee, arguments, context, node, list(node.arguments))
    match node:
        case Call(procedure=Variable(name="sqrt"), arguments=(argument,)) if frame.lookup("sqrt") is None:
            if not may_be_negative(run, argument, context, frame):
                run.problems.pop((Kind.MAY_FAIL, node.start, node.end), None)
    return given


def infer_tail_call(run: Inferrer, node: TailCall, context: Type, frame: Frame) -> Type:
    """The call happens after the lambda has returned: its context is that of the call of the lambda."""
    call = node.call
    callee = _callee(run, call.procedure, context, frame)
    arguments = [run.evaluate(argument, context, frame) for argument in call.arguments]
    _check_handed_on(run, call, callee, arguments)
    outer = frame.context_of_call()
    return apply(run, callee, arguments, NULL_TYPE if outer is None else outer, call, list(call.arguments))


def _check_handed_on(run: Inferrer, call: Call, callee: Type, arguments: list[Type]) -> None:
    """Functions that a tail call passes to a built-in function: JSONata 2.0.6 cannot call them there."""
    for name in (part.value.name for part in callee.functions if isinstance(part.value, BuiltIn)):
        for node, argument in zip(call.arguments, arguments, strict=True):
            for value in (part.value for part in argument.functions):
                if isinstance(value, Pattern) or (
                    name != "sort" and isinstance(value, Closure | Chain) and not getattr(value, "partial", False)
                ):
                    continue
                run.tell(
                    Kind.WRONG_ARGUMENT,
                    Severity.ERROR,
                    node,
                    f"JSONata 2.0.6 fails to call this function, because `${name}(…)` is the last call in another "
                    "function",
                    f"bind the result first: `($result := ${name}(…); $result)`",
                    may_fail=True,
                )


def infer_apply(run: Inferrer, node: Apply, context: Type, frame: Frame) -> Type:
    value = run.evaluate(node.value, context, frame)
    function = node.function
    if isinstance(function, Call):
        if function.predicates or function.group is not None:
            call = run.text[function.start : function.inner_end]
            run.tell(
                Kind.IGNORED,
                Severity.WARNING,
                function,
                f"JSONata ignores what follows the call after `~>`: the result is that of `{call}`",
                "add parentheses: `(x ~> $f(…))[…]`",
            )
        callee = _callee(run, function.procedure, context, frame)
        arguments = [value, *(run.evaluate(argument, context, frame) for argument in function.arguments)]
        return apply(run, callee, arguments, context, function, [node.value, *function.arguments])
    callee = run.evaluate(function, context, frame)
    results: list[Type] = []
    functions = Type(parts=tuple(part for part in value.parts if type(part) is Function))
    if not functions.is_never:
        results.append(Type(parts=(Function(Chain(functions, callee), 1),)))
    rest = replace(value, parts=tuple(part for part in value.parts if type(part) is not Function))
    if not rest.is_never:
        results.append(apply(run, callee, [rest], NULL_TYPE, function, [node.value]))
    return union(*results)


def infer_partial(run: Inferrer, node: Partial, context: Type, frame: Frame) -> Type:
    callee = _callee(run, node.procedure, context, frame)
    arguments = tuple(
        None if argument is None else run.evaluate(argument, context, frame) for argument in node.arguments
    )
    if callee.atoms & ANY:
        return unknown("it is a partial application of `any`")
    results: list[Type] = []
    for part in callee.parts:
        if type(part) is not Function:
            continue
        match part.value:
            case Closure() as closure:
                bound = dict(closure.bound)
                left = []
                for index, name in enumerate(closure.parameters):
                    given = arguments[index] if index < len(arguments) else NOTHING_TYPE
                    if given is None:
                        left.append(name)
                    else:
                        bound[name] = given
                made = replace(closure, bound=bound, parameters=tuple(left), signature=None, partial=True)
                results.append(Type(parts=(Function(made, len(left)),)))
            case BuiltIn(name=name):
                holes = sum(argument is None for argument in arguments)
                results.append(Type(parts=(Function(PartialBuiltIn(name, arguments), holes),)))
            case _:
                results.append(unknown("it is a partial application of an unknown function"))
    if not results:
        _tell_no_function(run, node.procedure, callee)
    return union(*results)


def _callee(run: Inferrer, node: Tree, context: Type, frame: Frame) -> Type:
    if isinstance(node, Path) and len(node.steps) == 1 and isinstance(node.steps[0].node, Name):
        name = node.steps[0].node.name
        with run.silently():
            callee = run.evaluate(node, context, frame)
        if not any(type(part) is Function for part in callee.parts) and not callee.atoms & ANY:
            known = name in SIGNATURES or frame.lookup(name) is not None
            meant = None if known else function_of(name)
            guess = name if known else did_you_mean(name, [*SIGNATURES, *frame.names()])
            help_ = meant or (f"did you mean `${guess}(…)`?" if guess else f"to call a function, write `${name}(…)`")
            run.tell(
                Kind.NOT_A_FUNCTION, Severity.ERROR, node, f"`{name}` without `$` is a field, not a function: "
                "the expression fails", help_, certain=True, may_fail=True,
                new=f"${guess}" if guess and not meant else None,
            )  # fmt: skip
            return NEVER
        return callee
    if isinstance(node, Variable) and frame.lookup(node.name) is None and node.name not in ("", "$"):
        if node.name in SIGNATURES:
            return built_in(node.name)
        meant = function_of(node.name)
        guess = None if meant else did_you_mean(node.name, [*SIGNATURES, *frame.names()])
        run.tell(
            Kind.NOT_A_FUNCTION,
            Severity.ERROR,
            node,
            f"unknown function `${node.name}`: the expression fails",
            meant or f"did you mean `${guess}`?"
            if meant or guess
            else "Step Functions supports the functions of JSONata 2.0.6 and adds a few",
            certain=True,
            may_fail=True,
            new=f"${guess}" if guess else None,
        )
        return NEVER
    return run.evaluate(node, context, frame)


def _tell_no_function(run: Inferrer, node: Tree, callee: Type) -> None:
    if callee.is_never:
        return
    run.tell(
        Kind.NOT_A_FUNCTION,
        Severity.ERROR,
        node,
        f"expected a function, found `{present(callee)}`: the expression fails",
        certain=True,
        may_fail=True,
        type=callee,
    )


def apply(
    run: Inferrer, callee: Type, arguments: list[Type], context: Type, node: Tree, nodes: list[Tree] | None = None
) -> Type:
    """The result of calling a value of `callee`, before sequences collapse. `nodes` are the arguments in the text."""
    callee = expand(callee)
    if callee.atoms & ANY:
        run.tell(Kind.UNCHECKED, Severity.NOTE, node, "this call is unchecked: the function is `any`", may_fail=True)
        return optional(unknown("it is the result of a function that is `any`", node.start, node.end))
    if callee.is_never or any(argument.is_never for argument in arguments):
        return NEVER
    functions = callee.functions
    if not functions or len(functions) < len(callee.parts) or callee.atoms or callee.literals or callee.formats:
        target = node.procedure if isinstance(node, Call | Partial) else node
        _tell_no_function(run, target, callee)
    return union(*(_apply_one(run, function.value, arguments, context, node, nodes or []) for function in functions))


def _apply_one(
    run: Inferrer, function: object, arguments: list[Type], context: Type, node: Tree, nodes: list[Tree]
) -> Type:
    match function:
        case Closure():
            return apply_closure(run, function, arguments, context, node, nodes)
        case BuiltIn(name=name):
            return _checked(run, name, arguments, context, node, nodes)
        case PartialBuiltIn(name=name, arguments=given):
            left = iter(arguments)
            filled = [next(left, NOTHING_TYPE) if argument is None else argument for argument in given]
            return _unvalidated(run, name, filled, node)
        case Chain(first=first, then=then):
            inner = apply(run, first, arguments, context, node, nodes)
            return apply(run, then, [inner], context, node)
        case Transformer():
            return _transformed(run, function, arguments, context, node, nodes)
        case _:
            return optional(unknown("it is a match of a regular expression", node.start, node.end))


def _checked(run: Inferrer, name: str, arguments: list[Type], context: Type, node: Tree, nodes: list[Tree]) -> Type:
    parameters = parameters_of(name)
    matched = match(parameters, arguments, context)
    tell_wrong_arguments(run, f"`${name}`", matched, arguments, node, nodes, parameters)
    results = []
    # A call that fails is reported once; its result cannot add anything.
    wrong = any(refusal.certain or (refusal.context and arguments) for refusal in matched.refusals)
    with run.silently() if wrong else nullcontext():
        for placed in matched.placed:
            call = Invocation(run, name, node, tuple(nodes), placed.arguments, context, apply)
            results.append(result(call))
    return union(*results)


def _unvalidated(run: Inferrer, name: str, arguments: list[Type], node: Tree) -> Type:
    """A partially applied built-in function: its arguments are neither validated nor converted to arrays."""
    parameters = parameters_of(name)
    with run.silently():
        matched = match(parameters, arguments, NOTHING_TYPE)
    odd = [
        argument
        for argument, parameter in zip(arguments, parameters, strict=False)
        if (parameter.kind == "a" and not _only_arrays(argument))
        or not letters_of(argument).keys() <= set(parameter.letters)
    ]
    if matched.refusals or matched.unchecked or odd or len(arguments) > len(parameters):
        run.tell(
            Kind.MAY_FAIL, Severity.NOTE, node,
            f"`${name}` does not validate its arguments after partial application (`?`): these may make it fail",
            "write `function($x){ … }` instead", may_fail=True,
        )  # fmt: skip
        return optional(unknown(f"a partial application (`?`) of `${name}` may get invalid arguments"))
    results = []
    for placed in matched.placed:
        call = Invocation(run, name, node, (), placed.arguments, NOTHING_TYPE, apply)
        results.append(result(call))
    return union(*results)


def _only_arrays(type_: Type) -> bool:
    type_ = expand(present(type_))
    return not (type_.atoms or type_.literals or type_.formats) and len(type_.arrays) == len(type_.parts)


def _transformed(
    run: Inferrer, transformer: Transformer, arguments: list[Type], context: Type, node: Tree, nodes: list[Tree]
) -> Type:
    parameters = parse_signature("<(oa):o>")
    assert parameters is not None  # noqa: S101 - as above
    matched = match(parameters, arguments, context)
    tell_wrong_arguments(run, "`|…|…|`", matched, arguments, node, nodes, parameters)
    return union(
        *(
            transforms.transformed(run, transformer.node, placed.arguments[0], transformer.frame)
            for placed in matched.placed
        )
    )
