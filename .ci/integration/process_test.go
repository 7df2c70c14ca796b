//go:build integration

package integration

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"
)

// commandDeadline is longer than any command of the tests takes. One that takes longer hangs.
const commandDeadline = 90 * time.Second

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

// run runs the command. Processes that it leaves running must not hold its output open, because callers that read to
// the end of a pipe would hang.
func run(cmd *exec.Cmd) result { return runFor(commandDeadline, cmd) }

// runFor is run with another deadline.
func runFor(limit time.Duration, cmd *exec.Cmd) result {
	s := &started{cmd: cmd}
	if err := s.start(); err != nil {
		return result{code: -1, err: err}
	}
	return s.endWithin(limit)
}

// started is a running command.
type started struct {
	cmd            *exec.Cmd
	t              *testing.T // fails when a wait times out; may be nil
	stdout, stderr output
	err            error
	ended          chan struct{}
}

// output collects what a command prints. It can be read while the command runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (s *started) start() error {
	s.ended = make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, &s.stderr
	s.cmd.WaitDelay = 5 * time.Second
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	return nil
}

// awaitText waits until stderr matches the pattern, and returns the match.
func (s *started) awaitText(pattern string) string {
	s.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(startDeadline); time.Now().Before(deadline); <-time.After(pollInterval) {
		if found := wanted.FindString(s.stderr.String()); found != "" {
			return found
		}
	}
	s.t.Fatalf("stderr does not match %q within %v: %s", pattern, startDeadline, s.kill())
	return ""
}

// kill kills the command.
func (s *started) kill() result {
	_ = s.cmd.Process.Kill()
	return s.end()
}

func (s *started) end() result { return s.endWithin(commandDeadline) }

// endWithin waits until the command exits, and kills it at the deadline.
func (s *started) endWithin(limit time.Duration) result {
	timer := time.AfterFunc(limit, func() { _ = s.cmd.Process.Kill() })
	defer timer.Stop()
	<-s.ended
	r := result{stdout: s.stdout.String(), stderr: s.stderr.String(), code: -1, err: s.err}
	if exit := (*exec.ExitError)(nil); s.err == nil || errors.As(s.err, &exit) && exit.Exited() {
		r.code, r.err = s.cmd.ProcessState.ExitCode(), nil
	}
	return r
}
