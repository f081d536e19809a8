"""Parts of pages that are made from the code are current; `pytest tests/unit/docs --update` writes them."""

from __future__ import annotations

import pytest

from flowgen.environments.settings import KEYS as ENVIRONMENT
from flowgen.project import _KEYS, _PACKAGING
from tests.unit.docs import generated
from tests.unit.docs.pages import PAGES, ROOT, code, table

WITH_SECTIONS = [page for page in PAGES if generated.sections(page)]
SETTINGS = ROOT / "docs" / "reference" / "settings.md"


def test_every_section_is_on_one_page() -> None:
    assert sorted(name for page in WITH_SECTIONS for name in generated.sections(page)) == sorted(generated.SECTIONS)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in WITH_SECTIONS])
def test_sections_are_current(page: object, update: bool) -> None:  # noqa: FBT001 - a fixture
    [found] = [one for one in WITH_SECTIONS if one == page]
    made = generated.current(found)
    if update:
        found.write_text(made, "utf-8")
    assert found.read_text("utf-8") == made


@pytest.mark.parametrize(
    ("heading", "keys"),
    [("tool.flowgen", _KEYS), ("tool.flowgen.packaging", _PACKAGING), ("tool.flowgen.env.NAME", ENVIRONMENT)],
)
def test_every_setting_is_listed(heading: str, keys: tuple[str, ...]) -> None:
    """The reader of the settings accepts these keys; each has its row."""
    assert {code(row[0])[0] for row in table(SETTINGS, heading)} == set(keys)
