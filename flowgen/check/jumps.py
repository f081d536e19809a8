"""Jumps: `break`, `continue` and `return` can only reach enclosing steps, and cannot leave a concurrent body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import Body, Break, Catcher, Continue, Return, Step, Steps, Workflow, catchers_of, undoing_of
from flowgen.model.element import listed
from flowgen.model.steps import kind_span


@dataclass(frozen=True, slots=True)
class _Block:
    """A step that a jump may name, and the step's body that contains the jump."""

    step: Step
    body: Body


@dataclass(frozen=True, slots=True)
class _Around:
    """The context of a step: the blocks that a jump can name, innermost first, and the body that no jump can leave."""

    blocks: tuple[_Block, ...] = ()
    border: Step | None = None
    beyond: tuple[_Block, ...] = ()
    final: Step | None = None
    """The enclosing step whose last body always runs."""

    def inside(self, step: Step, body: Body) -> _Around:
        block = _Block(step, body)
        own = (block,) if body.leavable or body.is_loop else ()
        if body.apart:
            return _Around(own, step, (*self.blocks, *self.beyond))
        return replace(self, blocks=(*own, *self.blocks))


def check_jumps(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG211: jumps without a target that Step Functions can reach."""
    yield from _sequence(workflow.steps, _Around())
    for catcher in workflow.catch:
        yield from _sequence(catcher.steps or (), _Around())
    for handler in workflow.handlers.values():
        yield from _sequence(handler.steps, _Around())


def _sequence(steps: Steps, around: _Around) -> Iterator[Diagnostic]:
    for step in steps:
        match step:
            case Break():
                yield from _break(step, around)
            case Continue():
                yield from _continue(step, around)
            case Return() if around.border is not None:
                yield _crossing(step, around.border, "`return`", "end the body instead, and `return` after it")
            case _:
                yield from _within(step, around)


def _within(step: Step, around: _Around) -> Iterator[Diagnostic]:
    bodies = step.bodies()
    caught = replace(around, final=step) if any(body.last for body in bodies) else around
    for body in bodies:
        # Neither the last body nor the handlers are part of the block that a jump leaves.
        yield from _sequence(body.steps, around if body.last else caught.inside(step, body))
    for catcher in catchers_of(step):
        yield from _sequence(catcher.steps or (), caught)
        if catcher.handler is not None and around.border is not None:
            yield Diagnostic(
                "FG211",
                f"the handler `{catcher.handler}` is outside `{around.border.id}` and unreachable from within it",
                catcher.span_of("handler"),
                secondary=_border(around.border),
                help="write the steps in this `catch`, or catch the error around the whole step",
            )
        elif catcher.handler is not None and caught.final is not None:
            group = caught.final
            yield Diagnostic(
                "FG211",
                f"the handler `{catcher.handler}` is outside `{group.id}`, whose `finally` would not run",
                catcher.span_of("handler"),
                secondary=(Label(group.span_of("id"), "this group has a `finally`"),),
                help="write the steps in this `catch`",
            )
    undoing = undoing_of(step)
    for catcher in () if undoing is None else undoing.catch:
        yield from _undoing(step, catcher)


def _undoing(step: Step, catcher: Catcher) -> Iterator[Diagnostic]:
    """Handlers of a compensation's failure must be part of the chain, not of anything around the step."""
    yield from _sequence(catcher.steps or (), _Around())
    if catcher.handler is not None:
        yield Diagnostic(
            "FG211",
            f"the handler `{catcher.handler}` is outside the compensations and would restart them",
            catcher.span_of("handler"),
            secondary=(Label(step.span_of("id"), "the step to undo"),),
            help="write the steps in this `catch`",
        )


def _break(step: Break, around: _Around) -> Iterator[Diagnostic]:
    if step.target is None:
        loop = next((block for block in around.blocks if block.body.is_loop), None)
        if loop is not None and not loop.body.leavable:
            yield _crossing(step, loop.step, "`break`", "`continue` ends the item; to stop early, use `repeat`")
        elif loop is None and around.border is not None:
            yield _crossing(step, around.border, "`break`", None)
        elif loop is None:
            named = _named(around)
            help_ = f"name the group that it leaves: {named}" if named else None
            yield _tell(step, "this `break` is not in a loop", help_)
        return
    block = next((block for block in around.blocks if block.step.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif not block.body.leavable:
        yield _crossing(step, block.step, "`break`", "`continue` ends the item; to stop early, use `repeat`")


def _continue(step: Continue, around: _Around) -> Iterator[Diagnostic]:
    if step.target is None:
        if not any(block.body.is_loop for block in around.blocks):
            if around.border is not None:
                yield _crossing(step, around.border, "`continue`", None)
            else:
                yield _tell(step, "this `continue` is not in a loop", None)
        return
    block = next((block for block in around.blocks if block.step.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif not block.body.is_loop:
        name = block.step.id
        yield _tell(
            step,
            f"`{name}` is a group, which has no rounds",
            f"to leave the group, write `break: {name}`",
            (Label(block.step.span_of("id"), "not a loop"),),
        )


def _unknown(step: Break | Continue, target: str, around: _Around) -> Diagnostic:
    beyond = next((block for block in around.beyond if block.step.id == target), None)
    if beyond is not None and around.border is not None:
        return _crossing(step, around.border, f"`{step.kind}`", None)
    guess = did_you_mean(target, [block.step.id for block in around.blocks])
    named = _named(around)
    help_ = f"did you mean `{guess}`?" if guess else f"it is enclosed by {named}" if named else None
    found = _tell(step, f"no group or loop `{target}` encloses this `{step.kind}`", help_)
    return replace(found, fix=replacing(kind_span(step), guess))


def _named(around: _Around) -> str:
    return listed(block.step.id for block in around.blocks)


def _tell(step: Break | Continue, message: str, help_: str | None, secondary: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic("FG211", message, kind_span(step), secondary=secondary, help=help_)


def _crossing(step: Break | Continue | Return, border: Step, what: str, help_: str | None) -> Diagnostic:
    return Diagnostic(
        "FG211",
        f"{what} cannot leave the body of `{border.id}`, which runs separately",
        kind_span(step),
        secondary=_border(border),
        help=help_,
    )


def _border(border: Step) -> tuple[Label, ...]:
    return (Label(border.span_of("id"), f"this `{border.kind}`"),)
