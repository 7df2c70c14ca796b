package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/internal/process"
)

// Report is what a background process writes for its caller, one JSON object a line. Exactly one field is set. The
// bytes mean nothing to this package.
type Report struct {
	// Event is a step of the sign-in.
	Event []byte `json:"event,omitempty"`
	// Result is what the caller asked for, or Failure the reason why there is none.
	Result  []byte `json:"result,omitempty"`
	Failure []byte `json:"failure,omitempty"`
	// Superseded says that another process's sign-in counts instead.
	Superseded bool `json:"superseded,omitempty"`
}

// Reporter writes reports. Errors are ignored: a caller that has ended reads nothing.
type Reporter struct {
	mu sync.Mutex
	to *json.Encoder
}

// NewReporter returns the reporter of a background process; to is its standard output.
func NewReporter(to io.Writer) *Reporter { return &Reporter{to: json.NewEncoder(to)} }

// Report writes one report.
func (r *Reporter) Report(what Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.to.Encode(what)
}

// Process is a background process, as its caller sees it.
type Process struct {
	c       *Coordinator
	began   time.Time
	first   Report // read, and not handled yet
	reports <-chan Report
}

// maxStarts bounds how often a process is started again that ended before its first report. It may have been killed.
const maxStarts = 3

var errEndedAtOnce = errors.New("starting a sign-in: its process exited immediately")

// Start runs the command, and returns when it has reported its first step: other processes can see the sign-in then.
func (c *Coordinator) Start(ctx context.Context, command []string) (*Process, error) {
	for range maxStarts {
		p, err := c.start(ctx, command)
		if !errors.Is(err, errEndedAtOnce) {
			return p, err
		}
	}
	return nil, errEndedAtOnce
}

func (c *Coordinator) start(ctx context.Context, command []string) (*Process, error) {
	reports, kill, err := run(command)
	if err != nil {
		return nil, fmt.Errorf("starting a sign-in: %w", err)
	}
	select {
	case first, alive := <-reports:
		if !alive {
			return nil, errEndedAtOnce
		}
		return &Process{c: c, began: c.Now(), first: first, reports: reports}, nil
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), ErrInterrupted) { // it may not be recorded yet: withdrawing is not enough
			kill()
			c.Withdraw()
		}
		go discard(reports)
		return nil, fmt.Errorf("starting a sign-in: %w", context.Cause(ctx))
	}
}

// run starts a detached process. It does not inherit standard error: aws reads its helper's stderr to the end, and
// would wait for the person.
func run(command []string) (_ <-chan Report, kill func(), err error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = process.Detached()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	reports := make(chan Report)
	go func() {
		defer close(reports)
		decode(out, reports)
		_ = cmd.Wait() // only reaps it: the result was reported
	}()
	return reports, func() { _ = cmd.Process.Kill() }, nil // Kill fails only if the process has ended
}

// decode forwards reports until the writer ends, or writes anything else.
func decode(from io.Reader, reports chan<- Report) {
	for lines := json.NewDecoder(from); ; {
		var r Report
		if lines.Decode(&r) != nil {
			return
		}
		reports <- r
	}
}

// discard reads the remaining reports, so that the process neither blocks nor stays as a zombie.
func discard(reports <-chan Report) {
	for range reports {
	}
}

// Wait forwards events until the process reports something else, and returns that report. It returns a Superseded
// report if the process ends without one. If ctx ends first the sign-in continues and the error is a *PendingError;
// if the cause is ErrInterrupted the sign-in ends and the error is a *StoppedError.
func (p *Process) Wait(ctx context.Context, event func([]byte)) (Report, error) {
	defer func() { go discard(p.reports) }()
	for r := p.first; ; {
		switch {
		case r.Result != nil, r.Failure != nil, r.Superseded:
			return r, nil
		case r.Event != nil:
			event(r.Event)
		}
		alive := false
		select {
		case r, alive = <-p.reports:
			if !alive {
				return Report{Superseded: true}, nil
			}
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), ErrInterrupted) {
				p.c.Withdraw()
				return Report{}, &StoppedError{p.c.Host}
			}
			return Report{}, &PendingError{Host: p.c.Host, Began: p.began}
		}
	}
}
