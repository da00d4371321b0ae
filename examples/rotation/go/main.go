// A service that calls the API with a key which rotates while the service runs.
package main

import (
	apikeys "example.com/pulumi-apikeys/sdk/go/apikeys"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")

		billing, err := apikeys.NewRotatingAPIKey(ctx, "billing", &apikeys.RotatingAPIKeyArgs{
			Name:        pulumi.Sprintf("billing-%s", ctx.Stack()),
			Scopes:      pulumi.ToStringArray([]string{"invoices:read"}),
			RotateEvery: pulumi.String("30d"),
			Overlap:     pulumi.String("7d"),
			// If nobody runs `pulumi up` any more, each key ends by itself.
			ExpiresAfter: pulumi.String("44d"),
			// A service that has not read its settings again keeps working, and each run tells.
			Retire:            apikeys.RetireWhenUnused,
			EmergencyTriggers: pulumi.Map{"incident": pulumi.String(settings.Require("incident"))},
		})
		if err != nil {
			return err
		}

		// The service tries the first key, and the second one where the server refuses the first. The second is empty
		// while there is none.
		ctx.Export("key", billing.Key)
		ctx.Export("previousKey", billing.PreviousKey)
		ctx.Export("keyId", billing.KeyId)
		ctx.Export("nextRotationAt", billing.NextRotationAt)
		ctx.Export("previousRevokesAt", billing.PreviousRevokesAt)
		return nil
	})
}
