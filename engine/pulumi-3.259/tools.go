//go:build tools

// Package tools pins the Pulumi command line, so that a plain `go build` makes it from this module's go.sum.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
