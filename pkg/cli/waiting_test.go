package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// watched returns an attended terminal and its output.
func watched(app *App) (*terminal, *bytes.Buffer) {
	t := app.terminal()
	t.attended = true
	return t, app.Err.(*bytes.Buffer)
}

// A step that takes long is shown once; a short one is never shown.
func TestWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		term, shown := watched(testApp())
		term.step(broker.StepLocking)
		time.Sleep(slowAfter - time.Millisecond)
		term.step(broker.StepExchanging)
		term.step("POST sts: 200 OK in 3 ms")
		time.Sleep(slowAfter - time.Millisecond)
		term.waits.mu.Lock()
		if shown.Len() > 0 {
			t.Errorf("too early: %q", shown)
		}
		term.waits.mu.Unlock()
		time.Sleep(10 * slowAfter)
		synctest.Wait()
		if got, want := shown.String(), "Asking AWS for credentials …\n"; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
		shown.Reset()
		term.step(broker.StepRenewing)
		term.done("Signed in")
		time.Sleep(10 * slowAfter)
		synctest.Wait()
		if got := shown.String(); strings.Contains(got, "Renewing") {
			t.Errorf("shown %q after the end", got)
		}
	})
}

// No step is shown in a pipe or with --quiet. With --verbose each step is shown in another way.
func TestWaitingNotShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(*terminal){
			"a pipe":    func(term *terminal) { term.attended = false },
			"--quiet":   func(term *terminal) { term.quiet = true },
			"--verbose": func(term *terminal) { term.verbose = true },
		} {
			term, shown := watched(testApp())
			change(term)
			term.step(broker.StepRevoking)
			time.Sleep(2 * slowAfter)
			synctest.Wait()
			if shown.Len() > 0 {
				t.Errorf("%s: shown %q", name, shown)
			}
		}
	})
}

// A sign-in is not shown as a slow step: it has a prompt.
func TestWaitingEndsAtSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		term, shown := watched(testApp())
		term.step(broker.StepLocking)
		term.step(broker.StepSigningIn)
		time.Sleep(2 * slowAfter)
		synctest.Wait()
		if shown.Len() > 0 {
			t.Errorf("shown %q", shown)
		}
	})
}
