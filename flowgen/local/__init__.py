"""Runs state machines locally: Step Functions' behavior in virtual time.

In: a definition in Amazon States Language (a dict), an input, and callables that replace what its tasks call.
Out: an `Execution`: status, output or error, and the history in the form of GetExecutionHistory. Never: real waiting
(unless `pace` is set), threads (unless `caller` uses them), its own clock or randomness, flowgen's own language. The
same run returns the same bytes.

`machine` compiles each state once into a closure, `scheduler` runs threads of control over a virtual clock, and
`execution` is the entry point.
"""

from flowgen.local.execution import Execution, execute
from flowgen.local.handlers import HandlerLoadError, load_handler
from flowgen.local.machine import compile_machine
from flowgen.local.runtime_types import Task, TaskError
from flowgen.local.single_state import StateTest, test_state
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
