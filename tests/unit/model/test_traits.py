"""What the step kinds say about themselves agrees with their fields."""

from __future__ import annotations

import pytest

from flowgen.model.steps import KINDS, Catching, Retryable, Step, Undoable

FIELDS = {"retry": Retryable, "catch": Catching, "compensate": Undoable}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_traits_agree_with_fields(kind: type[Step]) -> None:
    """A kind has a modifier's field if and only if it has the modifier's trait, which is what all code asks for."""
    assert FIELDS.keys() & kind.keys() == {name for name, trait in FIELDS.items() if trait in kind.__mro__}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_kinds_with_steps_have_bodies(kind: type[Step]) -> None:
    """A kind with a field of steps declares how they run."""
    of_steps = {"steps", "rules", "cases", "branches"} & set(kind.fields())
    assert ("bodies" in vars(kind)) == bool(of_steps)
