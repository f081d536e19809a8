"""Tests workflows: runs them with test doubles, asserts what happened, and measures coverage.

In: a workflow file. Out: a `Workflow` to run, the resulting `Run`, whose failed assertions show the trace, and the
coverage of the workflow. Never: pytest (see `flowgen.pytest_plugin`), changes to the deployed state machine, doubles
that violate the function's contract.
"""

from flowgen.local.task_tokens import Answer, TaskTokens, answering_with
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
    "answering_with",
    "in_turn",
    "inputs",
    "load",
    "raises",
]
