"""The resources that start a workflow: schedules, rules, pipes, queues and HTTP APIs.

In: the triggers of a `WorkflowStack`.
Out: their resources, each with its role and dead-letter queue (`resources`); the URLs of APIs (`apis`); inputs over a
service's limit (`limits`, FG402).
Never: decide what the input of a workflow is (`flowgen.compile` does); build a state machine.
"""
