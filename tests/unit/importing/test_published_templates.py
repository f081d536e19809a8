"""Templates that people published: each has a state machine with a readable definition, or a diagnostic."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from flowgen.diagnostics import Sink
from flowgen.importing.found_machines import LIMITS
from flowgen.importing.source_files import Folder
from flowgen.importing.templates import find_machines, is_template
from flowgen.source import read


def test_each_template_has_machines_or_a_diagnostic(corpus_dir: Path) -> None:
    found = 0
    for project in sorted(path for path in (corpus_dir / "templates").iterdir() if path.is_dir()):
        for file in sorted(path for path in project.rglob("*") if path.suffix in {".yaml", ".yml", ".json"}):
            text = file.read_text("utf-8")
            if ".asl." in file.name or not is_template(text):
                continue
            shown, sink = file.relative_to(project), Sink()
            folder = Folder(project, file.parent, PurePosixPath(shown.parent))
            machines = find_machines(shown.as_posix(), text, folder, sink)
            assert machines or sink.failed
            found += len(machines)
            for machine in machines:
                if isinstance(machine.definition, str):
                    assert (
                        read(machine.file or "m.yaml", machine.definition.replace("\t", " "), sink, LIMITS) is not None
                    )
                else:
                    assert {"StartAt", "States"} <= machine.definition.keys()
    assert found > 50
