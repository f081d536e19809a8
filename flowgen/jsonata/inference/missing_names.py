"""Names that are not a field of any possible value."""

from __future__ import annotations

from flowgen.diagnostics import did_you_mean
from flowgen.jsonata.inference.built_in import SIGNATURES
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import (
    field_names,
    may_have,
    objects_in,
)
from flowgen.jsonata.other_languages import property_of, word_of
from flowgen.jsonata.tree import Name, Path, Variable
from flowgen.types import Type, present
from flowgen.types.algebra import NULL, TEXT, Object


def check_name(run: Inferrer, node: Name, given: Type, frame: Frame, path: Path) -> None:
    """Reports if no value of `given` has the field `node`."""
    if run.quiet:
        return
    if present(given).is_never:
        if path.steps[0].node is node and given is run.top:
            _tell_no_context(run, node, frame)
        return
    objects = objects_in(given)
    if may_have(given, node.name):
        preferred = next((object_.spellings[node.name] for object_ in objects if node.name in object_.spellings), None)
        if preferred is not None:
            run.tell(Kind.SPELLING, Severity.WARNING, node, *uncertain_spelling(node.name, preferred))
        return
    if any(node.name in object_.fields for object_ in objects):
        return  # A condition has shown that it is absent.
    if path.steps[0].node is node and given is run.top and not objects:
        _tell_no_context(run, node, frame)
        return
    guess = did_you_mean(node.name, field_names(given))
    help_, new = (f"did you mean `{guess}`?", guess) if guess else (None, None)
    if path.steps[0].node is node and frame.lookup(node.name) is not None:
        help_ = f"a bare name is a field of the current item; the variable is `${node.name}`"
        new = None
    if objects:
        owner = _owners(objects)
        message = f"{owner} has no field `{node.name}`, so this is always undefined"
        if help_ is None and len(objects) == 1 and objects[0].fields:
            help_ = f"its fields are {', '.join(f'`{name}`' for name in list(objects[0].fields)[:12])}"
    else:
        message = f"`{present(given)}` has no fields, so `{node.name}` is always undefined"
        first = path.steps[0].node
        if isinstance(first, Variable) and first.name in ("", "$") and present(given).atoms == NULL:
            message = (
                f"`{run.source(first)}` has no value here: it is the current item inside `[…]`, `.(…)` and functions"
            )
            help_ = f"write `$input.{node.name}`, or the id of a step after `$`"
        help_ = help_ or property_of(node.name)
        if help_ is None and present(given).atoms == TEXT:
            help_ = f"if the string is JSON, write `$parse(x).{node.name}`"
    declaration = objects[0].declaration if len(objects) == 1 else None
    run.tell(
        Kind.UNKNOWN_FIELD,
        Severity.ERROR,
        node,
        message,
        help_,
        certain=True,
        type=given,
        declaration=declaration,
        new=new if new and new.isidentifier() else None,
    )


def uncertain_spelling(written: str, preferred: str) -> tuple[str, str]:
    """The message and the help for a member of an AWS call with an uncertain spelling."""
    return f"Step Functions may not accept the spelling `{written}`", f"write `{preferred}`, as in the SDK for Java"


def _owners(objects: list[Object]) -> str:
    names = list(dict.fromkeys(object_.name for object_ in objects if object_.name is not None))
    if not names or len(names) < len(objects):
        return f"`{Type(parts=tuple(objects[:1]))}`" if len(objects) == 1 else "none of the objects here"
    return f"`{names[0]}`" if len(names) == 1 else "none of " + ", ".join(f"`{name}`" for name in names)


def _tell_no_context(run: Inferrer, node: Name, frame: Frame) -> None:
    known = frame.lookup(node.name) is not None
    meant = None if known else word_of(node.name)
    guess = node.name if known else did_you_mean(node.name, [*frame.names(), *SIGNATURES])
    help_ = (
        f"for a variable, write `${guess}`"
        if guess
        else f'for a string, write `"{node.name}"`; for a variable, `$name`'
    )
    run.tell(
        Kind.NO_CONTEXT,
        Severity.ERROR,
        node,
        f"`{node.name}` without `$` is a field of the context, which is empty here, so it is always undefined",
        meant or help_,
        certain=True,
    )
