"""Reads a workflow, including its imports, from a document's root node."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Sequence as Sequenced
from contextlib import suppress
from dataclasses import replace
from typing import Any

from flowgen.diagnostics import Sink, Span
from flowgen.model.element import Reading, Unread, labelled
from flowgen.model.extending import with_bases
from flowgen.model.stack_settings import of_library, with_settings
from flowgen.model.steps import catchers_at
from flowgen.model.steps.base import Retrier, read_retry
from flowgen.model.validation import Boundaries
from flowgen.model.workflow import Handler, Library, Workflow, every_step
from flowgen.source import Mapping as MappingNode
from flowgen.source import Node, Scalar, Sequence

SHARED = ("types", "functions", "retries", "handlers", "parameters", "mappings", "conditions", "resources", "outputs")
MOST_IMPORTS = 100


def read_workflow(
    root: Node,
    sink: Sink,
    read_file: Callable[[str], str | None] | None = None,
    read_python: Callable[[str, Span], str | None] | None = None,
    parse: Callable[[str, str, Sink], Node | None] | None = None,
    validation: Boundaries = frozenset(),
    settings: MappingNode | None = None,
) -> Workflow | None:
    """The workflow, or None if an error was reported to `sink`.

    `read_file` returns the content of a file named by `import` or a type's `$ref`, relative to the workflow's folder,
    or None if the file does not exist or is outside the project. `read_python` returns the stored JSON Schema of a
    class. `parse` parses imported files (see `Reading.parse`). `validation` applies if the workflow has no `validate`,
    and each of `settings` (see `stack_settings`) if neither the workflow nor an imported file has it.
    """
    reading = Reading(sink)
    if read_file is not None:
        reading = replace(reading, read_file=read_file)
    if read_python is not None:
        reading = replace(reading, read_python=read_python)
    if parse is not None:
        reading = replace(reading, parse=parse)
    files = list(_imported_files(root, reading))
    reading = replace(reading, retries=_retries([root, *(node for _, node in files)], reading))
    libraries = [library for path, node in files if (library := _library(path, node, reading)) is not None]
    workflow = Workflow.read(_with_settings(root, libraries, settings, reading), reading)
    if workflow is not None and libraries:
        workflow = _with_imports(workflow, libraries, reading)
    if workflow is not None and any(declared.bases for declared in workflow.types.values()):
        workflow = workflow.replace(types=with_bases(workflow.types, reading))
    if workflow is not None and workflow.validation is None:
        workflow = workflow.replace(validation=validation)
    return None if sink.failed else workflow


def _retries(roots: Iterable[Node], reading: Reading) -> dict[str, tuple[Retrier, ...]]:
    """The named retries of all files. Reading the files reports the problems of their declarations."""
    left: dict[str, Node] = {}
    for root in roots:
        written = root.get("retries") if isinstance(root, MappingNode) else None
        for entry in written.entries if isinstance(written, MappingNode) else ():
            left.setdefault(entry.key.text, entry.value)
    named: dict[str, tuple[Retrier, ...]] = {}
    known = -1
    while known < len(named):  # a retry may contain others, which are read before
        known = len(named)
        for name in left.keys() - named.keys():
            with suppress(Unread):
                named[name] = read_retry(left[name], replace(reading, sink=Sink(), retries=dict(named)))
    return {name: named[name] for name in left if name in named}


def _with_settings(root: Node, libraries: Iterable[Library], settings: MappingNode | None, reading: Reading) -> Node:
    """A workflow's node with the settings of its imported files (FG553) and of the project."""
    if not isinstance(root, MappingNode):
        return root

    def claimed(first: Scalar, second: Scalar) -> None:
        message = f"`{second.text}` has different values in two files"
        help_ = "keep one of them: a setting of an imported file applies to all workflows that import the file"
        reading.tell("FG553", message, second, secondary=labelled(first, "the other value"), help=help_)

    for library in libraries:
        root = with_settings(root, of_library(library.node), claimed)
    return root if settings is None else with_settings(root, settings)


def _with_imports(workflow: Workflow, libraries: Sequenced[Library], reading: Reading) -> Workflow:
    """The workflow with the declarations (types, functions, resources, …) of its imported files (FG205)."""
    together: dict[str, dict[str, Any]] = {name: dict(getattr(workflow, name)) for name in SHARED}
    places = {name: dict(_places(workflow, name)) for name in SHARED}
    for library in libraries:
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
    overrides = (*workflow.overrides, *(override for library in libraries for override in library.overrides))
    return _without_unused_handlers(workflow.replace(**together, overrides=overrides), own=workflow.handlers)


def _without_unused_handlers(workflow: Workflow, own: Mapping[str, Handler]) -> Workflow:
    """The workflow without the imported handlers that no `catch` names: their steps are not part of it."""
    handlers = dict(own)
    while True:
        made = workflow.replace(handlers=handlers)
        catchers = [*workflow.catch, *(catcher for step in every_step(made) for catcher in catchers_at(step))]
        missing = {catcher.handler for catcher in catchers if catcher.handler is not None} - handlers.keys()
        found = {name: handler for name, handler in workflow.handlers.items() if name in missing}
        if not found:
            return made
        handlers |= found


def _places(owner: Workflow | Library, section: str) -> Iterator[tuple[str, Node]]:
    node = owner.node.get(section)
    if isinstance(node, MappingNode):
        yield from ((entry.key.text, entry.key) for entry in node.entries)


def _imported_files(root: Node, reading: Reading) -> Iterator[tuple[str, Node]]:
    """Each imported file, once, including those that imported files import (FG005, also after `MOST_IMPORTS`)."""
    waiting = list(_imports(root, ""))
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
        node = _file(path, where, root, reading)
        if node is not None:
            waiting += _imports(node, posixpath.dirname(path))
            yield path, node


def _imports(root: Node, folder: str) -> Iterator[tuple[str, Span]]:
    """The paths under `import`, from the workflow's folder. Reading the file reports entries that are not strings."""
    node = root.get("import") if isinstance(root, MappingNode) else None
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield posixpath.normpath(posixpath.join(folder, item.text)), item.span


def _file(path: str, where: Span, root: Node, reading: Reading) -> Node | None:
    text = reading.read_file(path)
    if text is None:
        help_ = "write the path of a YAML file in the project, relative to this file's folder"
        reading.tell("FG005", f"`{path}` can't be read", where, help=help_)
        return None
    shown = posixpath.normpath(posixpath.join(posixpath.dirname(root.origin.file), path))
    return reading.parse(shown, text, reading.sink)


def _library(path: str, root: Node, reading: Reading) -> Library | None:
    folder = posixpath.dirname(path)
    inside = replace(reading, read_file=lambda name: reading.read_file(posixpath.join(folder, name)), source=path)
    return Library.read(root, inside)
