"""AWS's limits. Source: Step Functions developer guide, "Service quotas"; States Language specification."""

MAX_SECONDS = 99_999_999
"""The longest `Seconds`, `TimeoutSeconds` and `IntervalSeconds` (specification, "Wait State", "Timeouts")."""

MAX_DELAY_SECONDS = 31_622_399
"""The most that `MaxDelaySeconds` may be: less than a leap year (specification, "Retrying after error")."""

DEFAULT_INTERVAL_SECONDS = 1
"""`IntervalSeconds` of a retrier that has none (specification, "Retrying after error")."""

MAX_DEFINITION_BYTES = 1_048_576
"""The most that a definition may have (API reference, `CreateStateMachine`)."""

MAX_LAMBDA_SECONDS = 900
"""The longest that a Lambda function may run (Lambda developer guide, "Lambda quotas")."""

MAX_EXPRESS_SECONDS = 300
"""The longest that an express workflow may run ("Service quotas", "Quotas related to state machine executions")."""

MAX_INLINE_CONCURRENCY = 40
"""Iterations of an inline Map that run at once ("Map state in Inline mode")."""

MAX_LABEL = 40
"""Characters of a distributed Map's `Label` ("Map state in Distributed mode")."""

MAX_EVENTS = 25_000
"""Events in the history of a standard execution ("Service quotas")."""

MAX_PAYLOAD_BYTES = 262_144
"""Input or output of a task, state or execution, as UTF-8 ("Service quotas")."""
