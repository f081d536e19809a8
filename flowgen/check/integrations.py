"""AWS calls: each action must exist, support the pattern, and get what the pattern requires."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.asl.integrations import OPTIMIZED
from flowgen.aws.sdk_actions import ENDED, sdk_services
from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, did_you_mean, replacing
from flowgen.model import Aws, Call, Task, Value, Workflow, expressions_in
from flowgen.model.element import listed
from flowgen.model.steps import kind_span

_PATTERNS = {".sync": "s", ".sync:2": "2"}
_TOKEN = "t"  # noqa: S105 - a letter of `OPTIMIZED`
_SDK = "aws-sdk:"


def check_integrations(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG404: actions and patterns that Step Functions does not support."""
    for step in tasks(workflow):
        if isinstance(step, Aws):
            problem = _service(step) or _pattern(step)
            if problem is not None:
                yield problem


def _service(step: Aws) -> Diagnostic | None:
    service, name = step.action.service, step.action.name
    optimized = OPTIMIZED.get(service, {})
    if name in optimized:
        return None
    services = sdk_services()
    sdk = service.removeprefix(_SDK)
    if sdk in ENDED:
        return None
    actions = services.actions.get(sdk)
    if actions is None or (service not in services.actions and service in OPTIMIZED):
        known = services.aliases.get(sdk)
        if known is not None and name in services.actions[known]:
            return _tell(step, f"`{service}` has no action `{name}` here", f"write `{known}:{name}`", f"{known}:{name}")
        if service in OPTIMIZED:
            guess = did_you_mean(name, optimized)
            help_ = f"did you mean `{service}:{guess}`?" if guess else f"its actions are {listed(optimized)}"
            return _tell(step, f"`{service}` has no action `{name}`", help_, guess and f"{service}:{guess}")
        guess = known or did_you_mean(sdk, _alike(sdk, [*services.actions, *OPTIMIZED]))
        return _tell(
            step,
            f"Step Functions cannot call a service `{sdk}`",
            f"did you mean `{guess}`?" if guess else None,
            guess and f"{service.removesuffix(sdk)}{guess}:{name}",
        )
    if name in actions:
        return None
    guess = did_you_mean(name, [*optimized, *_alike(name, actions)])
    new = guess and f"{service}:{guess}"
    return _tell(step, f"`{service}` has no action `{name}`", f"did you mean `{new}`?" if new else None, new)


def _alike(word: str, names: list[str] | tuple[str, ...]) -> list[str]:
    """Of very many names, those of which the word may be a typo: they share its start or its end."""
    low = word.lower()
    return [name for name in names if name.lower()[:2] == low[:2] or name.lower()[-3:] == low[-3:]]


def _pattern(step: Aws) -> Diagnostic | None:
    action = step.action
    letters = OPTIMIZED.get(action.service, {}).get(action.name)
    shown = f"{action.service}:{action.name}"
    if action.pattern and step.callback is not None:
        return _tell(step, f"a step cannot wait for both a job (`{action.pattern}`) and a `callback`", None)
    if action.pattern:
        if letters is not None and _PATTERNS[action.pattern] in letters:
            return None
        help_ = None
        if letters is None:
            help_ = "wait for the job with a `repeat` that polls its state"
        elif letters:
            has = [pattern for pattern, letter in _PATTERNS.items() if letter in letters]
            help_ = f"it has {listed(has)}" if has else None
        return _tell(step, f"Step Functions cannot wait for `{shown}`: it has no `{action.pattern}`", help_)
    if step.callback is not None and letters is not None and _TOKEN not in letters:
        help_ = (
            f"`{_SDK}{shown}` accepts a task token"
            if action.name in sdk_services().actions.get(action.service, ())
            else None
        )
        return _tell(step, f"`{shown}` cannot pass on a task token, so no answer is possible", help_)
    return None


def _tell(step: Aws, message: str, help_: str | None, new: str | None = None) -> Diagnostic:
    """`new` is the name of the intended action, without the pattern."""
    whole = new and (f"{new}.{step.action.pattern}" if step.action.pattern else new)
    return Diagnostic("FG404", message, kind_span(step), help=help_, fix=replacing(kind_span(step), whole))


def check_tokens(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG405 and FG404: callbacks whose task token is not passed on."""
    for step in tasks(workflow):
        if not isinstance(step, Call | Aws) or step.callback is None:
            continue
        entry = step.node.entry("callback")
        span = step.span_of("callback") if entry is None else entry.key.span
        function = workflow.functions.get(step.function) if isinstance(step, Call) else None
        if function is not None and function.activity:
            yield Diagnostic(
                "FG404",
                "this function is an activity: its worker already answers with its own token",
                span,
                help="remove the `callback`",
            )
            continue
        told_by_envelope = isinstance(step, Call) and (function is None or function.enveloped)
        if not told_by_envelope and not _passes_token(step.argument):
            yield Diagnostic(
                "FG405",
                "no answer is possible: the task token is not passed on",
                span,
                help="put `${ $context.Task.Token }` into `with`",
            )


def _passes_token(argument: Value | None) -> bool:
    """Whether the token, or an object that contains it, is part of the argument."""
    holders: tuple[tuple[str, ...], ...] = ((), ("Task",), ("Task", "Token"))
    return argument is not None and any(
        reference.name == "context" and reference.path[:2] in holders
        for expression in expressions_in(argument)
        for reference in expression.syntax.references
    )


def check_heartbeats(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG406: heartbeats on a step without a task token, an activity's worker or an observed job, which send them."""
    for step in tasks(workflow):
        if step.heartbeat is not None and not _beats(workflow, step):
            entry = step.node.entry("heartbeat")
            yield Diagnostic(
                "FG406",
                "nothing sends a heartbeat here",
                step.span_of("heartbeat") if entry is None else entry.key.span,
                help="to limit the duration of the step, use `timeout`",
            )


def _beats(workflow: Workflow, step: Task) -> bool:
    match step:
        case Call(callback=None, function=name):
            return bool(name not in workflow.functions or workflow.functions[name].activity)
        case Aws(callback=None, action=action):
            return action.pattern != ""
        case Call() | Aws():
            return True
        case _:
            return False
