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
    name="orders",
    role=execution.arn,
    runtime="python3.13",
    handler="index.handler",
    code=pulumi.AssetArchive(
        {"index.py": pulumi.StringAsset("def handler(event, context):\n    return {'statusCode': 200}\n")}
    ),
)

account = aws.get_caller_identity().account_id
region = aws.get_region().region

# The function is named, not referred to, so that a preview shows the document before the function exists.
orders_arn = f"arn:aws:lambda:{region}:{account}:function:orders"

shop = aws.apigateway.RestApi(
    "shop",
    endpoint_configuration={"types": "REGIONAL"},
    body=json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "shop", "version": "1.0"},
            "paths": {
                "/orders": {
                    "get": {
                        "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
                        "x-amazon-apigateway-integration": {
                            "type": "aws_proxy",
                            "httpMethod": "POST",
                            "uri": f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{orders_arn}/invocations",
                            "credentials": "arn:aws:iam::*:user/*",
                        },
                    }
                }
            },
        }
    ),
)

aws.lambda_.Permission(
    "shop-invokes-orders",
    action="lambda:InvokeFunction",
    function=orders.name,
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(shop.execution_arn, "/*/GET/orders"),
)

deployment = aws.apigateway.Deployment("shop", rest_api=shop.id, triggers={"body": shop.body})

live = aws.apigateway.Stage("live", rest_api=shop.id, deployment=deployment.id, stage_name="live")

client = aws.iam.Role("orders-client", assume_role_policy=trust("ec2.amazonaws.com"))

# The policy does not contain the API's id, so that a preview shows this document too.
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
                    "Resource": pulumi.Output.concat(
                        f"arn:aws:execute-api:{region}:{account}:*/", live.stage_name, "/GET/orders"
                    ),
                }
            ],
        }
    ),
)

pulumi.export("url", pulumi.Output.concat(live.invoke_url, "/orders"))
