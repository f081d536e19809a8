"""A workflow that tests can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowgen.local import Execution, compile_machine, execute
from flowgen.local.faults import Faults
from flowgen.local.frame import START, Identity
from flowgen.local.integrations import WAITS_FOR_TOKEN
from flowgen.running import Program
from flowgen.running.arguments import BadArgument, check_input, started
from flowgen.testing.doubles import Callee, Double, Doubles, Escape, Fault, check_names, faults_of
from flowgen.testing.runs import Run

if TYPE_CHECKING:
    from flowgen.local.history import Event
    from flowgen.local.machine import Machine


@dataclass(frozen=True, slots=True)
class Workflow:
    """A compiled workflow. `file` is its path; `input_schema` is the type of its input as JSON Schema."""

    file: str
    program: Program = field(repr=False)
    callees: Mapping[str, Callee] = field(repr=False)
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    observe: Callable[[str, str, int], None] | None = field(default=None, repr=False)
    record: Callable[[Run], None] | None = field(default=None, repr=False)
    """Receives each run, also one that an error in the test ended."""
    _machine: Machine = field(init=False, repr=False)
    _machines: Mapping[str, Machine] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        program = self.program
        object.__setattr__(self, "_machine", compile_machine(program.definition))
        object.__setattr__(self, "_machines", {key: compile_machine(one) for key, one in program.machines.items()})

    @property
    def name(self) -> str:
        """The name of the workflow."""
        return self.program.name

    @property
    def definition(self) -> Mapping[str, Any]:
        """The deployed state machine in Amazon States Language."""
        return self.program.definition

    def run(
        self,
        input: Any = None,  # noqa: A002 - the name of the thing in the language
        *,
        trigger: str | None = None,
        mocks: Mapping[str, Double] | None = None,
        answers: Mapping[str, Double] | None = None,
        fail: Mapping[str, Fault] | None = None,
        delay: Mapping[str, timedelta | float] | None = None,
        start: datetime = START,
        seed: int = 0,
        s3_objects: MutableMapping[str, Any] | None = None,
    ) -> Run:
        """Runs the workflow, skipping waits.

        - `input`: a JSON value or a generated model. With `trigger`, the event that the trigger receives.
        - `mocks`: doubles by step or function. A double is a value, a callable that accepts the input (and optionally
          the context), an exception, `raises(…)` or `in_turn(…)`. Functions without a mock run their own code.
        - `answers`: results for task tokens by step, after the step's own code has run. A result is a double, or a
          callable that accepts the token and a `TaskTokens` client to return it with, or not.
        - `fail`: errors by step, as names or exceptions, optionally with a number of attempts: `("States.Timeout", 2)`.
        - `delay`: how much longer steps or their answers take, as timedeltas or seconds.
        - `start`: the initial virtual time. `seed`: the seed for all randomness.
        - `s3_objects`: maps "bucket/key" to text or bytes, and receives the objects that the workflow writes.

        Raises ValueError for an unknown step or trigger, for an invalid event or input, and for a step with both a mock
        and an answer; AssertionError for a missing mock or one that violates the contract.
        """
        from pydantic_core import to_jsonable_python

        __tracebackhide__ = True
        program, kind = self.program, "EXPRESS" if self.program.express else "STANDARD"
        delays = {state: _seconds(given) for state, given in (delay or {}).items()}
        tasks = [name for name, state in program.states() if state.get("Type") == "Task"]
        check_names(mocks or {}, [*tasks, *(callee.function for callee in self.callees.values())], "mocks")
        waiting = [name for name, state in program.states() if str(state.get("Resource")).endswith(WAITS_FOR_TOKEN)]
        check_names(answers or {}, waiting, "answers")
        for name in (answers or {}).keys() & (mocks or {}).keys():
            raise ValueError(
                f"`{name}` has an entry in both `mocks` and `answers`; each provides the result of its task token"
            )
        check_names(fail or {}, tasks, "fail")
        check_names(delays, tasks, "delay")
        given = to_jsonable_python(input, by_alias=True)
        try:
            if trigger is not None:
                given = started(program, trigger, given)
            else:
                check_input(program, given)
        except BadArgument as problem:
            raise ValueError(str(problem)) from None
        late = {state: delays.pop(state) for state in answers or {} if state in delays}
        doubles = Doubles(program, self.callees, mocks or {}, answers or {}, late)
        events: list[Event] = []
        inside: dict[str, list[Event]] | None = None if self.record is None else {}
        try:
            execution = execute(
                self._machine,
                given,
                tasks=program.tasks,
                mock=doubles,
                answer_to=doubles.answer_to,
                faults=Faults(faults_of(program, fail or {}), delays),
                machines=self._machines,
                machine_type=kind,
                identity=Identity(machine=program.name, machine_type=kind),
                s3_objects=s3_objects,
                start=start,
                seed=seed,
                observe=self.observe,
                events=events,
                inside=inside,
            )
        except Escape as escape:
            self._record(_broken_off(escape.problem, start, events), inside)
            raise escape.problem from None
        return self._record(execution, inside)

    def _record(self, execution: Execution, inside: Mapping[str, list[Event]] | None) -> Run:
        run = Run(execution, self.program, self.file, self.callees, inside or {})
        if self.record is not None:
            self.record(run)
        return run


def _broken_off(problem: BaseException, start: datetime, events: list[Event]) -> Execution:
    """The execution up to an error in the test, such as a missing mock."""
    elapsed = events[-1].time if events else 0.0
    return Execution("ABORTED", None, type(problem).__name__, str(problem), elapsed, start, tuple(events))


def _seconds(delay: timedelta | float) -> float:
    return delay.total_seconds() if isinstance(delay, timedelta) else delay
