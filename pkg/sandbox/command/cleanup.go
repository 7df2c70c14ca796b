package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/process"
)

// cleanUpCommand is the hidden command of the process that cleans up after a sandbox.
const cleanUpCommand = "clean-up"

// cleaner is a process that waits until the sandbox has ended, and then cleans up. It notices kill -9 too: its
// standard input is a pipe that only the sandbox has open.
type cleaner struct {
	cmd   *exec.Cmd
	alive io.Closer
}

func (c *cloud) startCleaner() error {
	cmd := exec.Command(c.self[0], cleanUpCommand, c.dir)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = c.environment(), filepath.VolumeName(c.dir)+string(filepath.Separator), process.Detached()
	alive, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("starting the process that cleans up: %w", err)
	}
	c.cleaner = &cleaner{cmd, alive}
	return nil
}

// run makes the process clean up, and waits until it has ended.
func (c *cleaner) run() error {
	_ = c.alive.Close() // fails only if the process has ended
	return c.cmd.Wait()
}

func newCleanUpCommand(t *Tool) *cobra.Command {
	return &cobra.Command{
		Use: cleanUpCommand + " DIR", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c := &cloud{tool: t, dir: args[0]}
			for _, entry := range t.environ {
				if strings.HasPrefix(entry, "DAYPASS_") || strings.HasPrefix(entry, "AWS_") {
					c.environ = append(c.environ, entry)
				}
			}
			if !strings.HasPrefix(filepath.Base(c.dir), dirPrefix) || lookup(c.environ, "DAYPASS_RUNTIME_DIR") != c.runtimeDir() {
				return usagef("%s is not the directory of a sandbox", c.dir)
			}
			_, _ = io.Copy(io.Discard, t.in) // an error also means that the sandbox has ended
			return c.cleanUp()
		},
	}
}

// cleanUp signs out (the operating system's keyring may have a token), stops the agent, and removes the directory.
func (c *cloud) cleanUp() error {
	if _, err := os.Stat(c.runtimeDir()); err == nil {
		for _, profile := range []string{"demo", "demo-guest"} { // demo-cognito has the login of demo
			cli.Main(context.Background(), []string{"logout", "--quiet", "--profile", profile, "--timeout", "3s"}, c.daypass(io.Discard, io.Discard))
		}
		client := agent.Client{Dir: c.runtimeDir()}
		_, _ = client.Stop(context.Background()) // fails if none is running
	}
	return os.RemoveAll(c.dir)
}
