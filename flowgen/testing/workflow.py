"""A workflow as a test sees it: it can be run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowgen.local import compile_machine, execute
from flowgen.local.faults import Faults
from flowgen.local.frame import START, Identity
from flowgen.local.integrations import WAITS_FOR_TOKEN
from flowgen.running import Program
from flowgen.running.arguments import BadArgument, started
from flowgen.testing.doubles import Callee, Double, Doubles, Escape, Fault, check_names, faults_of
from flowgen.testing.runs import Run

if TYPE_CHECKING:
    from flowgen.local.machine import Machine


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow, compiled once. `file` is its file, `input_schema` its input's type as JSON Schema."""

    file: str
    program: Program = field(repr=False)
    callees: Mapping[str, Callee] = field(repr=False)
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    observe: Callable[[str, str, int], None] | None = field(default=None, repr=False)
    _machine: Machine = field(init=False, repr=False)
    _machines: Mapping[str, Machine] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        program = self.program
        object.__setattr__(self, "_machine", compile_machine(program.definition))
        object.__setattr__(self, "_machines", {key: compile_machine(one) for key, one in program.machines.items()})

    @property
    def name(self) -> str:
        """Its name."""
        return self.program.name

    @property
    def definition(self) -> Mapping[str, Any]:
        """What ships, in Amazon States Language."""
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
        """Runs the workflow; time is skipped.

        `input` is a JSON value, or one of the generated models; with the name of a `trigger`, it is the event that the
        trigger starts the workflow with. `mocks` has doubles by step or function: a value, a
        callable of the input (and the context), an exception, `raises(…)` or `in_turn(…)`; without one a function's own
        code runs. `answers` has what answers the task tokens of steps that wait: a double as above, or a callable of
        the token and a `TaskTokens`, through which it answers, or not; the code that gives the token away runs before.
        `fail` has errors by step, by name or as exceptions, each alone or with the number of attempts that it befalls:
        `("States.Timeout", 2)`. `delay` is what steps, or their answers, take longer, as timedeltas or seconds. `start`
        is the clock's, `seed` that of all randomness, `s3_objects` maps "bucket/key" to text or bytes and takes what is
        written.

        Raises ValueError for the name of a step or trigger that there is not, for an event that does not fit, and for a
        step with a mock besides its answer; AssertionError for a mock that is missing or breaks the contract.
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
                f"`{name}` has a mock, which is the answer to its task token, and one of `answers` besides"
            )
        check_names(fail or {}, tasks, "fail")
        check_names(delays, tasks, "delay")
        given = to_jsonable_python(input, by_alias=True)
        try:
            given = given if trigger is None else started(program, trigger, given)
        except BadArgument as problem:
            raise ValueError(str(problem)) from None
        late = {state: delays.pop(state) for state in answers or {} if state in delays}
        doubles = Doubles(program, self.callees, mocks or {}, answers or {}, late)
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
            )
        except Escape as escape:
            raise escape.problem from None
        return Run(execution, program, self.file, self.callees)


def _seconds(delay: timedelta | float) -> float:
    return delay.total_seconds() if isinstance(delay, timedelta) else delay
