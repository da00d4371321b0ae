// The API keys of one project: one for deployments, which ends by itself, and one for reports.
package main

import (
	apikeys "example.com/pulumi-apikeys/sdk/go/apikeys"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		var reportScopes []string
		settings.RequireObject("reportScopes", &reportScopes)

		deploy, err := apikeys.NewAPIKey(ctx, "deploy", &apikeys.APIKeyArgs{
			Name:      pulumi.Sprintf("deploy-%s", ctx.Stack()),
			Scopes:    pulumi.ToStringArray([]string{"builds:read", "builds:write"}),
			ExpiresIn: pulumi.String(settings.Require("deployKeyLifetime")),
		})
		if err != nil {
			return err
		}

		// Without a name, the key is named after the resource with a random suffix: unique, which makes a replace smooth.
		reports, err := apikeys.NewAPIKey(ctx, "reports", &apikeys.APIKeyArgs{
			Scopes: pulumi.ToStringArray(reportScopes),
		})
		if err != nil {
			return err
		}

		ctx.Export("deployKey", deploy.Key)
		ctx.Export("deployKeyId", deploy.KeyId)
		ctx.Export("deployKeyExpiresAt", deploy.ExpiresAt)
		ctx.Export("reportsKey", reports.Key)
		ctx.Export("reportsKeyId", reports.KeyId)
		ctx.Export("reportsKeyName", reports.Name)
		return nil
	})
}
