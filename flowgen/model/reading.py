"""A document's root node to a workflow."""

from __future__ import annotations

from collections.abc import Callable

from flowgen.diagnostics import Sink
from flowgen.model.element import Reading
from flowgen.model.workflow import Workflow
from flowgen.source import Node


def read_workflow(root: Node, sink: Sink, read_file: Callable[[str], str | None] | None = None) -> Workflow | None:
    """The workflow, or None when `sink` got an error.

    `read_file` gives the text of a file named by a type's `$ref`, relative to the workflow's folder; None where there
    is none or it lies outside the project.
    """
    reading = Reading(sink) if read_file is None else Reading(sink, read_file=read_file)
    workflow = Workflow.read(root, reading)
    return None if sink.failed else workflow
