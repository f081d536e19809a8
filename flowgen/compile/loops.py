"""Steps that run a body more than once, and the jumps that leave a body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flowgen.asl.states import ABSENT, Choice, ChoiceRule, Pass, State
from flowgen.asl.states import Fail as FailState
from flowgen.asl.states import Map as MapState
from flowgen.asl.states import Wait as WaitState
from flowgen.compile.branching import body_flow
from flowgen.compile.edges import INPUT, Edge, Enclosing, Flowing, Kept, Lowered, Scope, target
from flowgen.compile.errors import Caught, ErrorScope, catches
from flowgen.compile.groups import lower_catch
from flowgen.compile.liveness import calls_after_entry, calls_in, guarded_in, names_after_entry, names_in, reads_error
from flowgen.compile.lowering import Lowering
from flowgen.compile.names import count_variable, index_variable, limit_state, wait_state
from flowgen.compile.retries import written_retriers
from flowgen.compile.templates import Names, enclosed, jsonata, renamed, template
from flowgen.compile.validation import check_of_items, checked_body, converted_item
from flowgen.jsonata.literals import quoted
from flowgen.model import Break, Continue, Expression, ForEach, Reader, Repeat, Value, walk
from flowgen.model.raised import LIMIT_EXCEEDED, fails_only_at_its_limit

_OF_EACH_LOOP = ("index", "batch")
"""Names with a different meaning in each loop."""

ITEM = "$states.context.Map.Item.Value"
INDEX = "$states.context.Map.Item.Index"


def lower_for_each(lowering: Lowering, step: ForEach, out: Edge, scope: Scope) -> Lowered:
    """A Map state. The start of its body binds the variables that the body reads; a distributed Map passes them on."""
    if scope.is_entry:
        return lowering.entered(step.id, scope, lambda own: lower_for_each(lowering, step, out, own))
    handlers, states = lower_catch(lowering, step.id, step.catch, out, scope)
    # A distributed Map replaces the errors of its items with its own error.
    around = lowering.errors(step.id, scope).within(handlers)
    outside = frozenset[str]() if step.mode == "distributed" else around.named()
    handed = _handed_in(lowering, step, scope)
    batched = step.batch is not None
    item = f"{INPUT}.Items" if batched else INPUT
    reader = step.items if isinstance(step.items, Reader) else None
    converts = reader is not None and reader.convert
    check = check_of_items(lowering.workflow, step, batched=batched)
    shared = f"{INPUT}.BatchInput" if batched else INPUT
    selector: Any = ABSENT
    if converts or (handed and not batched):
        # Paths unwrap a list with one item. The items of a batch are records.
        item = f"[{INPUT}.Items.item]" if batched else f"{INPUT}.item"
        one = enclosed(converted_item(lowering.workflow, reader, ITEM) if reader is not None and converts else ITEM)
        selector = {"item": one, **({} if batched else {name: enclosed(text) for name, text in handed.items()})}
    available = {name: f"{shared}.{name}" for name in handed}
    if step.as_ is not None:
        available[step.as_] = item
    # A value that may be undefined is passed in an object without that key: undefined values cannot be assigned.
    fields = dict.fromkeys(_maybe_absent(lowering, step, handed), ".value")
    named = names_after_entry(step.steps) if check is None else names_in(step.steps)
    rounds: tuple[str, ...] = ()
    if _numbers_calls(lowering, step):
        # The executions of a distributed Map are distinguished by their ids.
        rounds = (*scope.rounds, index_variable(step.id))
        available[index_variable(step.id)] = available["index"]
        if check is not None or calls_after_entry(step.steps, lowering.enveloped):
            named |= {index_variable(step.id)}
    # An enclosing loop may have stored its own `$index`, which must not be shadowed.
    variables = {name: f"{step.id}__{name}" if name in _OF_EACH_LOOP else name for name in available}
    inner = Scope(
        {**scope.names, **{name: f"${variable}{fields.get(name, '')}" for name, variable in variables.items()}},
        ErrorScope(outside=outside),
        "",
        enclosing=(Enclosing(step.id, Edge(None), Edge(None)),),
        rounds=rounds,
        inner=True,
        before=item,
        unbound={name: f"{text}{fields.get(name, '')}" for name, text in available.items()},
        # Names that only the entry state reads are inlined into its expressions and need no variable.
        binds={variables[name]: text for name, text in available.items() if name in named},
    )
    if check is None:
        flow = body_flow(lowering, step.steps, step.id, inner)
    else:
        flow = checked_body(step.id, check, body_flow(lowering, step.steps, step.id, inner.later()), inner)
    value = Flowing.expression("$states.result")
    state = MapState(
        step.id,
        out.target,
        flow,
        items=ABSENT if isinstance(step.items, Reader) else _items(step.items, scope.names),
        item_selector=selector,
        max_concurrency=_concurrency(step, scope.names),
        child_type=step.child_type.upper() if step.mode == "distributed" else None,
        reader=_reader(step.items, scope.names) if isinstance(step.items, Reader) else None,
        batcher=_batcher(step, handed),
        writer=_writer(step, scope.names),
        tolerated_count=step.tolerate.count if step.tolerate else None,
        tolerated_percentage=step.tolerate.percent if step.tolerate else None,
        label=step.label,
        assign=out.assign(value),
        retry=written_retriers(step.retry),
        catch=lowering.catchers(step.id, handlers, scope),
        comment=step.description,
    )
    return Lowered(Edge(step.id), (state, *states))


def _items(items: Value, names: Names) -> Any:
    return template(items, names)


# See docs/explanation/decisions.md#distributed-bodies-receive-the-variables-they-use
def _handed_in(lowering: Lowering, step: ForEach, scope: Scope) -> dict[str, str]:
    """The outer names that a body reads but cannot see, as JSONata in the scope of the Map state."""
    named = names_in(step.steps)
    if not reads_error(step.steps):
        named -= {"error"}  # in nested handlers, the name means the error that they caught
    numbered = "index" in named or _numbers_calls(lowering, step)
    handed = {"index": INDEX} if numbered and step.batch is None else {}
    if step.mode == "distributed":
        inside = {one.id for one in _inside(step)}
        own = {"context", step.as_, *handed, *(("batch",) if step.batch is not None else ())}
        outer = sorted(name for name in named if name in lowering.outer_names(scope) and name not in inside)
        texts = {name: scope.names.get(name, f"${name}") for name in outer if name not in own}
        maybe = _maybe_absent(lowering, step, texts)
        handed |= {name: f"{{'value': {text}}}" if name in maybe else text for name, text in texts.items()}
    if step.batch is not None and step.batch.shared is not None:
        handed["batch"] = jsonata(step.batch.shared, scope.names)
    return handed


def _maybe_absent(lowering: Lowering, step: ForEach, handed: Iterable[str]) -> frozenset[str]:
    """The steps outside a distributed loop that may have no value and that its body tests with `$exists`."""
    if step.mode != "distributed":
        return frozenset()
    return guarded_in(step.steps) & lowering.ids.intersection(handed)


def _numbers_calls(lowering: Lowering, step: ForEach | Repeat) -> bool:
    """Whether calls in the body must send their round, because two rounds may send the same input."""
    distributed = isinstance(step, ForEach) and step.mode == "distributed"
    return not distributed and calls_in(step.steps, lowering.enveloped)


def _inside(step: ForEach) -> list[Any]:
    return list(walk(step.steps))


def _concurrency(step: ForEach, names: Names) -> int | str | None:
    if isinstance(step.max_concurrency, Expression):
        return enclosed(renamed(step.max_concurrency, names))
    return step.max_concurrency


_INPUT_TYPES = {"csv": "CSV", "json": "JSON", "jsonl": "JSONL", "manifest": "MANIFEST", "parquet": "PARQUET"}


def _reader(reader: Reader, names: Names) -> dict[str, Any]:
    """Developer guide, "ItemReader (Map)"."""
    arguments = {"Bucket": reader.bucket, "Key": reader.key, "Prefix": reader.prefix}
    made = {name: template(value, names) for name, value in arguments.items() if value is not None}
    config: dict[str, Any] = {}
    if reader.reader != "objects":
        config["InputType"] = _INPUT_TYPES[reader.reader]
    if reader.reader == "csv":
        config["CSVHeaderLocation"] = "FIRST_ROW" if reader.headers is None else "GIVEN"
        config |= {} if reader.headers is None else {"CSVHeaders": list(reader.headers)}
        config |= {} if reader.delimiter is None else {"CSVDelimiter": reader.delimiter}
    if reader.pointer is not None:
        config["ItemsPointer"] = reader.pointer
    if reader.max_items is not None:
        config["MaxItems"] = reader.max_items
    action = "listObjectsV2" if reader.reader == "objects" else "getObject"
    return {
        "Resource": f"arn:aws:states:::s3:{action}",
        **({"ReaderConfig": config} if config else {}),
        "Arguments": made,
    }


def _batcher(step: ForEach, handed: dict[str, str]) -> dict[str, Any] | None:
    """Developer guide, "ItemBatcher (Map)"."""
    if step.batch is None:
        return None
    limits = {"MaxItemsPerBatch": step.batch.items, "MaxInputBytesPerBatch": step.batch.bytes}
    made: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    if handed:
        made["BatchInput"] = {name: enclosed(text) for name, text in handed.items()}
    return made


def _writer(step: ForEach, names: Names) -> dict[str, Any] | None:
    """Developer guide, "ResultWriter (Map)"."""
    if step.writer is None:
        return None
    arguments = {"Bucket": step.writer.bucket, "Prefix": step.writer.prefix}
    made = {name: template(value, names) for name, value in arguments.items() if value is not None}
    return {"Resource": "arn:aws:states:::s3:putObject", "Arguments": made}


def lower_jump(step: Break | Continue, name: str | None, scope: Scope) -> Lowered:
    """A `break` or `continue` is a plain transition without a state; it passes on the previous value."""
    wanted = isinstance(step, Continue)
    for enclosing in scope.enclosing:
        loop = enclosing.round_ends is not None
        if enclosing.id == name or (name is None and loop):
            edge = enclosing.round_ends if wanted and enclosing.round_ends is not None else enclosing.after
            if scope.is_entry or edge.target is None:
                return _landing(step, edge, scope)
            return Lowered(edge)
    raise AssertionError(f"{step.id} is not in a loop")


def _landing(step: Break | Continue, edge: Edge, scope: Scope) -> Lowered:
    """For jumps that need a state: a body with only a jump, or a jump that ends its scope."""
    if not scope.is_entry:
        return Lowered(edge)
    flowing = scope.passed_on()
    made = Pass(
        step.id, edge.target, assign=edge.assign(flowing, scope.binds), comment=step.description, **scope.passing()
    )
    return Lowered(Edge(step.id), (made,))


# See docs/explanation/decisions.md#loops-and-jumps-cost-few-states
def lower_repeat(lowering: Lowering, step: Repeat, out: Edge, scope: Scope) -> Lowered:
    """A loop: its body, a Choice with the step's name, a Wait between rounds, and a counter that its entry sets."""
    if scope.is_entry:
        return lowering.entered(step.id, scope, lambda own: lower_repeat(lowering, step, out, own))
    rounds = step.rounds
    handlers, handled = lower_catch(lowering, step.id, step.catch, out, scope)
    errors = scope.errors.within(handlers)
    if fails_only_at_its_limit(lowering.workflow, step):
        # What such a handler reads is assigned after a complete round, not at every failure inside one.
        in_body = scope.errors.within(tuple(one for one in handlers if one.errors != (LIMIT_EXCEEDED,)))
    else:
        in_body = errors
    state_name = rounds.as_ if rounds.as_ is not None else (f"{step.id}__round" if rounds.start is not None else None)
    names = scope.names if state_name is None else {**scope.names, state_name: f"${state_name}"}
    counts = rounds.most is not None or _numbers_calls(lowering, step)
    count = count_variable(step.id)
    # If the condition comes first, the counter is one ahead in the body.
    names = {**names, count: f"${count} - 1" if _checks_first(step) else f"${count}"}
    waits = rounds.every is not None and _checks_first(step)
    again = Edge(wait_state(step.id) if waits else step.id, (state_name,) if state_name else ())
    inside = replace(scope, names=names, errors=in_body, rounds=(*scope.rounds, count)).within(
        Enclosing(step.id, out, again)
    )
    if state_name is not None and rounds.start is not None:
        inside = replace(inside, before=f"${state_name}")
    body = lowering.sequence(step.steps, again, inside)
    raised = lowering.errors(step.id, replace(scope, errors=errors))
    check, more = _check(step, body, out, replace(scope, names=names, errors=raised), state_name, counts=counts)
    wait: tuple[State, ...] = ()
    if rounds.every is not None:
        wait = (WaitState(wait_state(step.id), step.id, seconds=rounds.every.seconds),)
    if _checks_first(step):
        entry = step.id
        ordered = (check, *body.states, *wait)
    else:
        entry = target(body.entry, scope)
        ordered = (*body.states, check, *wait)
    if rounds.every is not None and not _checks_first(step):
        # The condition is checked directly after the round; the wait follows if the loop continues.
        wait = (WaitState(wait_state(step.id), body.entry.target, seconds=rounds.every.seconds),)
        ordered = (*body.states, check, *wait)
    if rounds.first == "wait":
        entry = wait_state(step.id)
    kept: list[Kept] = []
    carried: tuple[str, ...] = ()
    if state_name is not None and rounds.start is not None:
        kept.append(Kept(state_name, rounds.start, scope.names))
    elif state_name is not None:
        carried = (state_name,)
    if counts:
        kept.append(Kept(count, 0))
    if _checks_first(step):
        return Lowered(Edge(entry, carried, tuple(kept)), (*ordered, *more, *handled))
    # The loop's entry also sets what the body's own entry sets, such as the counter of a loop that is its first step.
    start = Edge(entry, (*carried, *body.entry.variables), (*kept, *body.entry.kept))
    return Lowered(start, (*ordered, *more, *handled))


