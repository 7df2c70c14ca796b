package agent

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// spawn starts argv, with "--dir DIR" behind it, as a process of its own: a new session, the root as
// working directory, an empty environment, nothing of ours open. It returns when an agent answers in dir, be it
// this one or one that another process started meanwhile, or with an error after two seconds. That
// process is to call Serve.
func spawn(argv []string, dir string) error {
	cmd := exec.Command(argv[0], append(argv[1:len(argv):len(argv)], "--dir", dir)...)
	cmd.Env = []string{} // nil would mean ours
	cmd.Dir = filepath.VolumeName(dir) + string(filepath.Separator)
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting an agent: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // reaps it if it ends while we live
	if err := awaitAnswer(dir, ended); err != nil {
		return fmt.Errorf("starting an agent: %w", err)
	}
	return nil
}

func awaitAnswer(dir string, ended <-chan error) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), startLimit, ErrNoAnswer)
	defer cancel()
	client := Client{Dir: dir}
	for {
		_, err := client.ask(ctx, frame{op: opPing})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case fault := <-ended:
			if fault != nil {
				return fmt.Errorf("it ended: %w", errors.Join(fault, err))
			}
			ended = nil // another agent was there first: it answers in a moment
		case <-time.After(2 * time.Millisecond):
		}
	}
}
