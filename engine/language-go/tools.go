//go:build tools

// Package tools pins Pulumi's Go language host, so that a plain `go build` makes it from this module's go.sum.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"
