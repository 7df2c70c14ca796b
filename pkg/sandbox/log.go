package sandbox

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// requestLog tells of requests, one line each: when, server, method, path, action, status, duration, who
// and why not. What is not named here is not in it: no query, no header, no body, so no token, code, key
// or signature.
type requestLog struct {
	server   string
	tell     func(line string)
	sessions *Sessions
	now      func() time.Time
	// operation names what a request wants where its form does not; nil: nothing does.
	operation func(*http.Request) string
}

func (l *requestLog) serve(w http.ResponseWriter, r *http.Request, h http.Handler) {
	began := time.Now()
	form := formOf(r)
	action, path := l.actionOf(r, form), r.URL.Path // before a handler changes the request
	line := &logLine{ResponseWriter: w, status: http.StatusOK, who: cmp.Or(l.signer(r), form.Get("RoleSessionName"))}
	defer func() {
		outcome := fmt.Sprint(line.status)
		if fault := recover(); fault != nil {
			outcome = "cut off"
			defer panic(fault)
		}
		words := []string{l.now().Format("15:04:05"), fmt.Sprintf("%-7s", l.server), r.Method, plain(path)}
		for _, word := range []string{action, outcome, line.why, fmt.Sprintf("%d ms", time.Since(began).Milliseconds()), plain(line.who)} {
			if word != "" {
				words = append(words, word)
			}
		}
		l.tell(strings.Join(words, " "))
	}()
	h.ServeHTTP(line, r)
}

// logLine is what is learnt about a request while it is answered.
type logLine struct {
	http.ResponseWriter
	status   int
	who, why string
}

// WriteHeader implements http.ResponseWriter.
func (l *logLine) WriteHeader(status int) {
	l.status = status
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (l *logLine) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// logWho notes in the request log who it is that asks.
func logWho(w http.ResponseWriter, who string) {
	if line, ok := w.(*logLine); ok {
		line.who = who
	}
}

// logWhy notes in the request log why the answer is what it is: an error code, a policy's statement.
func logWhy(w http.ResponseWriter, why string) {
	if line, ok := w.(*logLine); ok {
		line.why = plain(why)
	}
}

// signer is whose credential signed the request, before anybody has verified that.
func (l *requestLog) signer(r *http.Request) string {
	_, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		scope = r.URL.Query().Get("X-Amz-Credential")
	}
	key, _, _ := strings.Cut(scope, "/")
	session, _ := l.sessions.Find(key)
	_, name, _ := strings.Cut(session.Principal, ":assumed-role/")
	return name
}

// actionWord is what an action may look like to be told: nothing that a secret would fit in.
var actionWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9:_-]{0,63}$`)

// actionOf is what the request wants: STS's Action, Cognito's target, OAuth's grant type, S3's operation.
func (l *requestLog) actionOf(r *http.Request, form url.Values) string {
	if l.operation != nil {
		return l.operation(r)
	}
	_, target, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	for _, word := range []string{target, form.Get("Action"), form.Get("grant_type")} {
		if actionWord.MatchString(word) {
			return word
		}
	}
	return ""
}

// formOf reads a form ahead and leaves the body as it was. What is larger than any form of ours is not
// looked at.
func formOf(r *http.Request) url.Values {
	if r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	r.Body = readCloser{io.MultiReader(bytes.NewReader(body), errorReader{err}, r.Body), r.Body}
	form, _ := url.ParseQuery(string(body))
	return form
}

type readCloser struct {
	io.Reader
	io.Closer
}

// errorReader passes on how reading ended; a nil error is no end.
type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

// plain is text on one line, whatever a client sent.
func plain(text string) string {
	if quoted := fmt.Sprintf("%q", text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}
