package shop;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumi.asset.AssetArchive;
import com.pulumi.asset.StringAsset;
import com.pulumi.aws.apigateway.Deployment;
import com.pulumi.aws.apigateway.DeploymentArgs;
import com.pulumi.aws.apigateway.Integration;
import com.pulumi.aws.apigateway.IntegrationArgs;
import com.pulumi.aws.apigateway.Method;
import com.pulumi.aws.apigateway.MethodArgs;
import com.pulumi.aws.apigateway.Resource;
import com.pulumi.aws.apigateway.ResourceArgs;
import com.pulumi.aws.apigateway.RestApi;
import com.pulumi.aws.apigateway.RestApiArgs;
import com.pulumi.aws.apigateway.Stage;
import com.pulumi.aws.apigateway.StageArgs;
import com.pulumi.aws.apigateway.inputs.RestApiEndpointConfigurationArgs;
import com.pulumi.aws.iam.Role;
import com.pulumi.aws.iam.RoleArgs;
import com.pulumi.aws.iam.RolePolicy;
import com.pulumi.aws.iam.RolePolicyArgs;
import com.pulumi.aws.lambda.Function;
import com.pulumi.aws.lambda.FunctionArgs;
import com.pulumi.core.Output;
import com.pulumi.resources.CustomResourceOptions;
import java.util.Map;

/** An orders API with one route, GET /orders, that only callers with IAM credentials may use. */
public class App {
    private static final String TRUST = """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}""";

    public static void main(String[] args) {
        Pulumi.run(App::stack);
    }

    private static void stack(Context context) {
        var execution = new Role("orders-execution", RoleArgs.builder()
            .assumeRolePolicy(TRUST.formatted("lambda.amazonaws.com"))
            .managedPolicyArns("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
            .build());

        var orders = new Function("orders", FunctionArgs.builder()
            .role(execution.arn())
            .runtime("nodejs22.x")
            .handler("index.handler")
            .code(new AssetArchive(Map.of("index.js", new StringAsset(
                "exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) });\n"))))
            .build());

        var api = new RestApi("shop", RestApiArgs.builder()
            .endpointConfiguration(RestApiEndpointConfigurationArgs.builder().types("REGIONAL").build())
            .build());

        var path = new Resource("orders-path", ResourceArgs.builder()
            .restApi(api.id())
            .parentId(api.rootResourceId())
            .pathPart("orders")
            .build());

        var method = new Method("get-orders", MethodArgs.builder()
            .restApi(api.id())
            .resourceId(path.id())
            .httpMethod("GET")
            .authorization("AWS_IAM")
            .build());

        var integration = new Integration("get-orders", IntegrationArgs.builder()
            .restApi(api.id())
            .resourceId(path.id())
            .httpMethod(method.httpMethod())
            .type("AWS_PROXY")
            .integrationHttpMethod("POST")
            .uri(orders.invokeArn())
            // API Gateway invokes the function as the caller of the route.
            .credentials("arn:aws:iam::*:user/*")
            .build());

        var deployment = new Deployment("shop", DeploymentArgs.builder()
            .restApi(api.id())
            .build(), CustomResourceOptions.builder().dependsOn(integration).build());

        var stage = new Stage("live", StageArgs.builder()
            .restApi(api.id())
            .deployment(deployment.id())
            .stageName("live")
            .build());

        // The caller: it may call the route, but not invoke the function, which is invoked with its credentials.
        var client = new Role("orders-client", RoleArgs.builder()
            .assumeRolePolicy(TRUST.formatted("ec2.amazonaws.com"))
            .build());

        new RolePolicy("orders-client-calls-shop", RolePolicyArgs.builder()
            .role(client.id())
            .policy(Output.format("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke",\
                "Resource":"%s/%s/GET/orders"}]}""", api.executionArn(), stage.stageName()))
            .build());

        context.export("url", Output.format("%s/orders", stage.invokeUrl()));
    }
}
