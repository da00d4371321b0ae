//go:build tools

// Package tools pins Pulumi's YAML language host, so that a plain `go build` makes it from this module's go.sum.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
