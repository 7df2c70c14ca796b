package login

import "sync"

// Event is what a person may want to know while a sign-in goes on: a BrowserOpening, BrowserFailed,
// SecondBrowser, AnswerElsewhere or Warning.
type Event interface{ event() }

// BrowserOpening says that the person's browser is about to be sent to StartURL, a page of this
// process that leads on to the IdP at Host. One browser can use it. SignOut says that it is for EndSession.
type BrowserOpening struct {
	StartURL, Host string
	SignOut        bool
}

// BrowserFailed says that no browser could be opened. The sign-in still waits for one.
type BrowserFailed struct{ Err error }

// SecondBrowser says that a browser other than the first came to the start page, or answered. It was
// refused, which is told once. It may be the person's other browser, or another user of this machine.
type SecondBrowser struct{}

// AnswerElsewhere says that the IdP's answer came in another browser, profile or container than the one that opened
// the start page, and was refused: it has not our cookie. That is told once.
type AnswerElsewhere struct{}

// Warning says what went wrong without harm to the sign-in.
type Warning struct{ Err error }

func (BrowserOpening) event()  {}
func (BrowserFailed) event()   {}
func (SecondBrowser) event()   {}
func (AnswerElsewhere) event() {}
func (Warning) event()         {}

// herald tells one event at a time, and nothing once the call it speaks for has returned: a browser
// launcher may outlive it.
type herald struct {
	mu     sync.Mutex
	notify func(Event)
}

func (h *herald) tell(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.notify != nil {
		h.notify(e)
	}
}

func (h *herald) hush() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notify = nil
}
