"""Derives what the role of a state machine must allow, and writes IAM policies.

In: a `WorkflowStack` and its `StackContext`.
Out: the grants that its states need and the needs that cannot be derived (`grants`), in stages: `requests` (IAM actions
of a call), `arns` (the resources they act on), `policies` (documents), `policy_sizes` (documents within IAM's quotas);
`encryption` adds the KMS key.
Never: grant an action on a resource that the workflow does not name; load IAM data unless a service is called.
"""
