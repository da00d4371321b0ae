// Command gensdk writes the SDK of a Pulumi package for one language, with Pulumi's own generators:
//
//	gensdk <python|nodejs|go> <schema.json> <outdir>
//
// The folder outdir must be missing or empty: this command removes nothing. The same schema gives the same bytes.
// It exists because `pulumi package gen-sdk` needs a language host newer than the one that can be built here.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi"

type generator func(*schema.Package, schema.ReferenceLoader) (map[string][]byte, error)

var generators = map[string]generator{
	"python": func(pkg *schema.Package, loader schema.ReferenceLoader) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, nil, loader)
	},
	"nodejs": func(pkg *schema.Package, loader schema.ReferenceLoader) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, loader)
	},
	"go": func(pkg *schema.Package, _ schema.ReferenceLoader) (map[string][]byte, error) {
		return gogen.GeneratePackage(tool, pkg, nil)
	},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gensdk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: gensdk <%s> <schema.json> <outdir>", strings.Join(languages(), "|"))
	}
	language, schemaPath, outDir := args[0], args[1], args[2]
	generate, ok := generators[language]
	if !ok {
		return fmt.Errorf("no generator for %q: choose one of %s", language, strings.Join(languages(), ", "))
	}
	loader := schema.NewPluginLoader(nil)
	pkg, err := load(schemaPath, loader)
	if err != nil {
		return err
	}
	files, err := generate(pkg, loader)
	if err != nil {
		return fmt.Errorf("the %s generator: %w", language, err)
	}
	return write(outDir, files)
}

func languages() []string {
	names := make([]string, 0, len(generators))
	for name := range generators {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// load reads and checks the schema; a dangling reference or an unknown field is an error.
func load(path string, loader schema.Loader) (*schema.Package, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var spec schema.PackageSpec
	if err := decoder.Decode(&spec); err != nil {
		return nil, fmt.Errorf("%s is no package schema: %w", path, err)
	}
	pkg, diags, err := schema.BindSpec(spec, loader, schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %w", path, diags)
	}
	return pkg, nil
}

// write puts the generated files, whose names are relative and use slashes, into a missing or empty folder.
func write(outDir string, files map[string][]byte) error {
	present, err := os.ReadDir(outDir)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(present) > 0 {
		return fmt.Errorf("%s is not empty: remove it first, or name another folder", outDir)
	}
	for name, text := range files {
		path := filepath.Join(outDir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
