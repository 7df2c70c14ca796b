package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

// serve serves until the context ends.
func (t *Tool) serve(ctx context.Context, f *flags) error {
	c, err := t.open(f, sandbox.Options{})
	if err != nil {
		return err
	}
	defer c.close()
	t.say("An identity provider, STS, Cognito and S3 on this machine. Ctrl-C stops them and deletes everything.")
	t.say("")
	t.pairs([][2]string{
		{"idp", c.IdP.URL()}, {"sts", c.STS.URL()}, {"cognito", c.Cognito.URL()}, {"s3", c.S3.URL()},
		{"people", strings.Join(people(c.Sandbox), ", ")}, {"role", c.RoleARN}, {"pool", sandbox.PoolID}, {"bucket", c.S3.Bucket},
		{"files", c.dir},
	})
	t.say("")
	t.say("Paste this into another shell to point daypass and AWS SDKs there at the sandbox:")
	t.say("")
	if err := shell().Write(t.out, c.variables()); err != nil {
		return err
	}
	t.say("")
	if err := c.writeFile(); err != nil {
		return err
	}
	t.say("Then try:")
	t.say("  %s login", strings.Join(c.self, " "))
	t.say("  aws --endpoint-url %s sts get-caller-identity", c.STS.URL()) // versions before 2.13 need the option
	t.say("")
	<-ctx.Done()
	return nil
}

// writeFile also writes the variables to a file, which is easier to source than to paste.
func (c *cloud) writeFile() error {
	if shell() != credential.Sh {
		return nil
	}
	path := filepath.Join(c.dir, "env")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing the variables: %w", err)
	}
	err = errors.Join(shell().Write(file, c.variables()), file.Close())
	if err == nil {
		c.tool.say("Or run:  . %s", path)
		c.tool.say("")
	}
	return err
}

// shell returns the shell whose syntax is printed.
func shell() credential.Shell {
	if runtime.GOOS == "windows" {
		return credential.PowerShell
	}
	return credential.Sh
}

// variables returns the environment for a shell: variables that point at the sandbox, and other AWS and daypass
// variables unset.
func (c *cloud) variables() credential.Environment {
	var e credential.Environment
	for _, name := range credential.UnsetEnvironment().Unset {
		if lookup(c.environ, name) == "" {
			e.Unset = append(e.Unset, name)
		}
	}
	for _, entry := range c.environ {
		name, value, _ := strings.Cut(entry, "=")
		e.Set = append(e.Set, credential.Variable{Name: name, Value: secret.New(value)})
	}
	return e
}

// say prints a line to stderr.
func (t *Tool) say(format string, values ...any) { fmt.Fprintf(t.err, format+"\n", values...) }

// pairs prints two columns.
func (t *Tool) pairs(lines [][2]string) {
	for _, line := range lines {
		t.say("  %-8s  %s", line[0], line[1])
	}
}
