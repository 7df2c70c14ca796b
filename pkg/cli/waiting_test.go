package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// watched is a terminal where somebody looks on.
func watched(app *App) (*terminal, *bytes.Buffer) {
	t := app.terminal()
	t.attended = true
	return t, app.Err.(*bytes.Buffer)
}

// What takes long is told once; what does not, or is over, never.
func TestWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		term, shown := watched(testApp())
		term.step(broker.StepLocking)
		time.Sleep(patience - time.Millisecond)
		term.step(broker.StepExchanging)
		term.step("POST sts: 200 OK in 3 ms")
		time.Sleep(patience - time.Millisecond)
		term.waits.mu.Lock()
		if shown.Len() > 0 {
			t.Errorf("too early: %q", shown)
		}
		term.waits.mu.Unlock()
		time.Sleep(10 * patience)
		synctest.Wait()
		if got, want := shown.String(), "Asking AWS for credentials …\n"; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
		shown.Reset()
		term.step(broker.StepRenewing)
		term.done("Signed in")
		time.Sleep(10 * patience)
		synctest.Wait()
		if got := shown.String(); strings.Contains(got, "Renewing") {
			t.Errorf("shown %q after the end", got)
		}
	})
}

// Nobody is told in a pipe, or who asked for silence, or has every step told.
func TestNobodyWaits(t *testing.T) {
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
			time.Sleep(2 * patience)
			synctest.Wait()
			if shown.Len() > 0 {
				t.Errorf("%s: shown %q", name, shown)
			}
		}
	})
}

// A sign-in has a prompt of its own, and its person may take their time.
func TestSigningInIsNoWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		term, shown := watched(testApp())
		term.step(broker.StepLocking)
		term.step(broker.StepSigningIn)
		time.Sleep(2 * patience)
		synctest.Wait()
		if shown.Len() > 0 {
			t.Errorf("shown %q", shown)
		}
	})
}
