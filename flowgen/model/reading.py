"""Reads a workflow, including its imports, from a document's root node."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flowgen.diagnostics import Sink, Span
from flowgen.model.element import Reading, labelled
from flowgen.model.extending import with_bases
from flowgen.model.workflow import Library, Workflow
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, Sequence

SHARED = ("types", "functions", "parameters", "mappings", "conditions", "resources", "outputs")
MOST_IMPORTS = 100


def read_workflow(
    root: Node,
    sink: Sink,
    read_file: Callable[[str], str | None] | None = None,
    read_python: Callable[[str, Span], str | None] | None = None,
    parse: Callable[[str, str, Sink], Node | None] | None = None,
) -> Workflow | None:
    """The workflow, or None if an error was reported to `sink`.

    `read_file` returns the content of a file named by `import` or a type's `$ref`, relative to the workflow's folder,
    or None if the file does not exist or is outside the project. `read_python` returns the stored JSON Schema of a
    class. `parse` parses imported files (see
    `Reading.parse`).
    """
    reading = Reading(sink)
    if read_file is not None:
        reading = replace(reading, read_file=read_file)
    if read_python is not None:
        reading = replace(reading, read_python=read_python)
    if parse is not None:
        reading = replace(reading, parse=parse)
    workflow = Workflow.read(root, reading)
    if workflow is not None and workflow.imports:
        workflow = _with_imports(workflow, reading)
    if workflow is not None and any(declared.bases for declared in workflow.types.values()):
        workflow = workflow.model_copy(update={"types": with_bases(workflow.types, reading)})
    return None if sink.failed else workflow


def _with_imports(workflow: Workflow, reading: Reading) -> Workflow:
    """The workflow with the declarations (types, functions, resources, …) of its imported files (FG005, FG205)."""
    together: dict[str, dict[str, Any]] = {name: dict(getattr(workflow, name)) for name in SHARED}
    places = {name: dict(_places(workflow, name)) for name in SHARED}
    for library in _libraries(workflow, reading):
        for section in SHARED:
            own = dict(_places(library, section))
            for name, declared in getattr(library, section).items():
                if name in together[section]:
                    reading.tell(
                        "FG205",
                        f"`{name}` is declared twice under `{section}`, here and in an imported file",
                        own.get(name, library.node),
                        secondary=labelled(places[section].get(name, workflow.node), "declared here too"),
                    )
                    continue
                together[section][name] = declared
                places[section][name] = own.get(name, library.node)
    return workflow.model_copy(update=together)


def _places(owner: Workflow | Library, section: str) -> Iterator[tuple[str, Node]]:
    node = owner.node.get(section)
    if isinstance(node, MappingNode):
        yield from ((entry.key.text, entry.key) for entry in node.entries)


def _libraries(workflow: Workflow, reading: Reading) -> Iterator[Library]:
    """Each imported file, once, including those that imported files import (FG005 after `MOST_IMPORTS`)."""
    waiting: list[tuple[str, Span]] = list(_imported(workflow, ""))
    seen: set[str] = set()
    while waiting:
        path, where = waiting.pop(0)
        if path in seen:
            continue
        if len(seen) == MOST_IMPORTS:
            help_ = "combine related declarations in one file"
            reading.tell("FG005", f"a workflow can import at most {MOST_IMPORTS} files", where, help=help_)
            return
        seen.add(path)
        library = _library(path, where, workflow, reading)
        if library is not None:
            waiting += _imported(library, posixpath.dirname(path))
            yield library


def _imported(owner: Workflow | Library, folder: str) -> Iterator[tuple[str, Span]]:
    node = owner.node.get("import")
    items = node.items if isinstance(node, Sequence) else (node,)
    for path, item in zip(owner.imports, items, strict=False):
        if item is not None:
            yield posixpath.normpath(posixpath.join(folder, path)), item.span


def _library(path: str, where: Span, workflow: Workflow, reading: Reading) -> Library | None:
    text = reading.read_file(path)
    if text is None:
        help_ = "write the path of a YAML file in the project, relative to this file's folder"
        reading.tell("FG005", f"`{path}` can't be read", where, help=help_)
        return None
    shown = posixpath.normpath(posixpath.join(posixpath.dirname(workflow.node.origin.file), path))
    root = reading.parse(shown, text, reading.sink)
    folder = posixpath.dirname(path)
    inside = replace(reading, read_file=lambda name: reading.read_file(posixpath.join(folder, name)), source=path)
    return None if root is None else Library.read(root, inside)
