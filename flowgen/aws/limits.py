"""Limits of AWS. Sources: Step Functions developer guide, "Service quotas"; States Language specification."""

MAX_SECONDS = 99_999_999
"""Maximum of `Seconds`, `TimeoutSeconds` and `IntervalSeconds` (specification, "Wait State", "Timeouts")."""

MAX_DELAY_SECONDS = 31_622_399
"""Maximum of `MaxDelaySeconds`: less than a leap year (specification, "Retrying after error")."""

DEFAULT_INTERVAL_SECONDS = 1
"""Default of `IntervalSeconds` in a retrier (specification, "Retrying after error")."""

MAX_DEFINITION_BYTES = 1_048_576
"""Maximum size of a definition (API reference, `CreateStateMachine`)."""

MAX_LAMBDA_SECONDS = 900
"""Maximum duration of a Lambda function (Lambda developer guide, "Lambda quotas")."""

MAX_EXPRESS_SECONDS = 300
"""Maximum duration of an express workflow ("Service quotas", "Quotas related to state machine executions")."""

MAX_INLINE_CONCURRENCY = 40
"""Maximum concurrent iterations of an inline Map ("Map state in Inline mode")."""

MAX_LABEL = 40
"""Maximum characters of a distributed Map's `Label` ("Map state in Distributed mode")."""

MAX_EVENTS = 25_000
"""Maximum events in the history of a standard execution ("Service quotas")."""

MAX_PAYLOAD_BYTES = 262_144
"""Maximum size of the input or output of a task, state or execution, as UTF-8 ("Service quotas")."""
