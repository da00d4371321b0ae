// The API keys of one project: one for deployments, which ends by itself, and one for reports.

import * as pulumi from "@pulumi/pulumi";
import * as apikeys from "pulumi-apikeys";

const config = new pulumi.Config();

const deploy = new apikeys.APIKey("deploy", {
    name: `deploy-${pulumi.getStack()}`,
    scopes: ["builds:read", "builds:write"],
    expiresIn: config.require("deployKeyLifetime"),
});

// Without a name, the key is named after the resource with a random suffix: unique, which makes a replace smooth.
const reports = new apikeys.APIKey("reports", { scopes: config.requireObject<string[]>("reportScopes") });

export const deployKey = deploy.key;
export const deployKeyId = deploy.keyId;
export const deployKeyExpiresAt = deploy.expiresAt;
export const reportsKey = reports.key;
export const reportsKeyId = reports.keyId;
export const reportsKeyName = reports.name;
