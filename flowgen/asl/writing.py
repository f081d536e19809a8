"""Writes a state machine as Amazon States Language, with fields in conventional order."""

from __future__ import annotations

from typing import Any, assert_never

from flowgen.asl.states import (
    ABSENT,
    Catcher,
    Choice,
    ChoiceRule,
    Fail,
    Flow,
    Map,
    Parallel,
    Pass,
    Raw,
    Retrier,
    State,
    StateMachine,
    Succeed,
    Task,
    Wait,
)

Json = dict[str, Any]


def to_json(machine: StateMachine) -> Json:
    """The definition in the format of `CreateStateMachine`.

    >>> from flowgen.asl.states import Pass
    >>> machine = StateMachine("greet", (Pass("greet", None, output={"text": "hello"}),))
    >>> to_json(machine)["States"]
    {'greet': {'Type': 'Pass', 'Output': {'text': 'hello'}, 'End': True}}
    """
    return _present(
        Comment=machine.comment,
        QueryLanguage="JSONata",
        StartAt=machine.start_at,
        TimeoutSeconds=machine.timeout_seconds,
        States={state.name: _state(state) for state in machine.states},
    )


def _state(state: State) -> Json:
    match state:
        case Pass():
            return _present(
                Type="Pass",
                Comment=state.comment,
                Output=state.output,
                Assign=dict(state.assign) or None,
            ) | _after(state.next)
        case Task():
            return _present(
                Type="Task",
                Comment=state.comment,
                Resource=state.resource,
                Arguments=state.arguments,
                Credentials=state.credentials,
                TimeoutSeconds=state.timeout_seconds,
                HeartbeatSeconds=state.heartbeat_seconds,
                Output=state.output,
                Assign=dict(state.assign) or None,
                Retry=[_retrier(retrier) for retrier in state.retry] or None,
                Catch=[_catcher(catcher) for catcher in state.catch] or None,
            ) | _after(state.next)
        case Choice():
            return _present(
                Type="Choice",
                Comment=state.comment,
                Choices=[_rule(rule) for rule in state.rules],
                Default=state.default,
                Output=state.output,
                Assign=dict(state.assign) or None,
            )
        case Wait():
            return _present(
                Type="Wait",
                Comment=state.comment,
                Seconds=state.seconds,
                Timestamp=state.timestamp,
                Output=state.output,
                Assign=dict(state.assign) or None,
            ) | _after(state.next)
        case Succeed():
            return _present(Type="Succeed", Comment=state.comment, Output=state.output)
        case Fail():
            return _present(Type="Fail", Comment=state.comment, Error=state.error, Cause=state.cause)
        case Parallel():
            return _present(
                Type="Parallel",
                Comment=state.comment,
                Arguments=state.arguments,
                Branches=[_flow(branch) for branch in state.branches],
                Output=state.output,
                Assign=dict(state.assign) or None,
                Retry=[_retrier(retrier) for retrier in state.retry] or None,
                Catch=[_catcher(catcher) for catcher in state.catch] or None,
            ) | _after(state.next)
        case Map():
            return _map(state) | _after(state.next)
        case Raw():
            content = {key: value for key, value in state.content.items() if key not in ("Type", "Comment")}
            catch = [*state.content.get("Catch", ()), *(_catcher(catcher) for catcher in state.catch)]
            return (
                _present(Type=state.content["Type"], Comment=state.comment or state.content.get("Comment"))
                | content
                | _present(Assign={**state.content.get("Assign", {}), **state.assign} or None, Catch=catch or None)
                | _after(state.next)
            )
        case _:
            assert_never(state)


def _flow(flow: Flow) -> Json:
    return {"StartAt": flow.start_at, "States": {state.name: _state(state) for state in flow.states}}


def _map(state: Map) -> Json:
    config = (
        {"Mode": "INLINE"} if state.child_type is None else {"Mode": "DISTRIBUTED", "ExecutionType": state.child_type}
    )
    return _present(
        Type="Map",
        Comment=state.comment,
        Items=state.items,
        ItemReader=state.reader,
        ItemSelector=state.item_selector,
        ItemBatcher=state.batcher,
        MaxConcurrency=state.max_concurrency,
        ToleratedFailureCount=state.tolerated_count,
        ToleratedFailurePercentage=state.tolerated_percentage,
        Label=state.label,
        ItemProcessor={"ProcessorConfig": config, **_flow(state.body)},
        ResultWriter=state.writer,
        Output=state.output,
        Assign=dict(state.assign) or None,
        Retry=[_retrier(retrier) for retrier in state.retry] or None,
        Catch=[_catcher(catcher) for catcher in state.catch] or None,
    )


def _present(**fields: Any) -> Json:
    """The fields that are set. A template that is null is `{% null %}`."""
    return {name: value for name, value in fields.items() if value is not None and value is not ABSENT}


def _after(target: str | None) -> Json:
    return {"End": True} if target is None else {"Next": target}


def _retrier(retrier: Retrier) -> Json:
    return _present(
        ErrorEquals=list(retrier.errors),
        IntervalSeconds=retrier.interval,
        MaxAttempts=retrier.attempts,
        BackoffRate=retrier.backoff,
        MaxDelaySeconds=retrier.max_delay,
        JitterStrategy="FULL" if retrier.jitter else None,
    )


def _catcher(catcher: Catcher) -> Json:
    return _present(
        ErrorEquals=list(catcher.errors),
        Next=catcher.next,
        Output=catcher.output,
        Assign=dict(catcher.assign) or None,
    )


def _rule(rule: ChoiceRule) -> Json:
    return _present(Condition=rule.condition, Next=rule.next, Output=rule.output, Assign=dict(rule.assign) or None)
