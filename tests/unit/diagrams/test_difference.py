"""Two versions of a workflow as one diagram: every step of both is in it once, and says what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from flowgen.diagrams.difference import ADDED, REMOVED, difference, only, side_by_side
from flowgen.diagrams.layout import layout
from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure
from tests.drawings import faults
from tests.unit.diagrams.test_invariants import EXAMPLES, of_example

STRUCTURES = {path.stem: of_example(path)[1] for path in EXAMPLES}


def boxes(structure: Structure) -> dict[str, list[str | None]]:
    """The statuses of the boxes of each step, apart from compensations and conditions."""
    found: dict[str, list[str | None]] = {}
    for node in layout(structure).nodes:
        if node.box is not None and node.box.step is not None and node.box.name == node.box.step:
            found.setdefault(node.box.step, []).append(node.box.status)
    return found


def without(structure: Structure, step: str, *, inside: bool) -> Structure:
    """The structure without a step: with what is in it, or with that in its place."""
    return replace(structure, columns=tuple(_column(column, step, inside=inside) for column in structure.columns))


def _column(column: Column, step: str, *, inside: bool) -> Column:
    return replace(column, chain=tuple(_chain(column.chain, step, inside=inside)))


def _chain(chain: Chain, step: str, *, inside: bool) -> Iterator[Part]:
    for part in chain:
        core = part.main if isinstance(part, Guarded) else part
        head = core if isinstance(core, Box) else core.head
        columns = () if isinstance(core, Box) else tuple(_column(one, step, inside=inside) for one in core.columns)
        catches = part.catches if isinstance(part, Guarded) else ()
        handlers = tuple(_column(one, step, inside=inside) for one in catches)
        if head.step == step:
            if not inside:
                yield from (inner for column in (*columns, *handlers) for inner in column.chain)
        elif isinstance(core, Split):
            yield replace(core, columns=columns)
        else:
            main = replace(core, columns=columns) if isinstance(core, Frame) else core
            yield replace(part, main=main, catches=handlers) if isinstance(part, Guarded) else main


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("name", STRUCTURES)
def test_every_step_is_there_once(name: str, inside: bool) -> None:  # noqa: FBT001 - a parameter
    """Whichever step is removed or added, alone or with all the steps inside it."""
    whole = STRUCTURES[name]
    for step in boxes(whole):
        part = without(whole, step, inside=inside)
        kept = boxes(part)
        for before, after, status in ((whole, part, REMOVED), (part, whole, ADDED)):
            both = difference(before, after, {})
            assert faults(layout(both)) == []
            assert boxes(both) == {known: [None if known in kept else status] for known in boxes(whole)}


def test_two_workflows_without_a_common_step() -> None:
    for before in STRUCTURES.values():
        for after in STRUCTURES.values():
            if boxes(before).keys() & boxes(after).keys():
                continue
            both = difference(before, after, {})
            assert faults(layout(both)) == []
            assert boxes(both) == {
                **{step: [REMOVED] for step in boxes(before)},
                **{step: [ADDED] for step in boxes(after)},
            }


def test_the_same_workflow() -> None:
    for structure in STRUCTURES.values():
        assert difference(structure, structure, {}) == structure


def test_a_changed_step_says_what_changed() -> None:
    start = STRUCTURES["remind_user"]
    both = difference(start, start, {"wait_one_day": "wait: 1 day → 2 days"})
    [node] = [node for node in layout(both).nodes if node.box is not None and node.box.status is not None]
    assert [line.text for line in node.lines] == ["wait_one_day", "wait 1 day", "~ wait: 1 day → 2 days"]
    assert node.box is not None
    assert node.box.status == "changed"


def test_removed_steps_stay_where_they_were() -> None:
    """After the step that they followed; lines lead through those that ended the workflow."""

    def chain(*names: str, ends: str = "") -> Structure:
        start = Box("w", Role.START)
        made = (Box(name, Role.TASK, step=name, ends=name == ends) for name in names)
        return Structure("w", "w", (Column((start, *made)),))

    both = difference(chain("a", "b", "c", ends="c"), chain("x", "a", "d"), {})
    shown = [(part.name, part.ends) for part in both.columns[0].chain if isinstance(part, Box)]
    assert shown == [("w", False), ("x", False), ("a", False), ("b", False), ("c", False), ("d", False)]


def test_workflows_next_to_each_other() -> None:
    """A page of all changes: each workflow in its columns."""
    remind, book = STRUCTURES["remind_user"], STRUCTURES["book_trip"]
    page = side_by_side("changes", [only(remind, ADDED), only(book, REMOVED)])
    assert faults(layout(page)) == []
    assert boxes(page) == {
        **{step: [ADDED] for step in boxes(remind)},
        **{step: [REMOVED] for step in boxes(book)},
    }
    assert faults(layout(side_by_side("nothing", []))) == []
