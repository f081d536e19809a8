"""Workflows under test: run with doubles in place of functions, held to what they did, and what no test used.

In: a workflow file. Out: a `Workflow` to run, the `Run` that it came to, whose assertions tell the trace, and how much
of the workflow the runs covered. Never: pytest (that is `flowgen.pytest_plugin`), a change of the state machine that
ships, a double that the function's contract would refuse.
"""

from flowgen.testing.answers import Answer, TaskTokens
from flowgen.testing.doubles import in_turn, raises
from flowgen.testing.loading import Flowgen, WorkflowError, load
from flowgen.testing.runs import Call, Run
from flowgen.testing.strategies import inputs
from flowgen.testing.workflow import Workflow

__all__ = [
    "Answer",
    "Call",
    "Flowgen",
    "Run",
    "TaskTokens",
    "Workflow",
    "WorkflowError",
    "in_turn",
    "inputs",
    "load",
    "raises",
]
