"""Deploys a package to AWS: uploads what is missing, shows the changes, makes them and reports progress.

In: a package's manifest, values of parameters, AWS clients, a `Person` to ask.
Out: an `Outcome`, the stack's events as they happen, diagnostics (FG541-FG549).
Never: use click; change anything in AWS before the person agrees, except files in the bucket; read a clock (events have
their own time, and waiting is a parameter).
"""

from flowgen.deploying.aws_errors import Refused
from flowgen.deploying.cloud import Cloud, connect
from flowgen.deploying.deploy import Outcome, Status, Wanted, deploy
from flowgen.deploying.package import Asset, Package, Source, read
from flowgen.deploying.person import Person

__all__ = [
    "Asset",
    "Cloud",
    "Outcome",
    "Package",
    "Person",
    "Refused",
    "Source",
    "Status",
    "Wanted",
    "connect",
    "deploy",
    "read",
]
