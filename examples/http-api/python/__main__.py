import json

import pulumi
import pulumi_aws as aws


def trust(service):
    return aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": [service]}],
            }
        ]
    ).json


execution = aws.iam.Role(
    "orders-execution",
    assume_role_policy=trust("lambda.amazonaws.com"),
    managed_policy_arns=[aws.iam.ManagedPolicy.AWS_LAMBDA_BASIC_EXECUTION_ROLE],
)


def function(name):
    return aws.lambda_.Function(
        name,
        role=execution.arn,
        runtime="python3.13",
        handler="index.handler",
        code=pulumi.AssetArchive(
            {"index.py": pulumi.StringAsset("def handler(event, context):\n    return {'statusCode': 200}\n")}
        ),
    )


orders = function("orders")
fallback = function("fallback")

shop = aws.apigatewayv2.Api("shop", protocol_type="HTTP")
stage = aws.apigatewayv2.Stage("shop", api_id=shop.id, name="$default", auto_deploy=True)


def integration(name, to):
    return aws.apigatewayv2.Integration(
        name,
        api_id=shop.id,
        integration_type="AWS_PROXY",
        integration_uri=to.invoke_arn,
        payload_format_version="2.0",
    )


aws.apigatewayv2.Route(
    "get-orders",
    api_id=shop.id,
    route_key="GET /orders",
    authorization_type="AWS_IAM",
    target=pulumi.Output.concat("integrations/", integration("orders", orders).id),
)

aws.lambda_.Permission(
    "shop-invokes-orders",
    action="lambda:InvokeFunction",
    function=orders.name,
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(shop.execution_arn, "/*/GET/orders"),
)

# The fallback function has no permission for this route: API Gateway is not allowed to invoke it, and everyone gets a 500.
aws.apigatewayv2.Route(
    "fallback",
    api_id=shop.id,
    route_key="$default",
    target=pulumi.Output.concat("integrations/", integration("fallback", fallback).id),
)

client = aws.iam.Role("orders-client", assume_role_policy=trust("ec2.amazonaws.com"))

aws.iam.RolePolicy(
    "orders-client-calls-shop",
    role=client.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "execute-api:Invoke",
                    "Resource": pulumi.Output.concat(shop.execution_arn, "/", stage.name, "/GET/orders"),
                },
                {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": orders.arn},
            ],
        }
    ),
)

pulumi.export("url", pulumi.Output.concat(stage.invoke_url, "orders"))
