package login

import "sync"

// Event is something that the person may want to know during a sign-in or sign-out: a BrowserOpening, BrowserFailed,
// SecondBrowser, AnswerElsewhere or Warning.
type Event interface{ event() }

// BrowserOpening says that the person's browser is about to open StartURL, a page of this process that redirects to the
// IdP at Host. Only one browser can use it. SignOut says that it is for EndSession.
type BrowserOpening struct {
	StartURL, Host string
	SignOut        bool
}

// BrowserFailed says that no browser could be opened. The sign-in still waits for one.
type BrowserFailed struct{ Err error }

// SecondBrowser says that a second browser opened the start page and was refused. It may be another browser of the
// person, or another user of this machine. It is sent once.
type SecondBrowser struct{}

// AnswerElsewhere says that the IdP's response came in another browser, browser profile or container than the one that
// opened the start page, and was refused because it lacks our cookie. It is sent once.
type AnswerElsewhere struct{}

// Warning is a failure that does not stop the sign-in.
type Warning struct{ Err error }

func (BrowserOpening) event()  {}
func (BrowserFailed) event()   {}
func (SecondBrowser) event()   {}
func (AnswerElsewhere) event() {}
func (Warning) event()         {}

// notifier sends one event at a time, and none after stop: a browser launcher may still be running when the call that
// started it has returned.
type notifier struct {
	mu     sync.Mutex
	notify func(Event)
}

func (n *notifier) send(e Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.notify != nil {
		n.notify(e)
	}
}

func (n *notifier) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notify = nil
}
