package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ssoSession is a user's session at the IdP in one browser. Its ID is the claim sid of its ID tokens (OpenID Connect
// Front-Channel Logout §3).
type ssoSession struct {
	id   string
	user User
	at   time.Time // when the user last signed in: the claim auth_time
}

// ssoStore holds the sessions by the value of their cookie.
type ssoStore struct {
	mu       sync.Mutex
	byCookie map[string]ssoSession
}

// begin signs the user in, in the browser of r. The same user continues the session.
func (b *ssoStore) begin(w http.ResponseWriter, r *http.Request, s *server, user User, now time.Time) ssoSession {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byCookie == nil {
		b.byCookie = map[string]ssoSession{}
	}
	cookie := s.cookieOf(r, "session")
	session, ok := b.byCookie[cookie]
	if !ok || session.user.Subject != user.Subject {
		cookie, session = random(24), ssoSession{id: random(12)}
		http.SetCookie(w, s.cookie("session", cookie))
	}
	session.user, session.at = user, now
	b.byCookie[cookie] = session
	return session
}

// current returns the session of the browser of r.
func (b *ssoStore) current(r *http.Request, s *server) (ssoSession, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	session, ok := b.byCookie[s.cookieOf(r, "session")]
	return session, ok
}

// end ends a session.
func (b *ssoStore) end(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for cookie, session := range b.byCookie {
		if session.id == id {
			delete(b.byCookie, cookie)
		}
	}
}

// answers reports whether the session is enough for an authorization request: neither prompt nor max_age (seconds)
// requires the user to sign in again (OpenID Connect Core §3.1.2.1).
func (s ssoSession) answers(form url.Values, now time.Time) bool {
	for _, prompt := range strings.Fields(form.Get("prompt")) {
		if prompt != "none" {
			return false
		}
	}
	if !form.Has("max_age") {
		return true
	}
	age, err := strconv.ParseInt(form.Get("max_age"), 10, 64)
	return err == nil && now.Sub(s.at) < time.Duration(age)*time.Second
}
