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

orders = aws.lambda_.Function(
    "orders",
    role=execution.arn,
    runtime="python3.13",
    handler="index.handler",
    code=pulumi.AssetArchive(
        {"index.py": pulumi.StringAsset("def handler(event, context):\n    return {'statusCode': 200}\n")}
    ),
)

shop = aws.apigateway.RestApi("shop", endpoint_configuration={"types": "REGIONAL"})

path = aws.apigateway.Resource(
    "orders-path", rest_api=shop.id, parent_id=shop.root_resource_id, path_part="orders"
)

method = aws.apigateway.Method(
    "get-orders", rest_api=shop.id, resource_id=path.id, http_method="GET", authorization="AWS_IAM"
)

integration = aws.apigateway.Integration(
    "get-orders",
    rest_api=shop.id,
    resource_id=path.id,
    http_method=method.http_method,
    type="AWS_PROXY",
    integration_http_method="POST",
    uri=orders.invoke_arn,
    # API Gateway invokes the function as the caller of the route.
    credentials="arn:aws:iam::*:user/*",
)

deployment = aws.apigateway.Deployment(
    "shop",
    rest_api=shop.id,
    triggers={"routes": pulumi.Output.json_dumps([path.id, method.id, integration.id])},
    opts=pulumi.ResourceOptions(depends_on=[method, integration]),
)

live = aws.apigateway.Stage("live", rest_api=shop.id, deployment=deployment.id, stage_name="live")

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
                    "Resource": pulumi.Output.concat(shop.execution_arn, "/", live.stage_name, "/GET/orders"),
                }
            ],
        }
    ),
)

pulumi.export("url", pulumi.Output.concat(live.invoke_url, "/orders"))
