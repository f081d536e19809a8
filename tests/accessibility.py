"""axe-core in a page: the problems that it finds for people who use a keyboard or a screen reader."""

from __future__ import annotations

import json

from tests.browser import Page
from tests.tools import NODE_MODULES


def problems(page: Page) -> list[str]:
    """What axe-core finds, as `rule: element`. The debugger evaluates it, which no policy of a page limits."""
    page.call("Runtime.evaluate", expression=(NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8"))
    found: list[str] = page.js(
        "axe.run(document, {resultTypes: ['violations']}).then(done => done.violations.flatMap("
        f"found => found.nodes.map(node => found.id + {json.dumps(': ')} + node.html.slice(0, 200))))"
    )
    return found
