"""Runs a workflow or a foreign state machine as a person asks for it, and tells what came of it.

In: a loaded workflow or the text of a definition; what stands for its tasks: the project's handlers, mocks from a file,
AWS itself, answers from the terminal; faults; a recorded history to hold it against. Out: executions, and the text of
what happened. Never: click; a rule of the States Language (`local` has them); AWS or the network unless asked.
"""

from flowgen.running.program import Program, of_definition, of_workflow
from flowgen.running.runs import Options, Outcome, run

__all__ = ["Options", "Outcome", "Program", "of_definition", "of_workflow", "run"]
