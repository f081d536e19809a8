"""SVG files: well-formed and self-contained whatever names contain, accessible, and readable for a page around them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from flowgen.diagrams import structure_of_machine, svg, svg_of
from flowgen.diagrams.structure import Role, Structure
from flowgen.diagrams.text_widths import lines_of, plain, width
from tests.unit.diagrams.test_invariants import EXAMPLES, MADE, of_example
from tests.unit.diagrams.test_mermaid import HOSTILE, NAMED

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {
    **{path.stem: of_example(path)[1] for path in EXAMPLES},
    **{kind: structure_of_machine(make(20), kind) for kind, make in MADE.items()},
    "hostile": structure_of_machine(NAMED, HOSTILE),
}


@pytest.mark.parametrize("structure", DRAWN.values(), ids=DRAWN)
def test_the_file(structure: Structure) -> None:
    """Only elements that draw, nothing that runs or is loaded, and each text fitted to its width."""
    text = svg(structure)
    root = ET.fromstring(text)  # noqa: S314 - ours
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "style", "rect", "path", "circle", "g", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes <= {
        *("aria-labelledby", "class", "cx", "cy", "d", "data-state", "data-step", "data-target", "height", "id"),
        *("lengthAdjust", "r", "role", "rx", "textLength", "viewBox", "width", "x", "y"),
    }
    assert re.findall(r"https?://[^\"]*|url\(", text) == ["http://www.w3.org/2000/svg"]
    assert all(float(element.get("textLength", "0")) > 0 for element in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("structure", DRAWN.values(), ids=DRAWN)
def test_it_is_accessible(structure: Structure) -> None:
    """An image with a name and a description, for screen readers."""
    root = ET.fromstring(svg(structure))  # noqa: S314 - ours
    labels = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == " ".join(str(identity) for identity in labels)
    title, description = labels.values()
    assert title == plain(structure.title)
    assert description


def test_the_description_names_the_steps() -> None:
    [example] = [path for path in EXAMPLES if path.stem == "remind_user"]
    root = ET.fromstring(svg(of_example(example)[1]))  # noqa: S314 - ours
    assert root.findtext(f"{SVG}desc") == (
        "remind_user; wait_two_hours: wait 2 hours; first_reminder: call send_email; wait_one_day: wait 1 day;"
        " second_reminder: call send_email; end"
    )


def test_each_role_has_a_style() -> None:
    text = svg_of({})
    plain_roles = {Role.VALUE, Role.WAIT, Role.GROUP, Role.LOOP}
    assert {role for role in Role if f".flowgen .{role.value} rect" not in text} == plain_roles


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a b" * 200, "W" * 500, "i" * 500, "日本語" * 50, "a\n\tb\x00\u202ec", "e\u0301" * 90]
)
@pytest.mark.parametrize("limit", [2.0, 7.5, 20.0])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_lines_fit(text: str, limit: float, most: int) -> None:
    """No line is wider than the limit; what is left out is marked."""
    lines = lines_of(text, limit, most)
    assert len(lines) <= most
    assert all(width(line) <= limit for line in lines)
    shown, whole = "".join("".join(lines).split()), "".join(plain(text).split())
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def test_names_and_types_are_in_tooltips() -> None:
    """What does not fit into a box, in full."""
    name = "A very long name of a state, which does not fit into three lines of a box" * 3
    text = svg_of({"StartAt": name, "States": {name: {"Type": "Pass", "Comment": "Why it is there", "End": True}}})
    assert f"<title>{name}: Pass state&#10;Why it is there</title>" in text
    assert f'data-state="{name}"' in text
