package daypass

import (
	"time"

	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/signin"
)

// Event is something a person may want to know: a BrowserOpening, BrowserFailed, SecondBrowser, AnswerElsewhere,
// PendingSignIn, Warning or Step.
type Event interface{ event() }

// BrowserOpening says that the person's browser is about to be sent to StartURL, a page of this process that leads to
// the identity provider at Host. Only one browser can use it. SignOut says that it is for Client.EndSession.
type BrowserOpening struct {
	StartURL, Host string
	SignOut        bool
}

// BrowserFailed says that no browser could be opened. The sign-in still waits for one.
type BrowserFailed struct{ Err error }

// SecondBrowser says that another browser than the first came to the sign-in page and was refused. It may be the
// person's other browser, or another user of this machine.
type SecondBrowser struct{}

// AnswerElsewhere says that the person came back in another browser, browser profile or container than the one where
// the sign-in began, and was refused.
type AnswerElsewhere struct{}

// PendingSignIn says that the client waits for the sign-in of another process, which began at Host at that time.
// First says that no other process waits for it.
type PendingSignIn struct {
	Host  string
	Began time.Time
	First bool
}

// Warning is a failure that did not prevent the result.
type Warning struct{ Err error }

// Step says what is being done: steps, hosts and durations, never a secret.
type Step struct{ Text string }

func (BrowserOpening) event()  {}
func (BrowserFailed) event()   {}
func (SecondBrowser) event()   {}
func (AnswerElsewhere) event() {}
func (PendingSignIn) event()   {}
func (Warning) event()         {}
func (Step) event()            {}

// loginEvents translates what a sign-in tells. Shown is called when a browser tab is about to open.
func (o Options) loginEvents(shown func()) func(login.Event) {
	return func(e login.Event) {
		switch e := e.(type) {
		case login.BrowserOpening:
			shown()
			o.notify(BrowserOpening(e))
		case login.BrowserFailed:
			o.notify(BrowserFailed(e))
		case login.SecondBrowser:
			o.notify(SecondBrowser{})
		case login.AnswerElsewhere:
			o.notify(AnswerElsewhere{})
		case login.Warning:
			o.notify(Warning(e))
		}
	}
}

func (o Options) pendingSignIn(on *signin.PendingError, first bool) {
	o.notify(PendingSignIn{Host: on.Host, Began: on.Began, First: first})
}
