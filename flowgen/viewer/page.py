"""A page that contains the viewer and a run document: one file that needs no other file and no network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flowgen.diagrams.svg import STYLE
from flowgen.local.values import JSON

ASSETS = Path(__file__).resolve().parent / "assets"

MODULES = (
    "dom.js",
    "time.js",
    "json_text.js",
    "run_model.js",
    "changes.js",
    "json_view.js",
    "virtual_list.js",
    "diagram.js",
    "states.js",
    "source.js",
    "details.js",
    "run_view.js",
    "report.js",
)
"""The modules of a report, each after those that it imports."""

_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.MULTILINE)

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="viewer"></div>
<noscript>
<main>
<h1>{title}</h1>
<p>This page shows each step with JavaScript, which is disabled in this browser. Allow scripts for this page.</p>
<ul>
{runs}
</ul>
</main>
</noscript>
<script type="application/json" id="document">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


@cache
def asset(name: str) -> str:
    """The text of a file of the viewer."""
    return (ASSETS / name).read_text("utf-8")


@cache
def bundled(modules: tuple[str, ...] = MODULES) -> str:
    """Modules as one script, without their imports and exports."""
    return "\n" + "\n".join(_EXPORT.sub("", _IMPORT.sub("", asset(name))) for name in modules)


PAGE_MODULES = (*MODULES[:-1], "service.js", "json_form.js", "executions.js", "machine.js", "execution.js", "page.js")
"""The modules of the page of `flowgen serve`, which the browser loads one by one."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of the page of `flowgen serve`."""


def page_files() -> dict[str, tuple[str, str]]:
    """The files of the page of `flowgen serve`: for each name, its media type and its text."""
    scripts = {name: ("text/javascript; charset=utf-8", asset(name)) for name in PAGE_MODULES}
    return {
        "page.html": ("text/html; charset=utf-8", asset("page.html")),
        "viewer.css": ("text/css; charset=utf-8", stylesheet()),
        **scripts,
    }


def stylesheet() -> str:
    """The style of the viewer and of the diagrams in it."""
    return f"{asset('viewer.css')}\n{STYLE}\n"


def report_page(document: Mapping[str, JSON]) -> str:
    """A page with a run document."""
    style, script = stylesheet(), bundled()
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return _PAGE.format(
        policy=html.escape(policy),
        title=html.escape(_visible(f"{document['title']}: run report")),
        style=style,
        runs="\n".join(_without_scripts(run) for run in document["runs"]),
        data=json_in_html(document),
        script=script,
    )


def _without_scripts(run: Mapping[str, JSON]) -> str:
    """A run as it is listed in browsers that do not run scripts."""
    ended = ": ".join(filter(None, (run["status"], run["error"], run["cause"])))
    return f"<li>{html.escape(_visible(run['name']))}: {html.escape(_visible(ended))}</li>"


def json_in_html(value: JSON) -> str:
    r"""JSON text for a `<script>` element: ASCII only, and without characters that could end the element.

    >>> json_in_html("</script>\u2028")
    '"\\u003c/script\\u003e\\u2028"'
    """
    text = json.dumps(value, separators=(",", ":"), check_circular=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _visible(text: str) -> str:
    """`text` without characters that a UTF-8 file or HTML can't contain."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
