package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// requestLog writes one line for each request: time, server, method, path, action, status, error code, duration and
// caller. Below a refusal it writes the explanation of the policies. It writes nothing else: no query, header or
// body, and so no token, code, key or signature.
type requestLog struct {
	server   string
	write    func(line string)
	sessions *Sessions
	now      func() time.Time
	// operation names the request's operation if its form does not; may be nil.
	operation func(*http.Request) string
}

func (l *requestLog) serve(w http.ResponseWriter, r *http.Request, h http.Handler) {
	began, form := time.Now(), formOf(r)
	line := &logLine{ResponseWriter: w, method: r.Method, path: r.URL.Path, action: l.actionOf(r, form),
		who: cmp.Or(l.signer(r), form.Get("RoleSessionName"))}
	defer func() {
		fault := recover()
		if fault != nil {
			line.outcome = "cut off"
		}
		l.write(line.text(l.now(), l.server, time.Since(began)))
		if fault != nil {
			panic(fault)
		}
	}()
	h.ServeHTTP(line, r.WithContext(context.WithValue(r.Context(), logKey{}, line)))
}

// logLine collects what is known of a request while it is handled.
type logLine struct {
	http.ResponseWriter
	method, path, action string
	outcome, code, who   string
	why                  []string
}

type logKey struct{}

// text returns the line, and one more for each explanation.
func (l *logLine) text(at time.Time, server string, took time.Duration) string {
	words := []string{at.Format("15:04:05"), fmt.Sprintf("%-7s", server), l.method, plain(l.path)}
	for _, word := range []string{l.action, cmp.Or(l.outcome, "200"), plain(l.code), fmt.Sprintf("%d ms", took.Milliseconds()), plain(l.who)} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(append([]string{strings.Join(words, " ")}, l.why...), "\n           ")
}

// WriteHeader implements http.ResponseWriter.
func (l *logLine) WriteHeader(status int) {
	l.outcome = strconv.Itoa(status)
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (l *logLine) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// logCode notes the error code of the response in the request log.
func logCode(w http.ResponseWriter, code string) {
	if line, ok := w.(*logLine); ok {
		line.code = code
	}
}

// logWhy notes in the request log why the request is refused, line by line.
func logWhy(w http.ResponseWriter, why string) {
	if line, ok := w.(*logLine); ok {
		line.explain(why)
	}
}

// explainer is logWhy for code that has only the request's context.
func explainer(ctx context.Context) func(why string) {
	line, ok := ctx.Value(logKey{}).(*logLine)
	if !ok {
		return func(string) {}
	}
	return line.explain
}

func (l *logLine) explain(why string) {
	for statement := range strings.Lines(why) {
		l.why = append(l.why, plain(strings.TrimSpace(statement)))
	}
}

// signer returns the name of the credential that signed the request. The signature may not have been verified yet.
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

// actionWord matches an action that may be logged: nothing that a secret would fit in.
var actionWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9:_-]{0,63}$`)

// actionOf returns the request's action: STS's Action, Cognito's target, OAuth's grant type, or S3's operation.
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

// formOf reads a form in advance and leaves the body as it was. It ignores bodies that are larger than any form.
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

// errorReader returns err after the data; a nil error is not the end.
type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

// plain returns the text on one line, whatever a client sent.
func plain(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(text) {
		return strconv.Quote(text)
	}
	return text
}
