package login

import (
	"crypto/subtle"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"
)

// serve begins to answer the browser. Nothing but close ends it: requests that are not ours are
// refused and the wait goes on, so that no local page can cancel a sign-in.
func (a *attempt) serve() { a.serveWith(a) }

func (a *attempt) serveWith(pages http.Handler) {
	a.server = &http.Server{
		Handler:           pages,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	a.limit.Watch(a.server)
	for _, listener := range a.port.listeners {
		go a.server.Serve(listener) // returns when close closes it
	}
}

// close ends every connection: http.Server.Shutdown would wait seconds for those that browsers open
// ahead and never use.
func (a *attempt) close() {
	a.server.Close()
	a.port.close()
}

// ServeHTTP knows three pages: the start, the redirect URI, and the end.
func (a *attempt) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case a.turnedAway(w, r):
	case path == a.port.path("/start"):
		a.start(w, r)
	case path == a.port.callbackPath():
		a.callback(w, r)
	case path == a.port.path("/done"):
		a.done(w, r)
	default:
		refuse(w, http.StatusNotFound, "There is nothing here.")
	}
}

// turnedAway refuses what no page of ours would send.
func (a *attempt) turnedAway(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case !a.port.answersTo(r.Host):
		refuse(w, http.StatusMisdirectedRequest, "This is not the address of a "+a.what+".")
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		refuse(w, http.StatusMethodNotAllowed, "This page can only be read.")
	default:
		return false
	}
	return true
}

// start sends the first browser that comes to the IdP, as often as it asks, and no other. The URL of
// this page is seen by every user of the machine, in the launcher's arguments; the cookie is not.
func (a *attempt) start(w http.ResponseWriter, r *http.Request) {
	if !a.isPersons(w, r) {
		return
	}
	to, err := a.authURL(r.Context())
	if r.Context().Err() != nil {
		return // the browser left while discovery was on its way, and may come again
	}
	if err != nil {
		a.lastPage(w, outcome{err: err})
		return
	}
	if a.isFirst(w, r) {
		goTo(w, http.StatusFound, to)
	}
}

// isPersons refuses what is no tab, or another user's.
func (a *attempt) isPersons(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case !isNavigation(r):
		refuse(w, http.StatusForbidden, "This page opens in a tab of its own.")
	case a.isOthers(r):
		a.tellOfSecond()
		refuse(w, http.StatusForbidden, "This "+a.what+" was started by another user of this machine.")
	default:
		return true
	}
	return false
}

// isFirst gives the first browser its cookie, and refuses every other.
func (a *attempt) isFirst(w http.ResponseWriter, r *http.Request) bool {
	if !a.claim(r) {
		a.tellOfSecond()
		refuse(w, http.StatusGone, "This "+a.what+" was already opened in another browser.")
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: a.cookieName(), Value: a.cookie, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return true
}

// tellOfSecond tells it once: what is refused over and over is no news.
func (a *attempt) tellOfSecond() { a.second.Do(func() { a.notify(SecondBrowser{}) }) }

// claim reports whether this browser is the first one.
func (a *attempt) claim(r *http.Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.started {
		return a.hasCookie(r)
	}
	a.started = true
	return true
}

// callback takes the authorization response. It is ours if it has our state and our cookie.
func (a *attempt) callback(w http.ResponseWriter, r *http.Request) {
	got, ok := readAnswer(r.URL.RawQuery, a.state)
	switch {
	case !ok:
		refuse(w, http.StatusBadRequest, "This is not an answer to the sign-in that waits here.")
	case !a.hasCookie(r):
		a.refused.Store(true)
		a.elsewhere.Do(func() { a.notify(AnswerElsewhere{}) })
		refuse(w, http.StatusForbidden, answerElsewhere...)
	default:
		a.accept(got)
		goTo(w, http.StatusSeeOther, a.port.path("/done")+"?"+a.id) // takes the code out of the address bar
	}
}

// answerElsewhere says what helps: a start page that is opened where the answer comes.
var answerElsewhere = []string{"You came back in another browser, browser profile or container than the one where this sign-in began.",
	"In the terminal: daypass login --no-browser. Open the address that it prints in this one."}

// accept passes on the first answer.
func (a *attempt) accept(got answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.answered {
		a.answered = true
		a.answers <- got
	}
}

// readAnswer reads an answer with that state. A parameter given twice makes it nobody's (RFC 6749 §3.1).
func readAnswer(query, state string) (answer, bool) {
	values, err := url.ParseQuery(query)
	if err != nil || !equal(values.Get("state"), state) {
		return answer{}, false
	}
	for _, name := range []string{"state", "code", "error", "error_description", "iss"} {
		if len(values[name]) > 1 {
			return answer{}, false
		}
	}
	got := answer{code: values.Get("code"), errorCode: values.Get("error"), description: values.Get("error_description"),
		issuer: values.Get("iss"), hasIssuer: values.Has("iss")}
	return got, (got.code == "") != (got.errorCode == "")
}

// done shows the last page when the outcome is known, as often as the tab asks. It has no secret, so the browser may
// keep it for a tab that is restored when this process is gone; the address is no other sign-in's.
func (a *attempt) done(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	answered := a.answered
	a.mu.Unlock()
	if !answered || !a.hasCookie(r) {
		refuse(w, http.StatusForbidden, "This sign-in was started in another browser.")
		return
	}
	select {
	case <-a.settled:
		http.SetCookie(w, &http.Cookie{Name: a.cookieName(), Value: a.cookie, Path: "/", MaxAge: cookieRest,
			HttpOnly: true, SameSite: http.SameSiteLaxMode})
		w.Header().Set("Cache-Control", "private, max-age=86400")
		a.lastPage(w, a.outcome)
	case <-r.Context().Done():
	}
}

// cookieRest is how many seconds the cookie outlives the first showing of the last page.
const cookieRest = 60

// lastPage writes the page and pushes it out before the connection may be closed.
func (a *attempt) lastPage(w http.ResponseWriter, o outcome) {
	w.Header().Set("Connection", "close")
	status := http.StatusOK
	p := o.page()
	if p.failed {
		status = http.StatusBadGateway
	}
	write(w, status, p)
	a.pushOut(w)
}

// pushOut has the browser get what was written, whatever becomes of the connection.
func (a *attempt) pushOut(w http.ResponseWriter) {
	http.NewResponseController(w).Flush()
	a.seen.Do(func() { close(a.shown) })
}

// cookieName has the port in it: browsers keep cookies by host, and two sign-ins may run at once.
func (a *attempt) cookieName() string { return "daypass-" + a.port.redirect.Port() }

func (a *attempt) hasCookie(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(a.cookieName()) {
		if equal(cookie.Value, a.cookie) {
			a.limit.Exempt(r)
			return true
		}
	}
	return false
}

// isNavigation tells a tab from an image, a script or a frame on some page, and from a browser that
// fetches ahead and may throw the cookie away, any of which could otherwise use the start page up.
// Programs and old browsers do not say (W3C Fetch Metadata; Sec-Purpose of the Fetch standard).
func isNavigation(r *http.Request) bool {
	if r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") == "prefetch" {
		return false
	}
	mode, dest := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	return (mode == "" || mode == "navigate") && (dest == "" || dest == "document")
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
