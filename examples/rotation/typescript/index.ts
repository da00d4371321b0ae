// A service that calls the API with a key which rotates while the service runs.

import * as pulumi from "@pulumi/pulumi";
import * as apikeys from "pulumi-apikeys";

const config = new pulumi.Config();

const billing = new apikeys.RotatingAPIKey("billing", {
    name: `billing-${pulumi.getStack()}`,
    scopes: ["invoices:read"],
    rotateEvery: "30d",
    overlap: "7d",
    expiresAfter: "44d", // if nobody runs `pulumi up` any more, each key ends by itself
    retire: apikeys.Retire.WhenUnused, // a service that has not read its settings again keeps working, and each run tells
    emergencyTriggers: { incident: config.require("incident") },
});

// The service tries the first key, and the second one where the server refuses the first. The second is empty while
// there is none.
export const key = billing.key;
export const previousKey = billing.previousKey;
export const keyId = billing.keyId;
export const nextRotationAt = billing.nextRotationAt;
export const previousRevokesAt = billing.previousRevokesAt;
