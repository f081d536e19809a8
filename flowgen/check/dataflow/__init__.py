"""Type-checks the data that flows through a workflow.

In: a workflow without errors in its names and its control flow, and its child workflows. Out: diagnostics (FG3xx).
Never: evaluation, changes to the workflow, findings that only follow from a reported one.

It checks shapes: fields and kinds. Generated models check patterns, ranges and formats at run time.
"""

from flowgen.check.dataflow.flow import Dataflow, analyse, check_dataflow

__all__ = ["Dataflow", "analyse", "check_dataflow"]
