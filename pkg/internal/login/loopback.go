package login

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/daypass/daypass/pkg/internal/connlimit"
	"github.com/daypass/daypass/pkg/internal/peercred"
)

// Limits of the open connections that have not shown our cookie: of this user, and of all other users together. A
// browser opens six to one host.
const (
	maxConns      = 32
	maxOtherConns = 8
)

// pageServer serves the pages of one sign-in or sign-out on a loopback port (RFC 8252 §7.3), to one browser of one
// user.
//
// Every local process and every web page can send requests to the port. A request that is not from that browser is
// refused with a 4xx status and changes nothing, so that nobody else can end the sign-in. Only close ends the server.
type pageServer struct {
	port   *port
	what   string // "sign-in" or "sign-out"
	cookie string // identifies the browser
	notify func(Event)
	// peer returns the user that sent a request.
	peer func(*http.Request) (peercred.Peer, error)
	// relayed says that root's connections count as this user's.
	relayed   atomic.Bool
	server    *http.Server
	connLimit connlimit.Limit
	shown     chan struct{} // closed when the last page has been written

	mu         sync.Mutex
	claimed    bool      // a browser has opened the start page
	shownOnce  sync.Once // closes shown
	secondOnce sync.Once // sends SecondBrowser
	warnOnce   sync.Once // sends the Warning about an unknown user
}

func newPageServer(p *port, what string, notify func(Event)) *pageServer {
	peers := peercred.New()
	s := &pageServer{
		port: p, what: what, cookie: rand.Text(), notify: notify, peer: peers.Request,
		connLimit: connlimit.Limit{Max: maxConns, MaxOthers: maxOtherConns, IsOther: peers.IsOther}, shown: make(chan struct{}),
	}
	s.relayed.Store(peercred.InContainer())
	return s
}

// isPerson reports whether a connection of that user is the person's. Every user can read the start page's address in
// the launcher's arguments, and another user who opens it first could sign in with their own account in place of the
// person.
//
// The rule: the person is the user that daypass runs as. If that is root, only root is. Otherwise root counts as well
// where the browser may be on another system, because a relay then connects in its place. Relays run as root in
// containers and in WSL (InContainer), and some do elsewhere (AWS Session Manager, Tailscale SSH), which matters if no
// browser was opened here. sshd forwards a port as the user that logged in.
//
// Where the system does not tell users apart, everybody is accepted, and only the first browser counts.
func (s *pageServer) isPerson(peer peercred.Peer) bool {
	return peer == peercred.Unsupported || s.isKnownPerson(peer)
}

// isKnownPerson is isPerson, but false where the system does not tell users apart.
func (s *pageServer) isKnownPerson(peer peercred.Peer) bool {
	return peer == peercred.Self || peer == peercred.Root && s.relayed.Load()
}

// serve starts the server with these pages.
func (s *pageServer) serve(pages http.Handler) {
	s.server = &http.Server{
		Handler:           pages,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.connLimit.Watch(s.server)
	for _, listener := range s.port.listeners {
		go s.server.Serve(connlimit.Listener(listener)) // returns when close closes the listener
	}
}

// close closes every connection. http.Server.Shutdown would wait seconds for connections that browsers open in advance
// and never use.
func (s *pageServer) close() {
	s.server.Close()
	s.port.close()
}

// refuseForeign refuses requests to another host name and requests other than GET. It reports whether it refused.
func (s *pageServer) refuseForeign(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case !s.port.isHost(r.Host):
		refuse(w, http.StatusMisdirectedRequest, "This is not the address of a "+s.what+".")
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		refuse(w, http.StatusMethodNotAllowed, "This page accepts only GET requests.")
	default:
		return false
	}
	return true
}

// admitTab refuses requests that are not from a browser tab, or from another user. To a request that another web page
// caused, it responds with a page where the person can continue. It reports whether the request was admitted.
func (s *pageServer) admitTab(w http.ResponseWriter, r *http.Request) bool {
	switch peer, err := s.peer(r); {
	case !isNavigation(r):
		refuse(w, http.StatusForbidden, "This page must be opened in a browser tab.")
	case err != nil:
		s.warnOnce.Do(func() {
			s.notify(Warning{Err: fmt.Errorf("a browser was refused: cannot tell which user runs it: %w", err)})
		})
		refuse(w, http.StatusServiceUnavailable, "The system did not say which user of this machine opened this page. Load it again.")
	case !s.isPerson(peer):
		s.notifySecondBrowser()
		refuse(w, http.StatusForbidden, "This "+s.what+" was started by another user of this machine.")
	case isFromAnotherPage(r):
		write(w, http.StatusOK, page{title: "Continue with the " + s.what + "?", next: s.port.path("/start"),
			lines: []string{"A link on another page opened this one. Continue only if you started the " + s.what + " in a terminal."}})
	default:
		return true
	}
	return false
}

// admitBrowser sets the cookie in the first browser and refuses every other one. It reports whether the request was
// admitted.
func (s *pageServer) admitBrowser(w http.ResponseWriter, r *http.Request) bool {
	if !s.claim(r) {
		s.notifySecondBrowser()
		refuse(w, http.StatusGone, "This "+s.what+" was already opened in another browser.")
		return false
	}
	s.setCookie(w, 0)
	return true
}

// claim reports whether the request is from the first browser, which may load the page again.
func (s *pageServer) claim(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claimed {
		return s.hasCookie(r)
	}
	s.claimed = true
	return true
}

func (s *pageServer) notifySecondBrowser() { s.secondOnce.Do(func() { s.notify(SecondBrowser{}) }) }

// cookieName contains the port because browsers store cookies by host, and several sign-ins can run at the same time.
func (s *pageServer) cookieName() string { return "daypass-" + s.port.redirect.Port() }

// setCookie sets the cookie for that many seconds, or until the browser closes if maxAge is 0.
func (s *pageServer) setCookie(w http.ResponseWriter, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: s.cookie, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// hasCookie reports whether the request has our cookie. Its connection then no longer counts towards the limit.
func (s *pageServer) hasCookie(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(s.cookieName()) {
		if equal(cookie.Value, s.cookie) {
			s.connLimit.Exempt(r)
			return true
		}
	}
	return false
}

// finish sends the last page, which has been written, before the connection may be closed.
func (s *pageServer) finish(w http.ResponseWriter) {
	http.NewResponseController(w).Flush()
	s.shownOnce.Do(func() { close(s.shown) })
}

// isNavigation distinguishes a tab from an image, a script or a frame on some page, and from a browser that prefetches
// and may discard the cookie. Each of these could otherwise take the first browser's place. Programs and old browsers
// do not send these headers (W3C Fetch Metadata; Sec-Purpose of the Fetch standard).
func isNavigation(r *http.Request) bool {
	if r.Header.Get("Sec-Purpose") != "" || r.Header.Get("Purpose") == "prefetch" {
		return false
	}
	mode, dest := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	return (mode == "" || mode == "navigate") && (dest == "" || dest == "document")
}

// isFromAnotherPage reports whether a page of another site, or of another port of this host, caused the request: a link
// in a web terminal, mail or chat, or a script. Such a page must not begin a sign-in without the person's knowledge. A
// launcher or the address bar causes «none», and the link on our own page «same-origin» (W3C Fetch Metadata §2.4).
func isFromAnotherPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "none" && site != "same-origin"
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
