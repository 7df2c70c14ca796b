package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

// An answer in another browser container is shown to the person, also if the sign-in runs in a background process.
func TestAnswerElsewhere(t *testing.T) {
	t.Parallel()
	app := testApp()
	app.terminal().event(daypass.AnswerElsewhere{})
	shown := app.Err.(*bytes.Buffer).String()
	for _, want := range []string{"another browser, browser profile or container", "daypass login --no-browser"} {
		if !strings.Contains(strings.Join(strings.Fields(shown), " "), want) {
			t.Errorf("shown %q, want %q in it", shown, want)
		}
	}
	other := testApp()
	other.background(profile.Profile{}, other.terminal()).Event(encode(app.terminal().message(daypass.AnswerElsewhere{})))
	if got := other.Err.(*bytes.Buffer).String(); got != shown {
		t.Errorf("the caller shows %q, want %q", got, shown)
	}
}

// The caller of a background process shows the process's events as if they were its own.
func TestBackgroundEvents(t *testing.T) {
	t.Parallel()
	for _, e := range []daypass.Event{
		daypass.BrowserOpening{StartURL: "http://127.0.0.1:1/start", Host: "idp.example.com"},
		daypass.BrowserFailed{Err: errNoBrowser}, daypass.BrowserFailed{Err: errNoneHere}, daypass.BrowserFailed{Err: errOpenQuote},
		daypass.SecondBrowser{}, daypass.AnswerElsewhere{}, daypass.Warning{Err: errOpenQuote}, daypass.Step{Text: "asking"},
	} {
		own, other := testApp(), testApp()
		own.global.verbose, other.global.verbose = true, true
		own.terminal().event(e)
		other.background(profile.Profile{}, other.terminal()).Event(encode(own.terminal().message(e)))
		if got, want := other.Err.(*bytes.Buffer).String(), own.Err.(*bytes.Buffer).String(); got != want {
			t.Errorf("%#v: the caller shows %q, want %q", e, got, want)
		}
	}
}
