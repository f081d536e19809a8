"""Elements are frozen, and declare their keys like dataclasses, with nothing generated for their classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError

import pytest

from flowgen.diagnostics import Sink
from flowgen.model.element import REQUIRED, Element, Read
from flowgen.model.steps import KINDS, Retrier
from flowgen.model.workflow import Library, Workflow
from flowgen.source import Mapping, read


def _classes(element: type[Element] = Element) -> Iterator[type[Element]]:
    for inner in element.__subclasses__():
        yield inner
        yield from _classes(inner)


def _empty() -> Mapping:
    node = read("a.yaml", "{}\n", Sink())
    assert isinstance(node, Mapping)
    return node


def test_an_element_is_frozen() -> None:
    """No check can change what another check reads."""
    retrier = Retrier.made(_empty())
    with pytest.raises(FrozenInstanceError):
        retrier.attempts = 4  # type: ignore[misc]  # mypy reports it, too
    assert retrier.attempts == 3


def test_elements_do_not_share_a_default() -> None:
    """A mapping that is missing is a new one for each element."""
    first, second = (Library.made(_empty(), flowgen=1) for _ in range(2))
    assert first.types == second.types == {}
    assert first.types is not second.types


def test_a_copy_has_other_values() -> None:
    """The original keeps its own, and both have the same node."""
    first = Retrier.made(_empty(), attempts=1)
    second = first.replace(attempts=2)
    assert (first.attempts, second.attempts, second.jitter) == (1, 2, False)
    assert second.node is first.node


def test_inherited_keys_come_first() -> None:
    """Messages and the schema list the keys that all kinds of steps share before those of a kind."""
    for step in KINDS.values():
        assert list(step.fields())[:4] == ["id", "description", "condition", "skipped"]


@pytest.mark.parametrize("element", list(_classes()), ids=lambda element: element.__qualname__)
def test_each_default_is_a_value(element: type[Element]) -> None:
    """The declaration of a field never becomes a value: a field has a default, or is required."""
    for key in element.fields().values():
        assert key.required is (key.default is REQUIRED)
        assert type(key.default).__name__ != "_Declared"


def test_keys_of_a_workflow_know_what_they_accept() -> None:
    """The reader of each key has a JSON Schema, or the key holds an element."""
    for key in Workflow.fields().values():
        assert not isinstance(key.value, Read) or key.value.schema
