// The API keys of a project as resources: minted, healed when revoked by hand, and revoked by `pulumi up`.
package apikeys
