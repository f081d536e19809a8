"""The state machines in a file that is imported: the file itself, or those of a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flowgen.diagnostics import Sink
from flowgen.importing.naming import snake_case
from flowgen.importing.source_files import Folder
from flowgen.importing.templates import find_machines, is_template
from flowgen.pipeline.definitions import is_definition


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A state machine to import: its shown file name, its text, and the name of its workflow."""

    shown: str
    text: str
    name: str
    express: bool


def import_sources(root: Path, shown: str, text: str, sink: Sink, *, express: bool) -> Iterator[ImportSource]:
    """The state machines of a file in the folder `root`. Problems of a template are added to `sink` (FG830 to FG834).

    A definition in a file is read only if the file is in `root`.
    """
    path = root / shown
    yaml = path.suffix in {".yaml", ".yml"}
    if not is_template(text) or (yaml and is_definition(shown, text)):
        yield ImportSource(shown, text, snake_case(PurePosixPath(shown).name.split(".")[0]), express)
        return
    folder = Folder(root, path.parent, PurePosixPath(shown).parent)
    for found in find_machines(shown, text, folder, sink):
        definition, file = found.definition, found.file
        if not isinstance(definition, str):
            # The definition is part of a template: messages quote it as JSON.
            definition, file = json.dumps(definition, indent=2, ensure_ascii=False), None
        elif file is None and not definition.lstrip().startswith("{"):
            file = f"{shown}#{found.name}.yaml"
        yield ImportSource(file or f"{shown}#{found.name}.json", definition, snake_case(found.name), found.express)
