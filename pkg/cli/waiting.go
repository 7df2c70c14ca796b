package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/internal/weburl"
)

// patience is how long something may take before a person is told what it is.
const patience = 500 * time.Millisecond

// waiting tells of what takes long, once for each thing. The zero value is ready, and any goroutine may
// call it.
type waiting struct {
	mu    sync.Mutex
	timer *time.Timer
}

// begin has tell called after a while, unless end or another begin comes first.
func (w *waiting) begin(tell func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	var timer *time.Timer
	timer = time.AfterFunc(patience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.timer == timer {
			tell()
			w.timer = nil
		}
	})
	w.timer = timer
}

// end returns when nothing will be told any more.
func (w *waiting) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
}

func (w *waiting) stop() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// wait says what is being waited for, should it take long, to a person at a terminal.
func (t *terminal) wait(format string, values ...any) {
	if t.attended && !t.quiet && !t.verbose {
		text := sanitize.Text(fmt.Sprintf(format, values...))
		t.waits.begin(func() { fmt.Fprintln(t.err, t.style().dim.Render(cut(text, t.width()))) })
	}
}

// tellStep shows a step: all of them with --verbose, and on a terminal the ones that take long.
func (t *terminal) tellStep(step string) {
	switch {
	case t.verbose:
		t.say("%s", t.style().dim.Render(sanitize.Text(step)))
	case t.attended:
		t.step(step)
	}
}

// step begins to wait for what may take long. The steps of HTTP come here too, and change nothing.
func (t *terminal) step(step string) {
	switch step {
	case broker.StepLocking:
		t.wait("Waiting for another daypass …")
	case broker.StepLooking:
		t.wait("Waiting for the keyring …")
	case broker.StepRenewing:
		t.wait("Renewing the sign-in at %s …", t.host())
	case broker.StepExchanging:
		t.wait("Asking AWS for credentials …")
	case broker.StepRevoking:
		t.wait("Signing out at %s …", t.host())
	case broker.StepSigningIn: // has a prompt of its own
		t.waits.end()
	}
}

// waitingFor says whose sign-in is being waited for: to a person at a terminal and, if an SDK called many processes,
// by one of them on the terminal itself.
func (t *terminal) waitingFor(on daypass.PendingSignIn) {
	p := t.onPrompt()
	if t.attended && !t.quiet || on.First && p.err != t.err {
		p.aside(fmt.Sprintf("Waiting for the sign-in at %s, open in your browser since %s (another tab: daypass login%s) …",
			on.Host, on.Began.Local().Format("15:04"), remedy.Flags(t.flags(t.profile))))
	}
}

// host is where the person signs in.
func (t *terminal) host() string {
	return weburl.Host(t.profile.Login.Issuer, "the identity provider")
}
