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
