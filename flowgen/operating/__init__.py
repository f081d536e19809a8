"""Operates deployed workflows: starts, lists, shows, stops and redrives executions, answers task tokens, reads logs.

In: workflows of a project, the name of their stack, AWS clients. Out: executions and log lines as frozen data, and
diagnostics (FG544, FG703-FG706).
Never: use click; ask or print; read a clock (the present is a parameter, and so is waiting); retry anything that acts
twice.
"""

from flowgen.operating.callbacks import Answer, check_token, send_answer
from flowgen.operating.errors import api
from flowgen.operating.executions import (
    ENDED,
    Execution,
    Query,
    describe,
    failed_since,
    find,
    listed,
    redrive,
    start,
    start_and_wait,
    stop,
    wait,
)
from flowgen.operating.logs import LogLine, follow_logs, read_logs
from flowgen.operating.machines import Machine, machines
from flowgen.operating.map_runs import MapRun, children, map_run
from flowgen.operating.names import NotValid, execution_arn, execution_name, map_run_arn, moment
from flowgen.operating.traces import Trace, trace

__all__ = [
    "ENDED",
    "Answer",
    "Execution",
    "LogLine",
    "Machine",
    "MapRun",
    "NotValid",
    "Query",
    "Trace",
    "api",
    "check_token",
    "children",
    "describe",
    "execution_arn",
    "execution_name",
    "failed_since",
    "find",
    "follow_logs",
    "listed",
    "machines",
    "map_run",
    "map_run_arn",
    "moment",
    "read_logs",
    "redrive",
    "send_answer",
    "start",
    "start_and_wait",
    "stop",
    "trace",
    "wait",
]
