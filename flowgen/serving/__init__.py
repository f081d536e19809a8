"""The Step Functions API over HTTP: state machines and executions on your machine, for any AWS SDK.

In: programs with stable ARNs (the project's workflows), options for their tasks, requests of the API. Out: responses
in AWS's protocol, executions that the runner (`flowgen.local`) performs. Never: click; a rule of the States Language;
a thread for each execution; an address other than loopback unless requested.

`service_model` checks requests against botocore's model, `actions` performs them, `engine` runs executions in one
thread, and `http_server` speaks HTTP.
"""

from flowgen.serving.http_server import AddressInUse, Reload, serve
from flowgen.serving.service import Service
from flowgen.serving.settings import Settings

__all__ = ["AddressInUse", "Reload", "Service", "Settings", "serve"]
