"""`for_each`: keys of the distributed mode, keys of readers, and the limit on concurrency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowgen.aws.limits import MAX_INLINE_CONCURRENCY, MAX_LABEL
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import ForEach, Reader, Workflow, every_step

_DISTRIBUTED_ONLY = ("batch", "writer", "tolerate", "child_type", "label")
_BAD_IN_LABEL = re.compile(r"""[\s?*<>{}\[\]:;,\\|^~$#%&`"/\x00-\x1f\x7f-\x9f]""")
"""Developer guide, "Map state in Distributed mode", `Label`."""


def check_maps(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402, FG408 and FG409, for every `for_each`."""
    labels: dict[str, Span] = {}
    for step in every_step(workflow):
        if isinstance(step, ForEach):
            yield from _mode(step)
            yield from _reader(step)
            yield from _label(step, labels)


def _mode(step: ForEach) -> Iterator[Diagnostic]:
    if step.mode == "distributed":
        if step.batch is not None and step.batch.items is None and step.batch.bytes is None:
            yield Diagnostic("FG408", "a batch needs `items` or `bytes`, its maximum size", step.span_of("batch"))
        return
    for key in _DISTRIBUTED_ONLY:
        entry = step.node.entry(key)
        if entry is not None:
            yield _only_distributed(f"`{key}`", entry.key.span)
    if isinstance(step.items, Reader):
        yield _only_distributed("a reader", step.span_of("for_each"))
    if isinstance(step.max_concurrency, int) and step.max_concurrency > MAX_INLINE_CONCURRENCY:
        yield Diagnostic(
            "FG409",
            f"AWS runs at most {MAX_INLINE_CONCURRENCY} items at once in inline mode",
            step.span_of("max_concurrency"),
            help=f"write {MAX_INLINE_CONCURRENCY} or less, or `mode: distributed`",
        )


def _only_distributed(what: str, span: Span) -> Diagnostic:
    return Diagnostic("FG408", f"only a distributed `for_each` can have {what}", span, help="add `mode: distributed`")


def _reader(step: ForEach) -> Iterator[Diagnostic]:
    reader = step.items
    if not isinstance(reader, Reader):
        return
    takes = {
        "objects": ("prefix",),
        "csv": ("key", "headers", "delimiter", "convert"),
        "manifest": ("key", "convert"),
        "json": ("key", "pointer"),
    }.get(reader.reader, ("key",))
    if "key" in takes and reader.key is None:
        yield Diagnostic(
            "FG408",
            f"`reader: {reader.reader}` needs `key`, the key of the file",
            reader.span_of("reader"),
        )
    for name in ("key", "prefix", "pointer", "headers", "delimiter", "convert"):
        entry = reader.node.entry(name)
        if entry is not None and name not in takes:
            yield Diagnostic("FG408", f"`reader: {reader.reader}` does not support `{name}`", entry.key.span)


def _label(step: ForEach, labels: dict[str, Span]) -> Iterator[Diagnostic]:
    if step.label is None or step.mode != "distributed":
        return
    span = step.span_of("label")
    bad = _BAD_IN_LABEL.search(step.label)
    if not step.label or len(step.label) > MAX_LABEL:
        yield Diagnostic(
            "FG402", f"a label must have 1 to {MAX_LABEL} characters, but this has {len(step.label)}", span
        )
    elif bad is not None:
        yield Diagnostic("FG402", f"`{bad[0]}` is not allowed in a label", span)
    first = labels.setdefault(step.label, span)
    if first != span:
        yield Diagnostic("FG402", "each `for_each` needs its own label", span, secondary=(Label(first, "taken here"),))
