package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/process"
)

// The test binary runs as one of these processes, chosen by its first argument.
const (
	agentRuns         = "run-agent-under-test"           // --dir DIR
	agentRunsFastTick = "run-fast-tick-agent-under-test" // --dir DIR; it checks its socket more often
	agentPuts         = "put-under-test"                 // DIR KEY
	endsAtOnce        = "end-at-once"
)

func TestMain(m *testing.M) {
	switch args := os.Args; {
	case len(args) == 4 && args[1] == agentRuns:
		exit(Serve(context.Background(), args[3], false, nil))
	case len(args) == 4 && args[1] == agentRunsFastTick:
		process.Isolate()
		s := newServer(args[3])
		s.tick = 20 * time.Millisecond
		exit(s.serve(context.Background()))
	case len(args) == 4 && args[1] == agentPuts:
		c := &Client{Dir: args[2], Command: []string{args[0], agentRuns}, Timeout: limit}
		exit(c.Put(context.Background(), args[3], []byte("v"), time.Now().Add(time.Hour)))
	case len(args) > 1 && args[1] == endsAtOnce:
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// exit skips the second that the race detector waits when a process exits.
func exit(err error) {
	if err != nil && !errors.Is(err, ErrRunning) {
		fmt.Fprintln(os.Stderr, err)
		syscall.Exit(1)
	}
	syscall.Exit(0)
}
