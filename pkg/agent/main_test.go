package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// The test binary as another process, by its first argument.
const (
	agentRuns  = "run-agent-under-test" // --dir DIR
	agentPuts  = "put-under-test"       // DIR
	endsAtOnce = "end-at-once"
)

func TestMain(m *testing.M) {
	switch args := os.Args; {
	case len(args) == 4 && args[1] == agentRuns:
		if err := Serve(context.Background(), args[3], false); !errors.Is(err, ErrRunning) {
			exit(err)
		}
		exit(nil)
	case len(args) == 3 && args[1] == agentPuts:
		c := &Client{Dir: args[2], Command: []string{args[0], agentRuns}, Timeout: limit}
		exit(c.Put(context.Background(), "k", []byte("v"), time.Now().Add(time.Hour)))
	case len(args) > 1 && args[1] == endsAtOnce:
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
