"""The steps of a workflow: one class a kind, and what may stand beside it.

In: nodes. Out: frozen steps. Never: a word of AWS's states.
"""

from flowgen.model.steps.base import ANY_ERROR, Catcher, Retrier, RetryField, StepsField, CatchField
from flowgen.model.steps.compensation import Compensation
from flowgen.model.steps.control import (
    Branch,
    Break,
    Case,
    Continue,
    Fail,
    Group,
    Match,
    Parallel,
    Raised,
    Return,
    Set,
    Switch,
    Until,
    Wait,
)
from flowgen.model.steps.kinds import (
    KINDS,
    Step,
    Steps,
    Task,
    bodies_of,
    catchers_of,
    kind_span,
    own_bodies,
    read_steps,
    walk,
)
from flowgen.model.steps.loops import Batch, ForEach, Reader, Repeat, Rounds, Tolerance, Writer
from flowgen.model.steps.tasks import Action, Asl, Aws, Call, Endpoint, Http, RunWorkflow

__all__ = [name for name in dir() if not name.startswith("_")]
