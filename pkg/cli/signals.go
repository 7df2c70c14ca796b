package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/daypass/daypass/pkg/daypass"
)

// interruption is the cause of a context that a signal ended.
type interruption struct{ os.Signal }

// Error names the signal.
func (i interruption) Error() string { return i.Signal.String() }

// Is makes Ctrl-C a daypass.ErrInterrupted, which also ends a pending sign-in.
func (i interruption) Is(target error) bool {
	return target == daypass.ErrInterrupted && i.Signal == os.Interrupt
}

// untilSignal returns a context that the first signal cancels. The second signal has its default action. Notify runs in
// a goroutine because it takes a tenth of the startup time.
func untilSignal(ctx context.Context, signals ...os.Signal) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	came := make(chan os.Signal, 1)
	go func() {
		signal.Notify(came, signals...)
		select {
		case s := <-came:
			signal.Stop(came)
			cancel(interruption{s})
		case <-ctx.Done():
			signal.Stop(came)
		}
	}()
	return ctx, func() { cancel(nil) }
}

// endSignals returns the signals that end a command after it has cleaned up. Without SIGHUP, a closed terminal would
// leave the parts of an upload behind. Under nohup SIGHUP stays ignored.
func endSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
