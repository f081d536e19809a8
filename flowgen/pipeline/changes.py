"""What changed in the workflows of a project: steps, contracts, errors, permissions and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flowgen.pipeline.build import Build, Source
from flowgen.pipeline.permissions import permissions_of, resources_of
from flowgen.pipeline.short_texts import MAX_LENGTH, short

if TYPE_CHECKING:
    from flowgen.model import Step, Workflow

Kind: TypeAlias = Literal["added", "removed", "changed"]
_Functions: TypeAlias = Mapping[str, Mapping[str, Any]]

_STEP_BODIES = frozenset({"steps", "catch", "handlers"})
_APART = frozenset({"flowgen", "name", "input", "output", "functions", "types", *_STEP_BODIES})
"""Keys of a workflow that are compared by their meaning, not as YAML."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One value of an element: its path, as in `retry.0.attempts`, and its text before and after (None: missing)."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One element that differs. `breaking` says whom the change breaks; None if it breaks nobody."""

    section: str
    """`interface`, `steps`, `functions`, `types`, `errors`, `settings` or `permissions`."""
    kind: Kind
    name: str
    details: tuple[Detail, ...] = ()
    breaking: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowChange:
    """The changes of one workflow; `notes` say what could not be compared."""

    name: str
    kind: Kind
    file: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def breaking(self) -> tuple[str, ...]:
        """Whom the changes break, and how."""
        return tuple(change.breaking for change in self.changes if change.breaking is not None)


def compare(before: Sequence[Source], after: Sequence[Source]) -> tuple[WorkflowChange, ...]:
    """The workflows of a project that differ, in the order of their names, without those of unreadable files."""
    left_out = {*unreadable(before), *unreadable(after)}
    old, new = _by_name(before, left_out), _by_name(after, left_out)
    found: list[WorkflowChange] = []
    for name in sorted({*old, *new}):
        if name not in new:
            reason = f"executions of `{name}` can no longer be started"
            gone = Change("interface", "removed", "state machine", breaking=reason)
            found.append(WorkflowChange(name, "removed", old[name].found.shown, (gone,)))
        elif name not in old:
            steps = tuple(Change("steps", "added", _titled(step)) for step in _steps(new[name].workflow).values())
            found.append(WorkflowChange(name, "added", new[name].found.shown, steps))
        else:
            changes, notes = _compared(old[name], new[name])
            if changes:
                found.append(WorkflowChange(name, "changed", new[name].found.shown, changes, notes))
    return tuple(found)


def unreadable(sources: Sequence[Source]) -> tuple[str, ...]:
    """The files that cannot be read as workflows, which are left out of a comparison."""
    return tuple(source.found.shown for source in sources if source.build is None)


def _by_name(sources: Sequence[Source], left_out: set[str]) -> dict[str, Build]:
    builds = (source.build for source in sources if source.found.shown not in left_out)
    return {build.workflow.name: build for build in builds if build is not None}


def _compared(old: Build, new: Build) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    steps, types = _step_changes(old.workflow, new.workflow), _types(old.workflow, new.workflow)
    failed = [when for when, build in (("before", old), ("after", new)) if build.source.reported.failed]
    if failed:
        when = " and ".join(failed)
        notes = (
            f"`flowgen check` reports errors {when} the change, so input, output and permissions are not compared",
        )
        changes = [*steps, *_functions(_settings_of(old), _settings_of(new)), *types]
    else:
        functions = _functions(_contracts(old), _contracts(new))
        changes = [*_interface(old, new), *steps, *functions, *types, *_errors(old, new), *_permissions(old, new)]
    changes += _settings(old.workflow, new.workflow)
    return tuple(changes), notes


def _steps(workflow: Workflow) -> dict[str, Step]:
    from flowgen.model import every_step

    return {step.id: step for step in every_step(workflow)}


def _titled(step: Step) -> str:
    from flowgen.source import Scalar

    value = step.node.get(step.kind)
    shown = f" {value.text}" if isinstance(value, Scalar) and len(value.text) <= MAX_LENGTH else ""
    return f"{step.id} ({step.kind}{shown})"


def _step_changes(old: Workflow, new: Workflow) -> Iterator[Change]:
    """Steps are the same if their ids are. Moves count if a step has another owner or changes places with others."""
    before, after = _steps(old), _steps(new)
    owners_before, owners_after = _owners(old), _owners(new)
    kept = [identity for identity in before if identity in after]
    moved = _out_of_order(kept, [identity for identity in after if identity in before])
    for identity, step in after.items():
        if identity not in before:
            yield Change("steps", "added", _titled(step))
            continue
        details = list(_differences("", _own(before[identity]), _own(step)))
        if owners_before[identity] != owners_after[identity]:
            details.append(Detail("place", owners_before[identity], owners_after[identity]))
        elif identity in moved:
            details.append(Detail("place", None, "in a different order"))
        if details:
            yield Change("steps", "changed", _titled(step), tuple(details))
    for identity, step in before.items():
        if identity not in after:
            yield Change("steps", "removed", _titled(step))


def _owners(workflow: Workflow) -> dict[str, str]:
    """Where each step is: the id of the step around it and the number of its list there."""
    from flowgen.model.steps.kinds import bodies_of

    places: dict[str, str] = {}
    lists = [("the workflow", workflow.steps)]
    lists += [("the workflow's catch", catcher.steps) for catcher in workflow.catch if catcher.steps is not None]
    lists += [(f"handler {name}", handler.steps) for name, handler in workflow.handlers.items()]
    while lists:
        place, steps = lists.pop()
        for step in steps:
            places[step.id] = place
            bodies = bodies_of(step)
            lists += [
                (step.id if len(bodies) == 1 else f"{step.id}, list {number}", body)
                for number, body in enumerate(bodies, 1)
            ]
    return places


def _out_of_order(before: list[str], after: list[str]) -> frozenset[str]:
    """The fewest names whose removal leaves the rest in the same order: all but a longest increasing sequence."""
    from bisect import bisect_left

    position = {name: number for number, name in enumerate(before)}
    ends: list[int] = []
    last: list[str] = []
    previous: dict[str, str | None] = {}
    for name in after:
        place = bisect_left(ends, position[name])
        previous[name] = last[place - 1] if place else None
        if place == len(ends):
            ends.append(position[name])
            last.append(name)
        else:
            ends[place], last[place] = position[name], name
    kept: set[str] = set()
    name_ = last[-1] if last else None
    while name_ is not None:
        kept.add(name_)
        name_ = previous[name_]
    return frozenset(set(after) - kept)


def _own(step: Step) -> Any:
    """A step as JSON, without the steps inside it and its id."""
    from flowgen.model.steps.kinds import bodies_of

    inner = {id(one.node) for body in bodies_of(step) for one in body}
    value = _plain_without(step.node, inner)
    return {name: one for name, one in value.items() if name != "id"}


def _plain_without(node: Any, left_out: set[int]) -> Any:
    from flowgen.source import Mapping as MappingNode
    from flowgen.source import Sequence as SequenceNode
    from flowgen.source import plain

    match node:
        case SequenceNode(items=items):
            return [_plain_without(item, left_out) for item in items if id(item) not in left_out]
        case MappingNode(entries=entries):
            return {entry.key.text: _plain_without(entry.value, left_out) for entry in entries}
        case _:
            return plain(node)


def _differences(path: str, before: Any, after: Any) -> Iterator[Detail]:
    """Where two JSON values differ, as deep as both have the same shape."""
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in (*before, *(name for name in after if name not in before)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in after:
                yield Detail(inner, short(before[name]), None)
            elif name not in before:
                yield Detail(inner, None, short(after[name]))
            else:
                yield from _differences(inner, before[name], after[name])
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{path}.{number}", one, other)
    else:
        yield Detail(path, short(before), short(after))


def _interface(old: Build, new: Build) -> Iterator[Change]:
    """The input that the workflow accepts, and the output that it promises."""
    from flowgen.check.dataflow.contracts import Contracts
    from flowgen.types import assign, show, show_path

    before, after = Contracts(old.workflow, old.others), Contracts(new.workflow, new.others)
    accepted, accepts = before.sent(old.workflow.input), after.sent(new.workflow.input)
    promised, promises = before.filled(old.workflow.output), after.filled(new.workflow.output)
    # Who reads an output ignores fields that it does not know, but an input with unknown fields is rejected.
    readable = before.received(old.workflow.output)
    for name, earlier, now, source, target, whom in (
        ("input", accepted, accepts, accepted, accepts, "callers that send the old input"),
        ("output", promised, promises, promises, readable, "readers of the old output"),
    ):
        mismatch = assign(source, target, exact=True)
        same = assign(earlier, now, exact=True) is None and assign(now, earlier, exact=True) is None
        shown, shows = show(earlier), show(now)
        if not same or shown != shows:
            where = f" at `{show_path(mismatch.path)}`" if mismatch is not None and mismatch.path else ""
            breaking = None if mismatch is None else f"{name}: {whom} break{where}"
            details = () if shown == shows else (Detail("", shown, shows),)
            yield Change("interface", "changed", name if details else f"{name} ({shown})", details, breaking)


def _functions(before: _Functions, after: _Functions) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield Change("functions", "removed", name)
        elif name not in before:
            contract = after[name].get("contract")
            yield Change("functions", "added", name, () if contract is None else (Detail("", None, contract),))
        elif details := tuple(_differences("", before[name], after[name])):
            yield Change("functions", "changed", name, details)


def _settings_of(build: Build) -> _Functions:
    """Each function as it is written."""
    from flowgen.source import plain

    found = {name: plain(function.node) for name, function in build.workflow.functions.items()}
    return {name: settings for name, settings in found.items() if isinstance(settings, dict)}


def _contracts(build: Build) -> _Functions:
    """Each function with its contract as text instead of the types as they are written."""
    from flowgen.check.dataflow.contracts import Contracts
    from flowgen.types import show

    contracts = Contracts(build.workflow, build.others)
    shown = {
        name: f"{show(contracts.sent(function.input))} -> {show(contracts.result_of(function))}"
        for name, function in build.workflow.functions.items()
    }
    return {
        name: {
            "contract": shown[name],
            **{key: value for key, value in settings.items() if key not in ("input", "output")},
        }
        for name, settings in _settings_of(build).items()
    }


def _types(old: Workflow, new: Workflow) -> Iterator[Change]:
    """Types as they are written; those that come from the `$defs` of another type as JSON Schema."""
    from flowgen.source import plain

    before, after = (
        {name: declared.schema if declared.derived else plain(declared.node) for name, declared in one.types.items()}
        for one in (old, new)
    )
    for name in (*after, *(name for name in before if name not in after)):
        if name not in after:
            yield Change("types", "removed", name)
        elif name not in before:
            yield Change("types", "added", name)
        elif details := tuple(_differences("", before[name], after[name])):
            yield Change("types", "changed", name, details)


def _errors(old: Build, new: Build) -> Iterator[Change]:
    """The errors that may leave the workflow or be caught in it."""
    from flowgen.model.raised import raised_by

    before, after = raised_by(old.workflow, old.others).details, raised_by(new.workflow, new.others).details
    for name in sorted(before.keys() ^ after.keys()):
        yield Change("errors", "added" if name in after else "removed", name)


def _permissions(old: Build, new: Build) -> Iterator[Change]:
    """The permissions of the roles of the stack, by role."""
    before, after = permissions_of(resources_of(old)), permissions_of(resources_of(new))
    for role in sorted({*before, *after}):
        earlier, now = before.get(role, frozenset()), after.get(role, frozenset())
        for permission in sorted(now - earlier):
            yield Change("permissions", "added", f"{role}: {permission}")
        for permission in sorted(earlier - now):
            yield Change("permissions", "removed", f"{role}: {permission}")


def _settings(old: Workflow, new: Workflow) -> Iterator[Change]:
    """The other keys of the file: triggers, alarms, parameters, resources and so on."""
    from flowgen.source import plain

    before, after = ({entry.key.text: plain(entry.value) for entry in one.node.entries} for one in (old, new))
    for name in (*after, *(name for name in before if name not in after)):
        if name in _APART:
            continue
        if name not in after:
            yield Change("settings", "removed", name)
        elif name not in before:
            yield Change("settings", "added", name, (Detail("", None, short(after[name])),))
        elif details := tuple(_differences("", before[name], after[name])):
            yield Change("settings", "changed", name, details)
    for label, earlier, now in (
        ("catch", _catches(old), _catches(new)),
        ("handlers", list(old.handlers), list(new.handlers)),
    ):
        if earlier != now:
            yield Change("settings", "changed", label, tuple(_differences("", earlier, now)))


def _catches(workflow: Workflow) -> Any:
    inner = {id(step.node) for catcher in workflow.catch for step in catcher.steps or ()}
    return [_plain_without(catcher.node, inner) for catcher in workflow.catch]
