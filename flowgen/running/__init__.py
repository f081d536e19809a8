"""Runs a workflow or another state machine for a user, and reports the result.

In: a loaded workflow or the text of a definition; the callables of its tasks: the project's handlers, mocks from a
file, AWS, the user at the terminal; injected errors; a recorded history to compare with. Out: executions, and reports
on them. Never: click; rules of the States Language (see `local`); AWS or the network unless requested.
"""

from flowgen.running.program import Program, of_definition, of_workflow
from flowgen.running.runs import Options, run

__all__ = ["Options", "Program", "of_definition", "of_workflow", "run"]
