"""Long lines are broken as ruff breaks them."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path

import pytest

from flowgen.backends.python.layout import aliased, assigned
from flowgen.backends.python.text import string


class Drawing:
    """Random fields and types, as generated models have them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - of a test

    def text(self, most: int) -> str:
        return string("".join(self.random.choices("ab é'\\", k=self.random.randint(0, most))))

    def value(self, depth: int = 0) -> str:
        kind = self.random.random()
        if depth > 3 or kind < 0.35:
            return self.random.choice([self.text(60), "True", "None", "-5", str(self.random.random())])
        size = self.random.randint(0, 4)
        if kind < 0.7:
            return f"[{', '.join(self.value(depth + 1) for _ in range(size))}]"
        return "{" + ", ".join(f"{self.text(30)}: {self.value(depth + 1)}" for _ in range(size)) + "}"

    def type_(self, depth: int = 0) -> str:
        kind = self.random.random()
        if depth > 2 or kind < 0.3:
            return self.random.choice(["str", "AwareDatetime", "ATypeWithALongName" * self.random.randint(1, 4)])
        inner = self.type_(depth + 1)
        if kind < 0.4:
            return f"list[{inner}]"
        if kind < 0.5:
            return f"dict[str, {inner}]"
        if kind < 0.7:
            return f"Literal[{', '.join(self.text(30) for _ in range(self.random.randint(1, 5)))}]"
        return f"{inner} | {self.type_(depth + 1)}" if kind < 0.85 else self.noted(inner)

    def noted(self, plain: str) -> str:
        notes = [f"description={self.text(120)}", f"examples=[{self.text(40)}, {self.text(40)}]", "ge=0", 'alias="a"']
        chosen = self.random.sample(notes, self.random.randint(1, 4))
        return f"Annotated[{plain}, Field({', '.join(chosen)})]"

    def field(self) -> str:
        plain, name = self.type_(1), "f" * self.random.randint(1, 40)
        factory = f"lambda: {self.random.choice([self.value(), f'default({plain}, {self.value()})'])}"
        value = f"Field(default_factory={factory})"
        annotation = self.random.choice([plain, self.noted(plain)])
        return f"    {name}: {assigned(name, parsed(annotation), parsed(value))}\n"

    def alias(self) -> str:
        value, name = self.random.choice([self.type_(), self.noted(self.type_())]), "A" * self.random.randint(1, 40)
        return f"{aliased(name, parsed(value), value)}\n"


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize("seed", range(4))
def test_ruff_has_nothing_to_change(tmp_path: Path, seed: int) -> None:
    """Whatever a default, or what is behind the name of a type, is made of."""
    drawing = Drawing(seed)
    file = tmp_path / "models.py"
    fields = "".join(drawing.field() for _ in range(100))
    text = f"class Model:\n{fields}\n\n" + "".join(drawing.alias() for _ in range(60))
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert text == file.read_text(encoding="utf-8")


def test_a_line_that_fits_stays_as_it_was_written() -> None:
    """Raw texts stay raw."""
    written = 'dict[Annotated[str, StringConstraints(pattern=r"^\\d$")], int]'
    assert aliased("Keyed", parsed(written), written) == f"Keyed: TypeAlias = {written}"
