package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/sandbox"
)

// cloud is a running sandbox, and the private directory with the configuration for programs in it.
type cloud struct {
	*sandbox.Sandbox
	tool *Tool
	dir  string
	// self is the command line that runs this program as daypass.
	self []string
	// environ are the variables that point programs at the sandbox.
	environ []string
	cleaner *cleaner
}

// dirPrefix is the prefix of the name of every private directory.
const dirPrefix = "daypass-sandbox-"

func (t *Tool) newCloud(o sandbox.Options) (_ *cloud, err error) {
	program, err := t.executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	c := &cloud{tool: t, self: []string{program, daypassCommand}}
	if c.Sandbox, err = sandbox.StartWith(o); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.dir, err = os.MkdirTemp("", dirPrefix); err != nil {
		return nil, fmt.Errorf("creating a private directory: %w", err)
	}
	if c.environ, err = c.Configure(c.dir, c.self); err != nil {
		return nil, err
	}
	return c, c.startCleaner()
}

// close stops everything. The servers stop last, because they receive the sign-outs.
func (c *cloud) close() error {
	var err error
	if c.cleaner != nil {
		_ = c.cleaner.run() // cleanUp below returns the error, if it lasts
	}
	if c.dir != "" {
		err = c.cleanUp()
	}
	return errors.Join(err, c.Sandbox.Close())
}

func (c *cloud) runtimeDir() string { return filepath.Join(c.dir, "run") }

// environment returns the environment for a program in the sandbox: that of this process, without variables that
// would point it elsewhere, and with those that point it here.
func (c *cloud) environment(more ...string) []string {
	var kept []string
	for _, entry := range c.tool.environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "DAYPASS_") && !strings.HasPrefix(name, "AWS_") {
			kept = append(kept, entry)
		}
	}
	return slices.Concat(kept, []string{"NO_PROXY=" + noProxy(kept), "no_proxy=" + noProxy(kept)}, c.environ, more)
}

// noProxy returns the value of NO_PROXY that keeps loopback requests away from a proxy. Unlike Go's clients, botocore
// would use one.
func noProxy(environ []string) string {
	all := []string{"127.0.0.1", "localhost"}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value := lookup(environ, name); value != "" {
			return strings.Join(append([]string{value}, all...), ",")
		}
	}
	return strings.Join(all, ",")
}

// lookup returns the variable's last value, which takes precedence.
func lookup(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}
