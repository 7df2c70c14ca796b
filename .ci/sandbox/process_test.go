//go:build integration

package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// commandDeadline is a time limit that no command of the tests reaches unless it hangs.
const commandDeadline = 120 * time.Second

// result is the result of a command.
type result struct {
	stdout, stderr string
	code           int   // -1 if it was killed or did not start
	err            error // why it did not start, was killed, or left its output open
}

func (r result) ok() bool { return r.code == 0 && r.err == nil }

func (r result) String() string {
	return fmt.Sprintf("exit %d, %v\nstdout: %s\nstderr: %s", r.code, r.err, r.stdout, r.stderr)
}

// run runs the command. Background processes must not keep its output open: callers that read a pipe to its end would
// hang.
func run(cmd *exec.Cmd) result { return runWith(cmd, func() {}) }

// runWith calls meanwhile while the command runs.
func runWith(cmd *exec.Cmd, meanwhile func()) result {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return result{code: -1, err: err}
	}
	timer := time.AfterFunc(commandDeadline, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	meanwhile()
	err := cmd.Wait()
	r := result{stdout: stdout.String(), stderr: stderr.String(), code: -1, err: err}
	if exit := (*exec.ExitError)(nil); err == nil || errors.As(err, &exit) && exit.Exited() {
		r.code, r.err = cmd.ProcessState.ExitCode(), nil
	}
	return r
}
