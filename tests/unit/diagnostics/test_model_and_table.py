"""The table of codes, and the weight of the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import flowgen.diagnostics
from flowgen.diagnostics import CODES, Diagnostic, Position, Sink, Span


def test_codes_are_sorted_and_unique() -> None:
    """Codes are in ascending order, and no two have the same name."""
    assert list(CODES) == sorted(CODES)
    assert len({row.name for row in CODES.values()}) == len(CODES)


def test_each_code_is_of_a_known_hundred() -> None:
    """The first digit is the area."""
    assert {code[:3] for code in CODES} <= {"FG0", "FG1", "FG2", "FG3", "FG4", "FG5", "FG6", "FG7", "FG8", "FG9"}
    assert all(len(code) == 5 and code[2:].isdecimal() for code in CODES)


def test_summaries_are_sentences() -> None:
    """A summary is one sentence on one line, because SARIF viewers show it alone."""
    assert [row.code for row in CODES.values() if not row.summary.endswith(".") or "\n" in row.summary] == []


def test_sink_sorts_by_place_and_keeps_a_finding_once() -> None:
    """Identical findings are stored once, and findings without a position come first."""
    later = Diagnostic("FG101", "later", Span("a.yaml", Position(10, 1), Position(10, 2)))
    earlier = Diagnostic("FG102", "earlier", Span("a.yaml", Position(9, 5), Position(9, 6)))
    nowhere = Diagnostic("FG121", "nowhere", None)
    sink = Sink()
    sink.extend([later, earlier])
    sink.extend([later, nowhere])
    assert list(sink) == [nowhere, earlier, later]
    assert len(sink) == 3


def test_sink_fails_on_an_error_only() -> None:
    """A warning is not a failure."""
    sink = Sink()
    sink.add(Diagnostic("FG209", "unused", None))
    assert not sink.failed
    sink.add(Diagnostic("FG101", "unknown", None))
    assert sink.failed


def test_package_loads_the_standard_library_only() -> None:
    """Every package imports diagnostics, so what it loads is the floor of `flowgen --help`."""
    program = (
        "import sys; before = set(sys.modules)\n"
        "import flowgen.diagnostics, flowgen.diagnostics.render, flowgen.diagnostics.ignore\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(loaded - sys.stdlib_module_names))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "['flowgen']\n"


def test_each_code_that_is_used_has_a_row() -> None:
    """Every code in the source is in the table; otherwise it has no page and no SARIF rule."""
    sources = Path(flowgen.diagnostics.__file__).parent.parent.rglob("*.py")
    used = {code for path in sources for code in re.findall(r'"(FG\d{3})"', path.read_text(encoding="utf-8"))}
    assert used - set(CODES) == set()


def test_explain_pages_are_read_on_demand_only() -> None:
    """A check without findings, or in a format that shows no page, reads none of the 120 files."""
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "from flowgen.diagnostics import CODES, Diagnostic\n"
        "from flowgen.diagnostics.render import FORMATS\n"
        "FORMATS['text']([Diagnostic('FG209', 'unused', None)], {})\n"
        "pages = sum(name.endswith('.md') for name in opened)\n"
        "FORMATS['sarif']([Diagnostic('FG209', 'unused', None)], {})\n"
        "print(pages, sum(name.endswith('.md') for name in opened), len(CODES) > 100)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "0 1 True\n"