def _checks_first(step: Repeat) -> bool:
    return step.rounds.while_ is not None


def _check(
    step: Repeat, body: Lowered, out: Edge, scope: Scope, state_name: str | None, *, counts: bool
) -> tuple[State, tuple[State, ...]]:
    """The Choice that ends the loop or starts the next round, and the error after the last round.

    A loop that only a step inside it can leave needs no Choice: a Pass state starts its next round.
    """
    rounds = step.rounds
    count = count_variable(step.id)
    counted = Kept(count, enclosed(f"${count} + 1"))
    kept = (counted,) if counts else ()
    # If no step passes on a value, the round keeps its initial value.
    handed_on = bool(step.steps) and not _checks_first(step)
    value = INPUT if state_name is None or handed_on else f"${state_name}"
    flowing = Flowing.expression(value)
    passing = {} if value == INPUT else {"output": enclosed(value)}
    more: tuple[State, ...] = ()
    if _checks_first(step):
        assert rounds.while_ is not None  # noqa: S101 - that is what checking first means
        condition = renamed(rounds.while_, scope.names)
        guarded = condition if rounds.most is None else f"({condition}) and ${count} < {rounds.most}"
        goes = replace(body.entry, kept=(*body.entry.kept, *kept))
        rules = [_rule(guarded, goes, target(goes, scope), flowing, passing)]
        if rounds.most is not None:
            rule, more = _run_out(step, condition, scope)
            rules.append(rule)
        return Choice(
            step.id, tuple(rules), target(out, scope), assign=out.assign(flowing), comment=step.description, **passing
        ), more
    rules = []
    if rounds.until is not None:
        rules.append(_rule(renamed(rounds.until, scope.names), out, target(out, scope), flowing, passing))
    if rounds.most is not None:
        rule, more = _run_out(step, f"${count} + 1 >= {rounds.most}", scope)
        rules.append(rule)
    goes = replace(body.entry, kept=(*body.entry.kept, *kept))
    following = wait_state(step.id) if rounds.every is not None else target(goes, scope)
    assign = goes.assign(flowing)
    if not rules:
        return Pass(step.id, following, assign=assign, comment=step.description), more
    return Choice(step.id, tuple(rules), following, assign=assign, comment=step.description), more


def _rule(condition: str, edge: Edge, name: str, flowing: Flowing, passing: dict[str, Any]) -> ChoiceRule:
    return ChoiceRule(enclosed(condition), name, assign=edge.assign(flowing), **passing)


def _run_out(step: Repeat, condition: str, scope: Scope) -> tuple[ChoiceRule, tuple[State, ...]]:
    """The rule for the limit of rounds: a Fail state, or a jump to the catcher."""
    error = {"Error": LIMIT_EXCEEDED, "Cause": f"{step.id} ended after {step.rounds.most} rounds"}
    catcher = next((one for one in scope.errors.handlers if catches(one, LIMIT_EXCEEDED)), None)
    if catcher is None:
        failed = FailState(limit_state(step.id), error["Error"], error["Cause"])
        return ChoiceRule(enclosed(condition), failed.name), (failed,)
    text = f"{{'Error': '{LIMIT_EXCEEDED}', 'Cause': {quoted(error['Cause'])}}}"
    return ChoiceRule(enclosed(condition), catcher.next, error, Caught(error, text).assign(catcher)), ()
