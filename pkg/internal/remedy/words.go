package remedy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/weburl"
)

// InWords is the error's text as a person would say it: net/http, net and crypto/tls tell the steps of a
// program.
func InWords(err error) string {
	text := err.Error()
	replace := func(part error, words string) { text = strings.Replace(text, part.Error(), words, 1) }
	if e, ok := errors.AsType[*login.UnansweredError](err); ok {
		replace(e, "nobody came back within "+Span(e.Waited))
	}
	if e, ok := errors.AsType[*login.ClockError](err); ok {
		replace(e, map[bool]string{false: "it has expired", true: "it is not valid yet"}[e.Early])
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		replace(e, "asking "+hostOf(e.URL)+": "+e.Err.Error())
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		replace(e, ofConnection(e))
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		replace(e, e.Err)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		replace(e, strings.TrimPrefix(e.Err.Error(), "x509: "))
	}
	if timedOut(err) {
		text = lateWords.ReplaceAllString(text, "no answer in time")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = endWords.ReplaceAllString(text, "the connection ended without an answer")
	}
	return text
}

// endWords are Go's for a server that hangs up.
var endWords = regexp.MustCompile(`(unexpected )?EOF$`)

// lateWords are Go's for a deadline.
var lateWords = regexp.MustCompile(regexp.QuoteMeta(context.DeadlineExceeded.Error()) + `( \(Client\.Timeout[^)]*\))?|` +
	regexp.QuoteMeta(os.ErrDeadlineExceeded.Error()))

// ofConnection leaves out which system call it was, and both addresses: the host is told already.
func ofConnection(e *net.OpError) string {
	cause := e.Err
	if call, ok := errors.AsType[*os.SyscallError](cause); ok {
		cause = call.Err
	}
	if e.Op == "proxyconnect" {
		if inner, ok := errors.AsType[*net.OpError](cause); ok {
			return "the proxy: " + ofConnection(inner)
		}
		return "the proxy: " + cause.Error()
	}
	return cause.Error()
}

func hostOf(raw string) string { return weburl.Host(raw, "the server") }
