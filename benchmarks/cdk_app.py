"""The AWS CDK app for the stack of `flowgen template` on `template_vs_cdk.workflow(steps)`: `cdk_app.py STEPS FOLDER`.

It follows CDK's guide and uses high-level constructs. It runs in CDK's own virtual environment.
"""

from __future__ import annotations

import sys

import aws_cdk as cdk
from aws_cdk import aws_lambda, aws_logs, aws_s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

CONTEXT = {
    "execution_id": "{% $states.context.Execution.Id %}",
    "execution_name": "{% $states.context.Execution.Name %}",
    "started_at": "{% $states.context.Execution.StartTime %}",
    "workflow": "benchmark",
    "attempt": "{% $states.context.State.RetryCount + 1 %}",
}


def main() -> None:
    """A state machine of STEPS states: four of five call a function and one waits; two calls share a function."""
    steps, folder = int(sys.argv[1]), sys.argv[2]
    app = cdk.App(outdir=folder)
    stack = cdk.Stack(app, "Benchmark", description="A workflow to measure.")
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Code", cdk.CfnParameter(stack, "CodeBucket").value_as_string)
    key = cdk.CfnParameter(stack, "CodeKey").value_as_string
    functions = [
        aws_lambda.Function(
            stack,
            f"Function{number}",
            description=f"Number {number}.",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            handler=f"benchmark.function_{number}.handler",
            code=aws_lambda.Code.from_bucket_v2(bucket, key),
            memory_size=256,
            timeout=cdk.Duration.seconds(30),
            tracing=aws_lambda.Tracing.ACTIVE,
            logging_format=aws_lambda.LoggingFormat.JSON,
            log_group=aws_logs.LogGroup(
                stack,
                f"Function{number}Logs",
                log_group_name=f"/aws/lambda/{stack.stack_name}/benchmark/function_{number}",
                retention=aws_logs.RetentionDays.ONE_MONTH,
            ),
        )
        for number in range(steps // 2)
    ]
    states = [_state(stack, number, functions) for number in range(steps)]
    chain = sfn.Chain.start(states[0])
    for state in states[1:]:
        chain = chain.next(state)
    machine = sfn.StateMachine(
        stack,
        "StateMachine",
        comment="A workflow to measure.",
        query_language=sfn.QueryLanguage.JSONATA,
        definition_body=sfn.DefinitionBody.from_chainable(chain),
        tracing_enabled=True,
        logs=sfn.LogOptions(
            level=sfn.LogLevel.ALL,
            destination=aws_logs.LogGroup(
                stack,
                "StateMachineLogs",
                log_group_name=f"/aws/vendedlogs/states/{stack.stack_name}/benchmark",
                retention=aws_logs.RetentionDays.ONE_MONTH,
            ),
        ),
    )
    cdk.CfnOutput(stack, "StateMachineArn", value=machine.state_machine_arn)
    app.synth()


def _state(stack: cdk.Stack, number: int, functions: list[aws_lambda.Function]) -> sfn.State:
    if number % 5 == 4:  # noqa: PLR2004 - the fifth of five
        return sfn.Wait.jsonata(stack, f"step_{number}", time=sfn.WaitTime.duration(cdk.Duration.seconds(60)))
    payload = {"input": "{% $states.input %}", "context": {**CONTEXT, "step": f"step_{number}"}}
    task = tasks.LambdaInvoke.jsonata(
        stack,
        f"step_{number}",
        lambda_function=functions[number // 2],
        payload=sfn.TaskInput.from_object(payload),
        outputs="{% $states.result.Payload %}",
    )
    task.add_retry(errors=["States.ALL"], max_attempts=3, backoff_rate=2)
    return task


if __name__ == "__main__":
    main()
