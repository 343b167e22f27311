using System.Collections.Generic;
using Pulumi;
using Aws = Pulumi.Aws;

// An orders API with one route, GET /orders, that only callers with IAM credentials may use.
return await Deployment.RunAsync(() =>
{
    static string TrustOf(string service) =>
        $@"{{""Version"":""2012-10-17"",""Statement"":[{{""Effect"":""Allow"",""Principal"":{{""Service"":""{service}""}},""Action"":""sts:AssumeRole""}}]}}";

    var execution = new Aws.Iam.Role("orders-execution", new Aws.Iam.RoleArgs
    {
        AssumeRolePolicy = TrustOf("lambda.amazonaws.com"),
        ManagedPolicyArns = { "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" },
    });

    var orders = new Aws.Lambda.Function("orders", new Aws.Lambda.FunctionArgs
    {
        Role = execution.Arn,
        Runtime = Aws.Lambda.Runtime.NodeJS22dX,
        Handler = "index.handler",
        Code = new AssetArchive(new Dictionary<string, AssetOrArchive>
        {
            ["index.js"] = new StringAsset(
                "exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) });\n"),
        }),
    });

    var api = new Aws.ApiGateway.RestApi("shop", new Aws.ApiGateway.RestApiArgs
    {
        EndpointConfiguration = new Aws.ApiGateway.Inputs.RestApiEndpointConfigurationArgs { Types = "REGIONAL" },
    });

    var path = new Aws.ApiGateway.Resource("orders-path", new Aws.ApiGateway.ResourceArgs
    {
        RestApi = api.Id,
        ParentId = api.RootResourceId,
        PathPart = "orders",
    });

    var method = new Aws.ApiGateway.Method("get-orders", new Aws.ApiGateway.MethodArgs
    {
        RestApi = api.Id,
        ResourceId = path.Id,
        HttpMethod = "GET",
        Authorization = "AWS_IAM",
    });

    var integration = new Aws.ApiGateway.Integration("get-orders", new Aws.ApiGateway.IntegrationArgs
    {
        RestApi = api.Id,
        ResourceId = path.Id,
        HttpMethod = method.HttpMethod,
        Type = "AWS_PROXY",
        IntegrationHttpMethod = "POST",
        Uri = orders.InvokeArn,
        // API Gateway invokes the function as the caller of the route.
        Credentials = "arn:aws:iam::*:user/*",
    });

    var deployment = new Aws.ApiGateway.Deployment("shop", new Aws.ApiGateway.DeploymentArgs
    {
        RestApi = api.Id,
    }, new CustomResourceOptions { DependsOn = { integration } });

    var stage = new Aws.ApiGateway.Stage("live", new Aws.ApiGateway.StageArgs
    {
        RestApi = api.Id,
        Deployment = deployment.Id,
        StageName = "live",
    });

    // The caller: it may call the route, but not invoke the function, which is invoked with its credentials.
    var client = new Aws.Iam.Role("orders-client", new Aws.Iam.RoleArgs
    {
        AssumeRolePolicy = TrustOf("ec2.amazonaws.com"),
    });

    new Aws.Iam.RolePolicy("orders-client-calls-shop", new Aws.Iam.RolePolicyArgs
    {
        Role = client.Id,
        Policy = Output.Format(
            $@"{{""Version"":""2012-10-17"",""Statement"":[{{""Effect"":""Allow"",""Action"":""execute-api:Invoke"",""Resource"":""{api.ExecutionArn}/{stage.StageName}/GET/orders""}}]}}"),
    });

    return new Dictionary<string, object?> { ["url"] = Output.Format($"{stage.InvokeUrl}/orders") };
});
