"""The table of codes. A code never changes its meaning and is never used again once it is gone.

FG0xx YAML, FG1xx shape and settings, FG2xx names and flow, FG3xx types, FG4xx AWS's limits and ASL, FG5xx
infrastructure, FG6xx generated files, FG7xx runs, FG9xx a bug in flowgen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING


class Severity(StrEnum):
    """How bad a finding is: an error stops the phase, a warning never does; a note says what was done and why."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding. `name` heads its page; `summary` is one sentence that holds for every finding of the kind."""

    code: str
    name: str
    summary: str
    severity: Severity = Severity.ERROR
    stops: bool = False
    """Whether there is no workflow to go on with, so that the finding can't be silenced."""


_ROWS = (
    # YAML
    Code("FG001", "YAML syntax", "The file is not well-formed YAML.", stops=True),
    Code("FG002", "duplicate key", "The same key stands twice in one mapping.", stops=True),
    Code("FG003", "unsupported YAML", "The file uses a part of YAML that a workflow may not use.", stops=True),
    Code("FG004", "empty value", "A key has no value.", stops=True),
    Code("FG005", "unreadable file", "The file can't be read as UTF-8 text.", stops=True),
    Code(
        "FG006",
        "not JSON",
        "A value has no counterpart in JSON, which is all that Step Functions passes on.",
        stops=True,
    ),
    # Shape and settings
    Code("FG101", "unknown key", "A mapping has a key that does not belong there.", stops=True),
    Code("FG102", "wrong kind of value", "A value is of another kind than its key asks for.", stops=True),
    Code("FG103", "missing key", "A mapping lacks a key that it must have.", stops=True),
    Code("FG104", "no step kind", "A step has no key that says what it does.", stops=True),
    Code("FG105", "several step kinds", "A step has more than one key that says what it does.", stops=True),
    Code("FG106", "bad duration", "A text is not a duration.", stops=True),
    Code("FG107", "bad name", "A name can't be used as one.", stops=True),
    Code("FG108", "bad type expression", "A text is not a type expression.", stops=True),
    Code("FG109", "bad JSON Schema", "A type is not a valid JSON Schema.", stops=True),
    Code("FG110", "bad expression", "The text in `${ }` is not a JSONata expression.", stops=True),
    Code(
        "FG111",
        "unsupported language version",
        "`flowgen:` asks for a version of the language that is not known.",
        stops=True,
    ),
    Code("FG112", "value out of range", "A value is too small, too large or too long.", stops=True),
    Code("FG113", "misplaced modifier", "A modifier stands beside a step kind that it does not belong to.", stops=True),
    Code("FG120", "bad setting", "A setting under `[tool.flowgen]` is unknown or has a wrong value.", stops=True),
    Code("FG121", "no workflow found", "No workflow file is where it was looked for.", stops=True),
    Code("FG122", "class not described", "No JSON Schema is kept of a class that is a type.", stops=True),
    Code("FG123", "class not found", "A class that is to be a type can't be imported.", stops=True),
    Code("FG124", "class is no contract", "A class can't be a type: it has no JSON Schema that holds.", stops=True),
    # Names and flow
    Code("FG201", "unknown function", "A step calls a function that is not declared.", stops=True),
    Code("FG202", "unknown type", "A type is named that is not declared.", stops=True),
    Code("FG203", "unknown variable", "An expression names a step or variable that is not in scope there."),
    Code("FG204", "duplicate step id", "Two steps have the same id.", stops=True),
    Code("FG205", "name collision", "Two names become the same name in generated code.", stops=True),
    Code("FG206", "unreachable step", "No path leads to a step.", Severity.WARNING),
    Code(
        "FG207", "error that can't be raised", "A `catch` or `retry` names an error that nothing in its reach raises."
    ),
    Code("FG208", "possibly unassigned", "An expression names a step that may not have run."),
    Code("FG209", "unused declaration", "Something is declared and never used.", Severity.WARNING),
    Code("FG210", "catch-all not last", "An entry of `catch` or `retry` can't be reached behind one that takes all."),
    Code("FG211", "impossible jump", "A `break`, `continue` or `return` can't get to where it leads.", stops=True),
    Code("FG212", "unknown handler", "A `catch` names a handler that is not declared.", stops=True),
    Code(
        "FG213", "handler without an end", "A path through a handler ends in neither `fail` nor `return`.", stops=True
    ),
    Code("FG214", "loop without a way out", "Nothing can end a loop but its failure."),
    Code("FG215", "unlimited loop", "Nothing bounds the rounds of a loop.", Severity.WARNING),
    Code("FG216", "useless catch", "An entry of `catch` or `retry` never does anything.", Severity.WARNING),
    Code("FG217", "misplaced compensation", "A step is to be undone where no chain of compensations can.", stops=True),
    Code("FG218", "shadowed name", "A loop's variable has the name of something else in scope.", stops=True),
    Code("FG240", "unknown workflow", "A step runs a workflow that the project does not have.", stops=True),
    Code("FG290", "useless ignore", "An ignore comment silences nothing, or can't be read.", Severity.WARNING),
    # Types
    Code("FG301", "unknown field", "An expression reads a field that its type does not have."),
    Code("FG302", "value does not fit", "A value is not of the type that is wanted where it goes."),
    Code("FG303", "value may be nothing", "An expression may give nothing where a value is needed."),
    Code("FG304", "sequence for an array", "A sequence, which may be nothing or one bare item, stands for an array."),
    Code("FG305", "wrong operand", "An operator or function gets what it can't take."),
    Code("FG306", "never true", "A condition, comparison or case can never hold, or always does.", Severity.WARNING),
    Code("FG307", "may fail when run", "An expression may fail where nothing can catch it.", Severity.WARNING),
    Code("FG308", "hardly meant", "JSONata does something here that is seldom meant.", Severity.WARNING),
    Code("FG309", "match is not exhaustive", "A `match` has no case for some of the values that there may be."),
    Code("FG310", "condition is no boolean", "A condition may be something else than true or false."),
    Code("FG311", "any hides something", "In strict mode: `any` disables a check.", Severity.WARNING),
    Code(
        "FG312", "perhaps not in a response", "In strict mode: an AWS response may lack what is read.", Severity.WARNING
    ),
    Code("FG313", "checked at run time only", "In strict mode: no type says what a schema asks for.", Severity.WARNING),
    Code(
        "FG314",
        "string that looks like an expression",
        "A plain string looks like an expression, and is sent as it is.",
        Severity.WARNING,
    ),
    Code(
        "FG315",
        "uncertain spelling",
        "A member of an AWS call has a spelling that Step Functions may not know.",
        Severity.WARNING,
    ),
    # AWS's limits and ASL
    Code("FG401", "name too long for AWS", "A name is longer than AWS allows."),
    Code("FG402", "AWS limit", "The workflow is over one of AWS's limits."),
    Code("FG403", "accidental expression", "Step Functions would take a literal text for an expression.", stops=True),
    Code("FG404", "unknown integration", "Step Functions can't call an AWS service like this."),
    Code("FG405", "task token not passed", "A step waits for an answer that nobody is able to give."),
    Code("FG406", "useless heartbeat", "A step waits for heartbeats that nobody sends.", Severity.WARNING),
    Code("FG407", "not in an express workflow", "An express workflow can't do what a step asks for."),
    Code("FG408", "misused map", "A `for_each` lacks what its mode or its reader needs, or has what it can't have."),
    Code("FG409", "concurrency above AWS's", "Less runs at once than is asked for.", Severity.WARNING),
    Code("FG410", "invalid state machine", "Step Functions would not take a state machine.", stops=True),
    Code(
        "FG411",
        "doubtful state machine",
        "A state machine is valid, but hardly meant so.",
        Severity.WARNING,
        stops=True,
    ),
    Code("FG412", "long history", "An execution may outgrow the history that AWS keeps.", Severity.WARNING),
    Code("FG413", "invalid state", "A state written in Amazon States Language is not one that AWS takes."),
    Code(
        "FG414",
        "AWS calls not checked",
        "What `aws` steps send and get is not checked, since no models of AWS's APIs are installed.",
        Severity.NOTE,
    ),
    # Infrastructure
    Code("FG501", "resource name collision", "Two resources of the stack would have the same name.", stops=True),
    Code("FG502", "underivable permission", "What a state machine may do can't be told from a step's arguments."),
    Code("FG503", "unknown reference", "A tag refers to something that the stack does not have."),
    Code("FG504", "misused retirement", "A function that is kept for executions in flight is used otherwise."),
    Code("FG505", "role too large", "A state machine may do more than IAM takes in one role.", Severity.WARNING),
    Code("FG510", "no single kind of trigger", "A trigger has no key that says what it is, or several.", stops=True),
    Code("FG511", "bad schedule", "A schedule is not one that EventBridge Scheduler takes, or never comes to pass."),
    Code("FG512", "bad event pattern", "A pattern is not one that AWS takes, or nothing can ever fit it."),
    Code("FG513", "input that AWS can't make", "What starts a workflow can't make its input like this."),
    Code("FG514", "trigger does not fit", "What a trigger gives is not of the type of the workflow's input."),
    Code("FG515", "part of an event may be missing", "A trigger takes something that is not in every event."),
    Code("FG516", "impossible trigger", "AWS would refuse a trigger, or it would start nothing."),
    Code("FG520", "stack too large", "A stack would have more than CloudFormation takes.", stops=True),
    Code("FG521", "stack nearly full", "A stack has come near a limit of CloudFormation.", Severity.WARNING),
    Code("FG522", "not one template", "A project with nested stacks is asked for as one template.", stops=True),
    Code(
        "FG523",
        "stacks in a circle",
        "Stacks of a project need each other, so that none can be made first.",
        stops=True,
    ),
    Code("FG524", "definition in a file", "A definition does not stand in the template.", Severity.NOTE),
    Code("FG525", "nested stacks", "Each workflow has a stack of its own.", Severity.NOTE),
    Code(
        "FG526",
        "circular references",
        "Resources of a stack refer to each other in a circle, so that none can be created first.",
        stops=True,
    ),
    Code("FG530", "dependencies not installed", "What the code depends on can't be installed.", stops=True),
    Code("FG531", "no wheel for the target", "A dependency has no wheel for what the function runs on.", stops=True),
    Code(
        "FG532",
        "unlocked dependencies",
        "Nothing fixes the versions of the dependencies, so that a package may be another one tomorrow.",
        Severity.WARNING,
    ),
    Code("FG533", "unknown import", "A module is imported that nothing brings along.", stops=True),
    Code("FG534", "unreadable module", "A module of the project is no Python that can be read.", stops=True),
    Code("FG535", "function too large", "The code of a function is larger than Lambda allows.", stops=True),
    Code("FG536", "unusable requirements", "A file of requirements cannot be used, or asks for a build.", stops=True),
    Code("FG537", "file that can't be packaged", "A file can't go into the zip of a function.", stops=True),
    Code("FG538", "pattern without files", "A pattern of files to include names none.", Severity.WARNING),
    Code("FG539", "no bytecode", "No Python is there that makes the bytecode which the settings ask for.", stops=True),
    Code("FG540", "unknown environment", "An environment is named that the settings do not have.", stops=True),
    Code("FG541", "unknown parameter", "A value is given for a parameter that no template has.", stops=True),
    Code("FG542", "parameter value not allowed", "A parameter gets a value that it does not take.", stops=True),
    Code("FG543", "parameter without a value", "A parameter has neither a default nor a value.", stops=True),
    Code("FG544", "AWS refuses", "AWS can't be asked, or refuses what is asked of it.", stops=True),
    Code("FG545", "unusable bucket", "The bucket for code can't be used for a deployment.", stops=True),
    Code("FG546", "stack can't be updated", "A stack is in a state that it has to be brought out of.", stops=True),
    Code(
        "FG547",
        "data at stake",
        "A deployment would take a resource away that holds data.",
        Severity.WARNING,
        stops=True,
    ),
    Code(
        "FG548",
        "executions at stake",
        "A deployment would take from executions what they run on.",
        Severity.WARNING,
        stops=True,
    ),
    Code("FG549", "deployment failed", "CloudFormation could not bring a resource into its new state.", stops=True),
    # Generated files
    Code(
        "FG601",
        "stale generated file",
        "A generated file is missing or does not match what it is made from.",
        stops=True,
    ),
    Code(
        "FG602",
        "edited generated file",
        "A generated file was edited by hand, or is not flowgen's to replace.",
        stops=True,
    ),
    Code("FG603", "handler not loadable", "A function's handler can't be imported.", stops=True),
    Code("FG604", "orphaned handler", "A handler belongs to no function of the workflow.", Severity.WARNING),
    Code("FG605", "no module for shared types", "The types of a file can't have a module of their own.", stops=True),
    # Runs
    Code("FG701", "nothing to call", "A step calls something that nothing stands for in this run.", stops=True),
    Code("FG702", "mock of nothing", "A file of mocks names something that is never called.", stops=True),
    # A bug in flowgen
    Code("FG901", "bug in flowgen", "flowgen failed in a way that no input should make it fail.", stops=True),
)

CODES: Mapping[str, Code] = MappingProxyType({row.code: row for row in _ROWS})
"""Every code that a diagnostic may carry, in order."""
