package agent

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/daypass/daypass/pkg/internal/process"
)

// spawn starts argv, with "--dir DIR" appended, as a detached process: a new session, the root as working directory,
// an empty environment, no open files of this process. It must call Serve. The channel receives the result of
// its exit, if this process lives that long.
func spawn(argv []string, dir string) (ended <-chan error, err error) {
	cmd := exec.Command(argv[0], append(argv[1:len(argv):len(argv)], "--dir", dir)...)
	cmd.Env = []string{} // nil would mean this process's environment
	cmd.Dir = filepath.VolumeName(dir) + string(filepath.Separator)
	cmd.SysProcAttr = process.Detached()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	return end, nil
}

// launch starts an agent. It returns when an agent answers in dir, this one or one that another process started
// meanwhile, or with an error after two seconds.
func launch(ctx context.Context, argv []string, dir string) error {
	ended, err := spawn(argv, dir)
	if err == nil {
		err = awaitAnswer(ctx, dir, ended)
	}
	if err != nil {
		return fmt.Errorf("starting an agent: %w", err)
	}
	return nil
}

func awaitAnswer(ctx context.Context, dir string, ended <-chan error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, ErrNoAnswer)
	defer cancel()
	client := &Client{Dir: dir} // remembers a hung agent until its socket is replaced
	for {
		_, err := client.ask(ctx, frame{op: opPing})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case exitErr := <-ended:
			if exitErr != nil {
				return fmt.Errorf("it exited: %w", errors.Join(exitErr, err))
			}
			client, ended = &Client{Dir: dir}, nil // another agent was first: it will answer soon
		case <-time.After(2 * time.Millisecond):
		}
	}
}
