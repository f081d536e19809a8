"""Files that workflows import."""

from __future__ import annotations

from flowgen.diagnostics import Sink
from flowgen.model.reading import MOST_IMPORTS, read_workflow
from flowgen.source import read

WORKFLOW = "flowgen: 1\nname: w\nimport: c1.yaml\noutput: any\nsteps: [{id: a, set: 1}]\n"


def found(files: int) -> list[tuple[str, str, int]]:
    """The code, file and line of what is wrong with a workflow that imports a chain of `files` files."""
    chain = {f"c{i}.yaml": f"flowgen: 1\nimport: c{i + 1}.yaml\ntypes: {{C{i}: string}}\n" for i in range(1, files)}
    chain[f"c{files}.yaml"] = f"flowgen: 1\ntypes: {{C{files}: string}}\n"
    sink = Sink()
    root = read("w.yaml", WORKFLOW, sink)
    assert root is not None
    read_workflow(root, sink, chain.get)
    return [(one.code, one.span.file, one.span.start.line) for one in sink if one.span is not None]


def test_as_many_imports_as_allowed() -> None:
    assert found(MOST_IMPORTS) == []


def test_an_extra_import_is_reported_once_where_it_is_written() -> None:
    assert found(MOST_IMPORTS + 1) == [("FG005", f"c{MOST_IMPORTS}.yaml", 2)]
    assert found(MOST_IMPORTS + 20) == [("FG005", f"c{MOST_IMPORTS}.yaml", 2)]
