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

// slowAfter is how long a step may take before the terminal shows what it is.
const slowAfter = 500 * time.Millisecond

// waiting shows each step that takes long, once. The zero value is ready to use. It is safe for concurrent use.
type waiting struct {
	mu    sync.Mutex
	timer *time.Timer
}

// begin calls show after slowAfter, unless end or another begin comes first.
func (w *waiting) begin(show func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	var timer *time.Timer
	timer = time.AfterFunc(slowAfter, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.timer == timer {
			show()
			w.timer = nil
		}
	})
	w.timer = timer
}

// end cancels show; when it returns, show is not running.
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

// wait shows on a terminal what daypass waits for, if that takes long.
func (t *terminal) wait(format string, values ...any) {
	if t.attended && !t.quiet && !t.verbose {
		text := sanitize.Text(fmt.Sprintf(format, values...))
		t.waits.begin(func() { fmt.Fprintln(t.err, t.style().dim.Render(cut(text, t.width()))) })
	}
}

// showStep shows every step with --verbose, and on a terminal the steps that take long.
func (t *terminal) showStep(step string) {
	switch {
	case t.verbose:
		t.say("%s", t.style().dim.Render(sanitize.Text(step)))
	case t.attended:
		t.step(step)
	}
}

// step begins to wait for a step that may take long. It ignores other steps, such as HTTP requests.
func (t *terminal) step(step string) {
	switch step {
	case broker.StepLocking:
		t.wait("Waiting for another daypass …")
	case broker.StepLooking:
		t.wait("Waiting for the keyring …")
	case broker.StepRenewing:
		t.wait("Refreshing the sign-in at %s …", t.host())
	case broker.StepExchanging:
		t.wait("Asking AWS for credentials …")
	case broker.StepRevoking:
		t.wait("Signing out at %s …", t.host())
	case broker.StepSigningIn: // its prompt says so
		t.waits.end()
	}
}

// pendingSignIn shows which sign-in daypass waits for: to a person at a terminal and, if SDKs have started many processes,
// by one of them on the controlling terminal.
func (t *terminal) pendingSignIn(on daypass.PendingSignIn) {
	p := t.onPrompt()
	if t.attended && !t.quiet || on.First && p.err != t.err {
		p.dimmed(fmt.Sprintf("Waiting for the sign-in at %s, open in your browser since %s (for another tab: daypass login%s) …",
			on.Host, on.Began.Local().Format("15:04"), remedy.Flags(t.flags(t.profile))))
	}
}

// host returns the host of the issuer.
func (t *terminal) host() string {
	return weburl.Host(t.profile.Login.Issuer, "the identity provider")
}
