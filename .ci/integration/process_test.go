//go:build integration

package integration

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// commandDeadline is more than any command of the tests may take; one that takes longer hangs.
const commandDeadline = 90 * time.Second

// result is what a command left.
type result struct {
	stdout, stderr string
	code           int   // -1 when it was killed or never ran
	err            error // why it never ran, was killed, or left its output open
}

func (r result) ok() bool { return r.code == 0 && r.err == nil }

func (r result) String() string {
	return fmt.Sprintf("exit %d, %v\nstdout: %s\nstderr: %s", r.code, r.err, r.stdout, r.stderr)
}

// run runs the command to its end. What it leaves running must not hold its output: callers that read
// to the end of a pipe would hang.
func run(cmd *exec.Cmd) result {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	timer := time.AfterFunc(commandDeadline, func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	defer timer.Stop()
	err := cmd.Run()
	r := result{stdout: stdout.String(), stderr: stderr.String(), code: -1, err: err}
	if exit := (*exec.ExitError)(nil); err == nil || errors.As(err, &exit) && exit.Exited() {
		r.code, r.err = cmd.ProcessState.ExitCode(), nil
	}
	return r
}
