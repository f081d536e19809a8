"""Runs state machines on this machine: Step Functions' behaviour, in virtual time.

In: a definition in Amazon States Language (a dict), an input, and the callables that stand for what its tasks call.
Out: an `Execution`: status, output or error, and the history in the form of GetExecutionHistory. Never: real waiting
(unless a pace is given), threads (unless a caller is given), a clock or randomness of its own, a word of flowgen's own
language. The same run gives the same bytes.

The order of things: `machine` compiles each state once into a closure, `scheduler` runs the lines of control over a
virtual clock, `execution` is the front door.
"""

from flowgen.local.execution import Execution, execute
from flowgen.local.handlers import HandlerLoadError, load_handler
from flowgen.local.machine import compile_machine
from flowgen.local.single_state import StateTest, test_state
from flowgen.local.tasks import Task, TaskError
from flowgen.local.trace import render_trace

__all__ = [
    "Execution",
    "HandlerLoadError",
    "StateTest",
    "Task",
    "TaskError",
    "compile_machine",
    "execute",
    "load_handler",
    "render_trace",
    "test_state",
]
